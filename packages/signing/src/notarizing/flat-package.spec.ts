import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtempSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { deflateSync } from 'node:zlib';
import type { MachOVerification } from '@waybill/binary';
import { hashBytes } from '@waybill/core';
import { skipUnless, temporaryFolder } from '@waybill/core/testing';
import type { ExecutorRun } from '@waybill/plugin-kit/testing';
import { buildDiskImage, installerId, signedPackage } from '../testing/images';
import { useImageNotary } from '../testing/run-notarize';
import { toolWorks } from '../testing/test-keys';
import { signatureOfDiskImage } from '../images/judge-image';
import { writeStapledImage } from '../images/write-stapled-image';
import { recordedDiskImage } from '../testing/rcodesign-under-test';
import { readFlatPackage, stapleFlatPackage, type FlatPackage } from './flat-package';

const folder = temporaryFolder();
const apple = useImageNotary();

interface Recipe {
  style?: string;
  /** Of the table of contents, in place of its own. */
  digest?: Buffer;
  words?: string;
}

/** A package by hand: header, table of contents, its digest, content. */
function buildPackage({ style = 'sha1', digest, words }: Recipe = {}): Buffer {
  const text = words ?? `<xar><toc><checksum style="${style}"><size>20</size><offset>0</offset></checksum><file id="1"/></toc></xar>`;
  const table = deflateSync(Buffer.from(`<?xml version="1.0"?>${text}`));
  const header = Buffer.alloc(28);
  header.write('xar!');
  header.writeUInt16BE(28, 4);
  header.writeUInt16BE(1, 6);
  header.writeBigUInt64BE(BigInt(table.length), 8);
  return Buffer.concat([header, table, digest ?? createHash(style).update(table).digest(), Buffer.from('what it installs')]);
}

function read(bytes: Uint8Array): ReturnType<typeof readFlatPackage> {
  const path = join(folder.path, 'app.pkg');
  writeFileSync(path, bytes);
  return readFlatPackage(path);
}

it.each(['sha1', 'sha256'])('reads what a package is known by (%s), and takes a ticket on and off', async (style) => {
  const bytes = buildPackage({ style });
  const [plain, path] = [read(bytes) as FlatPackage, join(folder.path, 'app.pkg')];
  const table = bytes.subarray(28, 28 + Number(bytes.readBigUInt64BE(8)));
  const cdhash = createHash(style).update(table).digest('hex').slice(0, 40);
  expect(plain).toEqual({ hash: { hashType: style === 'sha1' ? 1 : 2, cdhash }, contentBytes: bytes.length });
  const [once, twice] = ['once.pkg', 'twice.pkg'].map((name) => join(folder.path, name));
  await stapleFlatPackage(path, plain, Buffer.from('s8ch first'), once!);
  const stapled = readFlatPackage(once!) as FlatPackage;
  expect(stapled).toEqual({ ...plain, ticket: Buffer.from('s8ch first') });
  await stapleFlatPackage(once!, stapled, Buffer.from('s8ch the second'), twice!);
  expect(readFlatPackage(twice!)).toEqual({ ...plain, ticket: Buffer.from('s8ch the second') });
  expect(readFileSync(twice!).subarray(0, bytes.length).equals(bytes)).toBe(true);
  expect(statSync(twice!).size).toBe(bytes.length + 32 + 's8ch the second'.length);
});

skipUnless(toolWorks('bsdtar', ['--version']), 'bsdtar is not installed')('reads what another program packs', async () => {
  const place = mkdtempSync(join(folder.path, 'xar-'));
  writeFileSync(join(place, 'a.txt'), 'a\n');
  execFileSync('bsdtar', ['--format=xar', '-cf', 'a.pkg', 'a.txt'], { cwd: place });
  expect(readFlatPackage(join(place, 'a.pkg'))).toMatchObject({ hash: { hashType: 1 }, contentBytes: statSync(join(place, 'a.pkg')).size });
});

const end = (type: number, length: number): Buffer => {
  const bytes = Buffer.from('t8lr\u0001\0\0\0\0\0\0\0\0\0\0\0', 'latin1');
  bytes.writeUInt16LE(type, 6);
  bytes.writeUInt32LE(length, 8);
  return bytes;
};
const flipped = (at: number): Buffer => {
  const bytes = buildPackage();
  bytes[at]! ^= 1;
  return bytes;
};
const BROKEN: readonly [what: string, bytes: () => Buffer, said: string][] = [
  ['a file that is none', () => Buffer.from('#!/bin/sh\necho this is no package at all\n'), 'no xar archive'],
  ['one that is cut off in its header', () => buildPackage().subarray(0, 20), 'ends inside of the header'],
  ['one that is cut off in its table', () => buildPackage().subarray(0, 60), 'ends inside of the table'],
  ['one that is cut off behind its table', () => buildPackage().subarray(0, -20), 'ends inside of the digest'],
  ['a size that no package has', () => flipped(8), 'sizes that no package has'],
  ['a table of other bytes', () => flipped(28 + 30), 'table of contents'],
  ['the digest of another table', () => buildPackage({ digest: Buffer.alloc(20) }), 'another digest'],
  ['a table without a digest', () => buildPackage({ words: '<xar><toc/></xar>' }), 'names no digest'],
  ['a digest of another kind', () => buildPackage({ style: 'md5' }), 'is md5, expected sha1 or sha256'],
  ['a ticket without a beginning', () => Buffer.concat([buildPackage(), Buffer.from('s8ch'), end(2, 4)]), 'has no beginning'],
  ['a ticket that is longer than the file', () => Buffer.concat([buildPackage(), end(2, 0xffffff)]), 'has no beginning'],
];
it.each(BROKEN)('refuses %s', (_, bytes, said) => {
  expect(read(bytes())).toEqual({ broken: expect.stringContaining(said) as string });
});

