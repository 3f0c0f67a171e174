import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { skipUnless, temporaryFolder } from '@waybill/core/testing';
import { CODE_SIGNING, DAY_MS, makeAuthorities, pemOf } from '../testing/cms/make-certificate';
import { makeCms } from '../testing/cms/make-cms';
import { readCms } from './read-cms';
import { verifySigner } from './verify-signer';

const folder = temporaryFolder();
const CONTENT = Buffer.from('what is signed, such as a code directory');
const at = (name: string): string => join(folder.path, name);
const openssl = (...args: readonly string[]): number | null => spawnSync('openssl', args, { cwd: folder.path }).status;
const test = skipUnless(spawnSync('openssl', ['version']).status === 0, 'openssl is not installed');

describe('CMS structures and openssl', () => {
  test('each takes what the other made, and refuses what is changed', async () => {
    for (const keys of ['rsa', 'ec'] as const) {
      const people = makeAuthorities({ keys, notBefore: Date.now() - DAY_MS, notAfter: Date.now() + DAY_MS });
      writeFileSync(at('content'), CONTENT);
      writeFileSync(at('root.pem'), pemOf(people.root));
      writeFileSync(at('more.pem'), pemOf(people.intermediate));
      writeFileSync(at('signer.pem'), pemOf(people.signer));
      writeFileSync(at('key.pem'), people.signer.key.export({ type: 'pkcs8', format: 'pem' }));
      const identity = ['-signer', 'signer.pem', '-inkey', 'key.pem', '-certfile', 'more.pem'];
      expect(openssl('cms', '-sign', '-binary', '-md', 'sha256', '-in', 'content', ...identity, '-outform', 'DER', '-out', 'theirs')).toBe(0);
      const reading = readCms(readFileSync(at('theirs')));
      if (!reading.ok) throw new Error(reading.refusal.message);
      const request = { now: Date.now(), roots: [people.root.certificate], purpose: CODE_SIGNING };
      const problems = (content: Uint8Array): string[] =>
        verifySigner(reading.facts, reading.facts.signers[0]!, { ...request, content }).problems.map(({ code }) => code);
      expect(problems(CONTENT)).toEqual([]);
      expect(problems(Buffer.from('other'))).toEqual(['content-digest']);

      writeFileSync(at('ours'), makeCms({ signer: people.signer, certificates: [people.intermediate], content: CONTENT, ber: true }));
      writeFileSync(at('other'), 'other');
      const verify = (content: string): number | null =>
        openssl(
          'cms',
          '-verify',
          '-binary',
          '-inform',
          'DER',
          '-in',
          'ours',
          '-content',
          content,
          '-CAfile',
          'root.pem',
          '-purpose',
          'any',
          '-out',
          'out',
        );
      expect([verify('content'), verify('other')]).toEqual([0, 4]);
    }
  });
});
