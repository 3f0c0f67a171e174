import { spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { skipUnless, temporaryFolder } from '@waybill/core/testing';
import { toolWorks } from '../testing/run-tool';
import { makeMinisignKey } from './make-minisign-key';
import { minisignFormat } from './minisign-format';
import { readMinisignSecretKey } from './minisign-keys';

const folder = temporaryFolder();

describe('makeMinisignKey', () => {
  const key = makeMinisignKey(randomBytes(32), randomBytes(8));

  it('makes a key that our own reader opens', () => {
    expect(readMinisignSecretKey(key.secretKey)).toMatchObject({ ok: true, facts: { state: 'open' } });
    expect(minisignFormat.readPublicKey(key.publicKey)).toMatchObject({ ok: true, facts: { fingerprint: key.fingerprint } });
  });

  skipUnless(toolWorks('minisign', ['-v']), 'minisign is not installed')('makes a key that minisign signs and verifies with', async () => {
    const path = (name: string): string => join(folder.path, name);
    writeFileSync(path('key'), key.secretKey);
    writeFileSync(path('key.pub'), key.publicKey);
    writeFileSync(path('file'), 'what ships\n');
    const minisign = (...args: string[]): number | null => spawnSync('minisign', args, { input: '' }).status;
    expect(minisign('-S', '-W', '-s', path('key'), '-m', path('file'))).toBe(0);
    expect(minisign('-V', '-P', key.fingerprint, '-m', path('file'))).toBe(0);
    writeFileSync(path('file'), `${readFileSync(path('file'), 'utf8')}!`);
    expect(minisign('-V', '-P', key.fingerprint, '-m', path('file'))).not.toBe(0);
  });
});
