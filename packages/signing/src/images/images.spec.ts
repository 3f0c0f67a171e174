import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { hashBytes } from '@waybill/core';
import { temporaryFolder } from '@waybill/core/testing';
import type { ExecutorRequest, ExecutorRun } from '@waybill/plugin-kit/testing';
import { certificateDigest } from '../macho/read-code-file';
import { buildDiskImage, buildPackage, signedDiskImage } from '../testing/images';
import { developerId, TEAM } from '../testing/macos-bundle';
import { placeRcodesign, realRcodesign, recordedInstallerKey, recordedKey, runApple } from '../testing/rcodesign-under-test';
import { removeRuns } from '../testing/run-sign';
import { useRecordedServers } from '../testing/timestamp-authority';
import { problemOfImage, type WantedImage } from './judge-image';

const folder = temporaryFolder();
const real = realRcodesign();
/** `WAYBILL_RECORD=1` makes the recordings that are missing, where rcodesign is installed. */
const recording = process.env['WAYBILL_RECORD'] === '1' ? real : undefined;
const servers = useRecordedServers(real !== undefined);
afterEach(removeRuns);

const fingerprintOf = (pem: string): string => certificateDigest(Buffer.from(pem.split('-----')[2]!.replace(/\s/g, ''), 'base64'));
const CONTENT = { dmg: buildDiskImage(), pkg: buildPackage() };
const KEYS = { dmg: recordedKey(), pkg: recordedInstallerKey() };
/** The part of a code signature; signed data. */
const CMS_BEGINS = { dmg: Buffer.from('fade0b01', 'hex'), pkg: Buffer.from('06092a864886f70d010702', 'hex') };
const MOST_CMS_BYTES = 12_000;
type Kind = keyof typeof CONTENT;
const wantedOf = (kind: Kind): WantedImage => ({
  ...{ kind, fingerprint: fingerprintOf(KEYS[kind].certificates), identifier: 'app-1.0' },
});

function sign(kind: Kind, { certificates, key } = KEYS[kind], options: object = {}, request: ExecutorRequest = {}): Promise<ExecutorRun> {
  const upstream = [
    { target: 'package-macos', stage: 'package', artifacts: [{ name: `app-1.0.${kind}`, kind, content: CONTENT[kind], platform: 'macos-aarch64' }] },
  ];
  return runApple(
    { artifacts: [kind], certificateEnv: 'CERT', keyEnv: 'KEY', timestampUrls: servers(), ...options },
    { CERT: certificates, KEY: key },
    Buffer.from('unused'),
    {
      bin: placeRcodesign(folder.path, recording),
      upstream,
      ...request,
    },
  );
}

function problemOf(bytes: Uint8Array, kind: Kind, change: Partial<WantedImage> = {}): string | undefined {
  writeFileSync(join(folder.path, 'judged'), bytes);
  return problemOfImage(join(folder.path, 'judged'), { ...wantedOf(kind), ...change }, Date.now());
}

describe.each<Kind>(['dmg', 'pkg'])('%s', (kind) => {
  const name = `app-1.0.${kind}`;

  it('is signed as a whole with a timestamp, read back, and kept by a second run', async () => {
    const run = await sign(kind);
    expect(run.success ? '' : run.output).toBe('');
    const bytes = readFileSync(join(run.folder, name));
    expect(problemOf(bytes, kind)).toBeUndefined();
    expect(run.record).toMatchObject({
      artifacts: [{ name, kind, sha256: hashBytes(bytes), madeFrom: [`sha256:${hashBytes(CONTENT[kind])}`] }],
      facts: { signatures: [{ name, backend: 'apple', fingerprint: wantedOf(kind).fingerprint, files: 1 }] },
    });
    const again = await sign(kind, KEYS[kind], {}, { again: run });
    expect(again.report!.report).toMatchObject({ files: [{ made: [], kept: [name] }] });
    expect(readFileSync(join(again.folder, name))).toEqual(bytes);
  });

  it('finds a flipped byte wherever it is, another certificate, and no signature', async () => {
    const bytes = readFileSync(join((await sign(kind)).folder, name));
    const unnoticed: number[] = [];
    for (let at = 0; at < bytes.length; at += 97) {
      const changed = Buffer.from(bytes);
      changed[at]! ^= 1;
      if (problemOf(changed, kind) === undefined) unnoticed.push(at);
    }
    // certificates of authorities come along in the CMS bytes, and what a root says of itself is not looked at: the signer is the same all the same
    const cms = bytes.indexOf(CMS_BEGINS[kind]);
    expect(unnoticed.filter((at) => at < cms || at > cms + MOST_CMS_BYTES)).toEqual([]);
    expect(unnoticed.length).toBeLessThan(15);
    expect(problemOf(bytes, kind, { fingerprint: 'ab'.repeat(32) })).toContain('it is by');
    expect(problemOf(CONTENT[kind], kind)).toMatch(/is not signed/);
    expect(problemOf(Buffer.from('#!/bin/sh'), kind)).toMatch(/disk image|header/);
  });
});

it('a disk image may name the team of its signer, and no other', () => {
  const people = developerId();
  const fingerprint = certificateDigest(people.signer.certificate);
  const image = signedDiskImage(people, { identifier: 'app-1.0' });
  expect(problemOf(image, 'dmg', { fingerprint, team: TEAM })).toBeUndefined();
  expect(problemOf(image, 'dmg', { fingerprint })).toBe(`it is of team ${TEAM}, expected none`);
  expect(problemOf(signedDiskImage(people, { identifier: 'app-1.0', team: undefined as never }), 'dmg', { fingerprint, team: TEAM })).toBeUndefined();
});

it('says which certificate is needed: a package takes one for installers, all else one for applications', async () => {
  for (const [kind, key, expected] of [
    ['pkg', KEYS.dmg, 'expected one “Developer ID Installer”'],
    ['dmg', KEYS.pkg, 'expected one “Developer ID Application”'],
  ] as const) {
    const { success, output, files } = await sign(kind, key);
    expect({ success, output, files }).toMatchObject({
      success: false,
      output: expect.stringContaining('SIGN_CERTIFICATE_KIND') as string,
      files: ['report.json'],
    });
    expect(output).toContain(expected);
  }
});

it('is not signed ad-hoc', async () => {
  const adHoc = await sign('dmg', KEYS.dmg, { certificateEnv: undefined, keyEnv: undefined, timestampUrls: undefined, adHoc: true });
  expect(adHoc.output).toContain('SIGN_FILE_KIND');
});
