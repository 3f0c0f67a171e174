import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { temporaryFolder } from '@waybill/core/testing';
import { certificateDigest, readCodeFile } from '../macho/read-code-file';
import { CODE, developerId, linkerSigned, signedCode, TEAM } from '../testing/macos-bundle';
import { RECORDINGS } from '../testing/rcodesign-under-test';
import { codeDigest } from './code-digest';
import { comparable, NO_ENTITLEMENTS, readEntitlements, withForeignLibraries } from './entitlements';
import { problemOfSignature, type WantedSignature } from './judge-signature';
import { argumentsOf } from './rcodesign';

const folder = temporaryFolder();
const people = developerId();
const FINGERPRINT = certificateDigest(people.signer.certificate);
const WANTED: WantedSignature = { fingerprint: FINGERPRINT, team: TEAM, identifier: 'app', hardenedRuntime: true };

function place(bytes: Uint8Array, name = 'x'): string {
  const file = join(folder.path, name);
  writeFileSync(file, bytes);
  return file;
}

const problemOf = (bytes: Uint8Array, wanted: Partial<WantedSignature> = {}): string | undefined =>
  problemOfSignature(readCodeFile(place(bytes), Date.now()), { ...WANTED, ...wanted });

describe('a signature that is read back', () => {
  const JIT = '<plist><dict><key>com.apple.security.cs.allow-jit</key><true/></dict></plist>';
  const sign = (recipe: Parameters<typeof signedCode>[2] = {}): Uint8Array => signedCode(people, {}, { identifier: 'app', ...recipe });
  const flipped = (): Uint8Array => {
    const bytes = sign();
    bytes[1_500]! ^= 1;
    return bytes;
  };

  it('counts when it is what was asked for', () => {
    expect(problemOf(sign())).toBeUndefined();
    expect(problemOf(sign({ entitlements: JIT }), { entitlements: `<?xml version="1.0"?>\n${JIT.replaceAll('><', '>\n  <')}` })).toBeUndefined();
    expect(
      problemOf(signedCode(people, {}, { identifier: 'app', cms: () => new Uint8Array(0), flags: 2 }), {
        fingerprint: undefined,
        hardenedRuntime: false,
      }),
    ).toBeUndefined();
  });

  it.each<[string, () => Uint8Array, Partial<WantedSignature>, string]>([
    ['by somebody else', () => signedCode(developerId(), {}, { identifier: 'app' }), {}, 'it is by'],
    [
      'ad-hoc, posing as signed',
      () => linkerSigned({ fileType: 2 }),
      { identifier: 'org.example.test', hardenedRuntime: false },
      'nobody has signed it',
    ],
    ['by somebody, where ad-hoc was asked for', () => sign({ flags: 0 }), { fingerprint: undefined, hardenedRuntime: false }, 'expected ad-hoc'],
    ['over other bytes', flipped, {}, 'pages differ'],
    ['of another team', () => sign(), { team: 'OTHER12345' }, 'of team TEAM123456'],
    ['under another name', () => sign(), { identifier: 'python3' }, 'it names `app`'],
    ['without the hardened runtime', () => sign({ flags: 0 }), {}, 'does not ask for the hardened runtime'],
    ['with the runtime of an older signature', () => sign(), { hardenedRuntime: false }, 'asks for the hardened runtime'],
    ['with entitlements of an older signature', () => sign({ entitlements: JIT }), {}, 'its entitlements are'],
    ['without its entitlements', () => sign(), { entitlements: JIT }, 'expected <plist>'],
    ['without a timestamp', () => sign({ stampedAt: null }), {}, 'no timestamp'],
    ['that is none', () => Buffer.from('text'), {}, 'no Mach-O file'],
  ])('does not count %s', (_, make, wanted, said) => expect(problemOf(make(), wanted)).toContain(said));
});

describe('the digest of code apart from its signature', () => {
  it('is the same before and after rcodesign, whoever has signed, and another one of other code', () => {
    const inputs = Object.entries(CODE).map(([path, recipe]) => [path, codeDigest(place(linkerSigned(recipe)))] as const);
    expect(new Set(inputs.map(([, digest]) => digest)).size).toBe(inputs.length);
    const outputs = readdirSync(RECORDINGS)
      .filter((name) => name.endsWith('.macho'))
      .map((name) => codeDigest(join(RECORDINGS, name)));
    for (const [path, digest] of inputs) expect({ path, signed: outputs.filter((one) => one === digest).length > 1 }).toEqual({ path, signed: true });
    expect(codeDigest(place(Buffer.from('text')))).toBeUndefined();
  });

  it('differs for one flipped byte', () => {
    const bytes = linkerSigned(CODE['app']!);
    const before = codeDigest(place(bytes));
    bytes[2_000]! ^= 1;
    expect(codeDigest(place(bytes))).not.toBe(before);
  });
});

it('a flipped byte in what rcodesign has signed is found', () => {
  const names = readdirSync(RECORDINGS).filter((name) => name.endsWith('.macho'));
  for (const name of names) {
    const bytes = readFileSync(join(RECORDINGS, name));
    bytes[500]! ^= 1;
    const code = readCodeFile(place(bytes), Date.now());
    const found =
      code?.kind !== 'macho' || code.slices.some(({ signature }) => signature.state !== 'read' || signature.verification.problems.length > 0);
    expect({ name, found }).toEqual({ name, found: true });
  }
});

it('entitlements are checked, compared by what they say, and take library validation off', () => {
  expect(() => readEntitlements('bplist00…', 'a.plist')).toThrow(expect.objectContaining({ code: 'SIGN_ENTITLEMENTS' }));
  expect(comparable(NO_ENTITLEMENTS)).toBe('<plist version="1.0"><dict/></plist>');
  const off = withForeignLibraries(NO_ENTITLEMENTS);
  expect(comparable(off)).toBe('<plist version="1.0"><dict><key>com.apple.security.cs.disable-library-validation</key><true/></dict></plist>');
  expect(withForeignLibraries(off)).toBe(off);
  expect(comparable(withForeignLibraries('<plist version="1.0"><dict/></plist>'))).toBe(comparable(off));
});

it.each([
  [{}, ['--timestamp-url', 'none', '--binary-identifier', 'a.b', 'in', 'out']],
  [
    { team: TEAM, hardenedRuntime: true, entitlements: 'e.plist', timestampUrl: 'http://t' },
    [
      '--timestamp-url',
      'http://t',
      '--binary-identifier',
      'a.b',
      '--team-name',
      TEAM,
      '--code-signature-flags',
      'runtime',
      '--entitlements-xml-file',
      'e.plist',
      'in',
      'out',
    ],
  ],
])('the command line of rcodesign says everything that it would guess', (more, rest) => {
  const request = { input: 'in', output: 'out', identifier: 'a.b', hardenedRuntime: false, ...more };
  expect(argumentsOf(request, ['--pem-file', 'k'])).toEqual(['sign', '-C', '/dev/null', '--pem-file', 'k', ...rest]);
});