async function notarize(content: Uint8Array, options: object = {}, name = 'app.pkg'): Promise<ExecutorRun> {
  const run = await apple.notarize({ name, content, options });
  return run;
}

it('a package is sent as it is, and takes its ticket behind it; without `staple` it stays as it is', async () => {
  const content = signedPackage(installerId(), { style: 'sha256' });
  const { hash } = read(content) as FlatPackage;
  const run = await notarize(content);
  expect(run.success ? '' : run.output).toBe('');
  expect(apple.notary.judged).toEqual([hashBytes(content)]);
  const stapled = readFlatPackage(join(run.folder, 'app.pkg')) as FlatPackage;
  expect(stapled.ticket!.toString()).toBe(`s8ch stand-in ticket for ${hash.cdhash}`);
  const sha256 = hashBytes(readFileSync(join(run.folder, 'app.pkg')));
  expect(run.record).toMatchObject({
    artifacts: [{ name: 'app.pkg', kind: 'pkg', ships: true, sha256 }],
    facts: { notarized: [{ ticket: 'stapled' }] },
  });
  const plain = await notarize(content, { staple: false });
  expect(plain.record).toMatchObject({ artifacts: [], facts: { notarized: [{ ticket: 'online' }] } });
});

it('a signed disk image takes its ticket into its signature, which holds as before; without `staple` it stays as it is', async () => {
  const content = recordedDiskImage();
  const run = await notarize(content, {}, 'app.dmg');
  expect(run.success ? '' : run.output).toBe('');
  const [plain, stapled] = [join(folder.path, 'plain.dmg'), join(run.folder, 'app.dmg')];
  writeFileSync(plain, content);
  const read = (path: string): MachOVerification => {
    const signature = signatureOfDiskImage(path, Date.now());
    if (signature.state !== 'read') throw new Error(signature.state);
    return signature.verification;
  };
  const [before, after] = [read(plain), read(stapled)];
  expect(after.problems).toEqual([]);
  expect(after.directories).toEqual(before.directories.map((one) => ({ ...one })));
  const ticket = `s8ch stand-in ticket for ${before.directories[0]!.cdhash}`;
  expect(readFileSync(stapled).includes(ticket)).toBe(true);
  expect(run.record).toMatchObject({ artifacts: [{ name: 'app.dmg', kind: 'dmg' }], facts: { notarized: [{ ticket: 'stapled' }] } });
  // a later ticket takes the place of the older one
  await writeStapledImage(stapled, Buffer.from('s8ch later'), join(folder.path, 'again.dmg'));
  expect(read(join(folder.path, 'again.dmg')).problems).toEqual([]);
  const again = readFileSync(join(folder.path, 'again.dmg'));
  expect([again.includes('s8ch later'), again.includes(ticket)]).toEqual([true, false]);
  const left = await notarize(content, { staple: false }, 'app.dmg');
  expect(left.record).toMatchObject({ artifacts: [], facts: { notarized: [{ ticket: 'online' }] } });
});

it('a disk image that is not signed is sent where no ticket is to be put into it, with a warning', async () => {
  const run = await notarize(buildDiskImage(), { staple: false }, 'app.dmg');
  expect(run.record).toMatchObject({ artifacts: [], facts: { notarized: [{ name: 'app.dmg', status: 'Accepted', ticket: 'online' }] } });
  expect(run.report!.findings).toMatchObject([{ check: 'signature', level: 'warning', path: 'app.dmg' }]);
  expect(run.output).toContain('app.dmg: accepted');
});

it('a package whose ticket is not given out yet is pending; a damaged one is told, and not sent', async () => {
  apple.notary.ticketDelay = 1_000;
  const waiting = await notarize(signedPackage(installerId()));
  expect(waiting.report).toMatchObject({ outcome: 'pending' });
  const sent = apple.notary.submissions.size;
  const broken = await notarize(buildPackage().subarray(0, 60));
  expect(broken.report).toMatchObject({ findings: [{ check: 'package', level: 'error', path: 'app.pkg' }] });
  expect({ success: broken.success, sent: apple.notary.submissions.size }).toEqual({ success: false, sent });
});
