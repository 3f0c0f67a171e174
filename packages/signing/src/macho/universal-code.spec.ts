import { mkdtempSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { buildUniversal, type Authorities } from '@waybill/binary/testing';
import { readTree } from '@waybill/core';
import { temporaryFolder } from '@waybill/core/testing';
import { problemOfSignature } from '../apple/judge-signature';
import { signCodeTree } from '../apple/sign-code-tree';
import { timestampServers } from '../inside/timestamp-servers';
import { judgeCode } from '../notarizing/preflight/judge-code';
import { developerId, linkerSigned, signedCode, TEAM } from '../testing/macos-bundle';
import { certificateDigest, readCodeFile, type CodeReading } from './read-code-file';

const folder = temporaryFolder();
const [people, others] = [developerId(), developerId({ commonName: 'Developer ID Application: Other', organizationalUnit: 'OTHER12345' })];
const WANTED = {
  ...{ fingerprint: certificateDigest(people.signer.certificate), team: TEAM, identifier: 'app', hardenedRuntime: true },
};
const INTEL = { fileType: 2, cpuType: 0x01000007 };
const ARM = { fileType: 2, cpuType: 0x0100000c };

const signed = (by: Authorities, recipe: typeof ARM): Uint8Array =>
  signedCode(by, recipe, { identifier: 'app', team: by === people ? TEAM : 'OTHER12345' });

function place(first: Uint8Array, second: Uint8Array, bits: 32 | 64): string {
  const file = join(mkdtempSync(join(folder.path, 'universal-')), 'app');
  writeFileSync(
    file,
    buildUniversal(
      [
        { bytes: first, cpuType: INTEL.cpuType },
        { bytes: second, cpuType: ARM.cpuType },
      ],
      bits,
    ),
  );
  return file;
}

type Code = Exclude<CodeReading, undefined>;
const read = (file: string): Code => readCodeFile(file, Date.now())!;
const flipped = (bytes: Uint8Array): Uint8Array => {
  const other = Uint8Array.from(bytes);
  other[1_500]! ^= 1;
  return other;
};

const POLICY = { appleRoot: false, teams: [TEAM] };

it.each([32, 64] as const)('code for two architectures counts when both are signed as wanted (%i-bit table)', (bits) => {
  const code = read(place(signed(people, INTEL), signed(people, ARM), bits));
  expect([problemOfSignature(code, WANTED), judgeCode('app', code, POLICY)]).toEqual([undefined, []]);
});

describe.each([32, 64] as const)('one bad architecture of two, with a %i-bit table,', (bits) => {
  it.each<[string, (recipe: typeof ARM) => Uint8Array, string]>([
    ['signed ad-hoc', (recipe) => linkerSigned(recipe), 'signature'],
    ['signed by others', (recipe) => signed(others, recipe), 'team'],
    ['changed since', (recipe) => flipped(signed(people, recipe)), 'signature'],
    ['without a timestamp', (recipe) => signedCode(people, recipe, { identifier: 'app', stampedAt: null }), 'secure-timestamp'],
    ['without the hardened runtime', (recipe) => signedCode(people, recipe, { identifier: 'app', flags: 0 }), 'hardened-runtime'],
  ])('%s, is enough, whichever it is', (_, make, check) => {
    const files = [
      ['x86_64', place(make(INTEL), signed(people, ARM), bits)],
      ['arm64', place(signed(people, INTEL), make(ARM), bits)],
    ] as const;
    for (const [architecture, file] of files) {
      const findings = judgeCode('app', read(file), POLICY);
      expect({ architecture, checks: [...new Set(findings.map((one) => one.check))] }).toEqual({ architecture, checks: [check] });
      expect(findings.map(({ message }) => message.includes(`(${architecture})`))).toEqual(findings.map(() => true));
      expect(problemOfSignature(read(file), WANTED)).toBeDefined();
    }
  });
});

it('bytes between the architectures, which no signature covers, are found', async () => {
  const file = place(signed(people, INTEL), signed(people, ARM), 64);
  const bytes = buildUniversal(
    [
      { bytes: signed(people, INTEL), cpuType: INTEL.cpuType },
      { bytes: signed(people, ARM), cpuType: ARM.cpuType },
    ],
    64,
  );
  bytes[100] = 1;
  writeFileSync(file, bytes);
  expect(problemOfSignature(read(file), WANTED)).toContain('lie in no architecture');
});

it('every signature that goes is named, of each architecture', async () => {
  const file = place(linkerSigned(INTEL), signed(others, ARM), 32);
  const root = join(file, '..');
  const tree = {
    root,
    items: await readTree(root),
    name: 'app',
    last: [],
    earlier: async () => new Map<string, string>(),
    renewRecords: async () => [],
  };
  const rules = { hardenedRuntime: true, libraryValidation: true, entitlements: [], servers: timestampServers([]), warn: () => undefined };
  const { replaced } = await signCodeTree(tree, rules, async () => undefined);
  expect(replaced).toEqual([{ path: 'app', signer: expect.stringContaining('Other') as string }]);
});
