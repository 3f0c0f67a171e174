import { makeAppleCms } from '@waybill/binary/testing';
import type { ExecutorRun } from '@waybill/plugin-kit/testing';
import { hashBytes } from '@waybill/core';
import { buildDiskImage, buildPackage, installerId, signedDiskImage, signedPackage } from '../../testing/images';
import { developerId, TEAM } from '../../testing/macos-bundle';
import { useImageNotary } from '../../testing/run-notarize';

const apple = useImageNotary();

/** By the record of `sign`, the team whose code is in the image. */
const SIGNED = (team: string): object => ({ signatures: [{ name: 'app.tar.gz', backend: 'apple', fingerprint: 'ab'.repeat(32), team }] });

async function look(name: string, content: Uint8Array, options: object = {}, facts: object = {}): Promise<ExecutorRun> {
  const run = await apple.notarize({ name, content, options, facts: facts as never });
  return run;
}

/** Each finding with what was expected; nothing may have been sent. */
async function found(...request: Parameters<typeof look>): Promise<readonly string[]> {
  const run = await look(...request);
  expect([run.files, apple.notary.requests]).toEqual([['report.json'], []]);
  expect(run.report!.findings.every(({ path, level, fix }) => path === request[0] && level === 'error' && fix !== undefined)).toBe(true);
  return run.report!.findings.map(({ check, expected, message }) => `${check}: ${expected ?? message}`);
}

const application = developerId();
const installer = installerId();
const OTHER_TEAM = { organizationalUnit: 'OTHER12345' };
const flipped = (bytes: Buffer, at: number): Buffer => {
  const changed = Buffer.from(bytes);
  changed[at]! ^= 1;
  return changed;
};

describe.each([
  ['app.dmg', application, signedDiskImage, buildDiskImage(), 'Developer ID Application', developerId(OTHER_TEAM), installer],
  ['app.pkg', installer, signedPackage, buildPackage(), 'Developer ID Installer', installerId(OTHER_TEAM), application],
] as const)('%s', (name, people, signed, unsigned, kind, others, ofOtherKind) => {
  it('is sent when all is in order, and of the team of the code in it', async () => {
    const content = signed(people);
    const run = await look(name, content, { team: TEAM }, SIGNED(TEAM));
    expect(run.success ? '' : run.output).toBe('');
    expect(apple.notary.judged).toEqual([hashBytes(content)]);
    expect((await look(name, content, {}, SIGNED(TEAM))).success).toBe(true);
  });

  it('without a signature is not sent', async () => {
    expect(await found(name, unsigned)).toEqual([expect.stringMatching(/^signature: `app\....` is not signed/)]);
  });

  it('that was changed since is not sent', async () => {
    const content = signed(people);
    // of the image the middle, of the package the file at its end
    const at = name === 'app.dmg' ? 5_000 : content.length - 3;
    expect(await found(name, flipped(content, at))).toEqual([expect.stringMatching(/^signature: .* has a signature that does not hold: /)]);
  });

  it('by another kind of certificate is not sent', async () => {
    expect(await found(name, signed(ofOtherKind))).toContain(`developer-id: ${kind}`);
  });

  it('by a certificate that is not Apple’s is not sent to Apple', async () => {
    expect(await found(name, signed(people), { endpoints: {} })).toEqual(['developer-id: a chain up to Apple Root CA, inside of the signature']);
  });

  it('without a secure timestamp is not sent', async () => {
    expect(await found(name, signed(people, {}, null))).toEqual([expect.stringMatching(/^secure-timestamp: /)]);
  });

  it('of another team than the code in it, or than the option says, is not sent', async () => {
    expect(await found(name, signed(others), {}, SIGNED(TEAM))).toContain(`team: ${TEAM}`);
    expect(await found(name, signed(people), { team: OTHER_TEAM.organizationalUnit }, SIGNED(TEAM))).toEqual([`team: OTHER12345`]);
  });

  it('with several faults is told all of them at once', async () => {
    const content = signed(developerId({ ...OTHER_TEAM, criticalExtension: '1.2.840.113635.100.6.1.2' }), {}, null);
    const checks = (await found(name, flipped(content, name === 'app.dmg' ? 5_000 : content.length - 3), {}, SIGNED(TEAM))).map(
      (line) => line.split(':')[0],
    );
    expect([...new Set(checks)]).toEqual(['signature', 'developer-id', 'team', 'secure-timestamp']);
  });
});

it('a disk image that is ad-hoc, or cannot be read, is not sent', async () => {
  expect(await found('app.dmg', signedDiskImage(application, { flags: 2, cms: () => new Uint8Array(0) }))).toEqual([
    'signature: `app.dmg` is signed by nobody (ad-hoc)',
  ]);
  expect(await found('app.dmg', Buffer.from('no disk image'))).toEqual([expect.stringMatching(/^signature: .* cannot be read: /)]);
});

it('a package whose signature is over other bytes, or is none, is not sent', async () => {
  const over = (content: Buffer): Buffer =>
    buildPackage({ sign: () => Buffer.from(makeAppleCms(installer, [content], { stampedAt: Date.now() - 86_400_000 })) });
  expect(await found('app.pkg', over(Buffer.alloc(20, 1)))).toEqual([expect.stringMatching(/^signature: .* does not hold: /)]);
  expect(await found('app.pkg', buildPackage({ sign: () => Buffer.from('no signature') }))).toEqual([
    expect.stringMatching(/^signature: .* cannot be read: /),
  ]);
  expect(await found('app.pkg', Buffer.from('no package'))).toEqual([expect.stringMatching(/^package: /)]);
});

it('refuses a team that is none', async () => {
  const refused = await look('app.dmg', signedDiskImage(application), { team: 'team' });
  expect(refused.output).toContain('OPTION_INVALID');
});
