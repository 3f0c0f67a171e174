import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { skipUnless, temporaryFolder } from '@waybill/core/testing';
import { bytesAsSource } from '../../byte-source';
import type { PeFacts } from '../../pe-facts';
import { buildPe, type PeRecipe } from '../../testing/build-pe';
import { makeAuthenticode } from '../../testing/cms/make-authenticode';
import { type Authorities, DAY_MS, makeAuthorities, pemOf } from '../../testing/cms/make-certificate';
import { attribute, makeTimestamp } from '../../testing/cms/make-cms';
import { canFetchFixtures, fetchFixture, filesOf } from '../../testing/fixtures/fetch-fixture';
import { SIGNED_BY_MICROSOFT } from '../../testing/fixtures/fixture-list';
import { readPe } from '../read-pe';
import type { AuthenticodeVerification } from './authenticode-facts';
import { verifyAuthenticode } from './verify-authenticode';

const hasSigner = spawnSync('osslsigncode', ['--version']).status === 0;
const folder = temporaryFolder();
const PE: PeRecipe = { imports: [{ library: 'python3.dll', symbols: ['Py_IncRef'] }], overlay: Buffer.from('overlay!') };

function factsOf(bytes: Uint8Array): PeFacts {
  const reading = readPe(bytesAsSource(bytes));
  if (!reading.ok) throw new Error(reading.refusal.message);
  return reading.facts;
}

function verify(bytes: Uint8Array, roots?: readonly Uint8Array[]): AuthenticodeVerification {
  const verified = verifyAuthenticode(bytesAsSource(bytes), factsOf(bytes), { now: Date.now(), ...(roots ? { roots } : {}) });
  if (!verified.ok) throw new Error(verified.refusal.message);
  return verified.facts;
}

const osslsigncode = (...args: readonly string[]): { status: number | null; stdout: string } =>
  spawnSync('osslsigncode', args, { encoding: 'utf8', cwd: folder.path });

/** Writes what the tool takes: roots as PEM, the signer with its chain, its key. */
function writePeople({ root, intermediate, signer }: Authorities): void {
  writeFileSync(join(folder.path, 'root.pem'), pemOf(root));
  writeFileSync(join(folder.path, 'chain.pem'), pemOf(signer) + pemOf(intermediate));
  writeFileSync(join(folder.path, 'key.pem'), signer.key.export({ type: 'pkcs8', format: 'pem' }));
}

/** Valid today, whatever day that is: osslsigncode has no other. */
const validNow = { notBefore: Date.now() - DAY_MS, notAfter: Date.now() + DAY_MS };

describe('Authenticode signatures and osslsigncode', () => {
  skipUnless(hasSigner, 'osslsigncode is not installed')('what it signs holds, and what is changed after that does not', async () => {
    const people = makeAuthorities({ keys: 'rsa', ...validNow });
    writePeople(people);
    for (const bits of [64, 32] as const) {
      writeFileSync(join(folder.path, 'plain.dll'), buildPe({ ...PE, bits }).bytes);
      const names = ['-in', 'plain.dll', '-out', `signed${bits}.dll`];
      const run = osslsigncode('sign', '-certs', 'chain.pem', '-key', 'key.pem', '-h', 'sha256', '-n', 'Demo', '-i', 'https://example.org', ...names);
      expect(run).toMatchObject({ status: 0 });
      const bytes = readFileSync(join(folder.path, `signed${bits}.dll`));
      const verification = verify(bytes, [people.root.certificate]);
      expect(verification).toMatchObject({ problems: [], signatures: [{ digestAlgorithm: 'sha256', problems: [], signer: { trusted: true } }] });
      bytes[0x500]! ^= 1;
      expect(verify(bytes).signatures[0]!.problems.map(({ code }) => code)).toEqual(['file-digest']);
    }
  });

  skipUnless(hasSigner, 'osslsigncode is not installed')(
    'it takes the signatures of our own tests for good, and changed ones for bad, as we do',
    async () => {
      const people = makeAuthorities(validNow);
      writePeople(people);
      const stamp = { stamper: people.stamper, certificates: [people.root], time: Date.now() - 1_000 };
      const certificate = makeAuthenticode(PE, {
        signer: people.signer,
        certificates: [people.intermediate],
        unsigned: (signature) => [attribute('1.3.6.1.4.1.311.3.3.1', makeTimestamp(signature, stamp))],
      });
      const cases: readonly (readonly [Uint8Array, boolean])[] = [
        [buildPe({ ...PE, certificates: [certificate] }).bytes, true],
        [buildPe({ ...PE, certificates: [certificate], codeBytes: 5_000 }).bytes, false],
        [buildPe({ ...PE, certificates: [certificate], behind: Buffer.from('payload!') }).bytes, false],
      ];
      for (const [bytes, good] of cases) {
        writeFileSync(join(folder.path, 'ours.dll'), bytes);
        const run = osslsigncode('verify', '-CAfile', 'root.pem', '-TSA-CAfile', 'root.pem', '-in', 'ours.dll');
        const { problems, signatures } = verify(bytes, [people.root.certificate]);
        expect({ theirs: run.status === 0, ours: problems.length + signatures[0]!.problems.length === 0, output: run.stdout }).toMatchObject({
          theirs: good,
          ours: good,
        });
      }
    },
  );

  skipUnless(hasSigner && canFetchFixtures(), 'osslsigncode, npm or python3 is not installed')(
    'Microsoft’s own libraries hold, nested signatures too, with the digests that osslsigncode computes',
    async () => {
      const files = filesOf(fetchFixture(SIGNED_BY_MICROSOFT), (name) => name.endsWith('.dll'));
      expect(files.length).toBeGreaterThan(5);
      for (const path of files) {
        const { problems, signatures } = verify(readFileSync(path));
        expect({ path, problems, signatures }).toMatchObject({
          problems: [],
          signatures: [
            { depth: 0, problems: [] },
            { depth: 1, problems: [] },
          ],
        });
        expect(signatures[1]!.signer!.chain[0]!.subject.commonName).toBe('Microsoft Corporation');
        expect(signatures.map(({ signer }) => signer!.timestamp!.problems)).toEqual([[], []]);
        const theirs = [...osslsigncode('verify', '-in', path).stdout.matchAll(/^Calculated message digest *: ([0-9A-F]+)/gm)];
        expect(theirs.map(([, digest]) => digest!.toLowerCase())).toEqual(signatures.map(({ digest }) => digest));
      }
    },
    300_000,
  );
});
