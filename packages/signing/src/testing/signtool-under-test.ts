import { createHash, X509Certificate } from 'node:crypto';
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { versionResource } from '@waybill/core/testing';
import type { CodeCertificate } from './code-certificates';
import { placeProgram } from './place-program';

export interface SigntoolStandIn {
  /** The folder with the program, for PATH. */
  PATH: string;
  /** SHA-1 of the certificate in the store, 40 capital digits. */
  thumbprint: string;
  /** All that it was called with, as text: arguments and environment, a line each. */
  calls(): string;
}

/** The text of a program `signtool` with a version in its resources, as the real one has: a shell reads no further than `exec`. */
export const withVersion = (script: string, version = '10.0.22621.3233'): Buffer =>
  Buffer.concat([Buffer.from(`${script}\nexit 0\n`), versionResource(version), Buffer.from('\n')]);

/** signtool of a Windows whose user, or machine, has the certificate in the store `My`; osslsigncode signs in its place. */
export function signtoolStandIn(
  folder: string,
  { chain, key }: Pick<CodeCertificate, 'chain' | 'key'>,
  owner: 'user' | 'machine' = 'user',
): SigntoolStandIn {
  const place = mkdtempSync(join(folder, 'signtool-'));
  const thumbprint = createHash('sha1').update(new X509Certificate(chain).raw).digest('hex').toUpperCase();
  writeFileSync(join(place, 'state.json'), JSON.stringify({ thumbprint, owner }));
  writeFileSync(join(place, 'key.pem'), key);
  writeFileSync(join(place, 'certificates.pem'), chain);
  const script = join(__dirname, '../../../../tools/stand-ins/signtool.mjs');
  const text = `#!/bin/sh\nexec '${process.execPath}' '${script}' '${place}' "$@"`;
  return { PATH: placeProgram(folder, 'signtool', withVersion(text)), thumbprint, calls: () => readFileSync(join(place, 'calls.jsonl'), 'utf8') };
}
