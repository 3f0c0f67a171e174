import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { CodeCertificate } from './code-certificates';
import { placeProgram } from './place-program';

export interface JsignStandIn {
  /** The folder with the program, for PATH. */
  PATH: string;
  /** All that it was called with, as text: arguments and environment, a line each. */
  calls(): string;
}

export interface KeyStore {
  type: string;
  name: string;
  alias: string;
  password: string;
  /** Else it holds the key alone. */
  hasCertificates: boolean;
}

/** jsign with a store that holds the key of the certificate; osslsigncode signs in its place. */
export function jsignStandIn(folder: string, store: KeyStore, { chain, key }: Pick<CodeCertificate, 'chain' | 'key'>): JsignStandIn {
  const place = mkdtempSync(join(folder, 'jsign-'));
  writeFileSync(join(place, 'state.json'), JSON.stringify(store));
  writeFileSync(join(place, 'key.pem'), key);
  writeFileSync(join(place, 'certificates.pem'), chain);
  const script = join(__dirname, '../../../../tools/stand-ins/jsign.mjs');
  const bin = placeProgram(folder, 'jsign', `#!/bin/sh\nexec '${process.execPath}' '${script}' '${place}' "$@"\n`);
  return { PATH: bin, calls: () => readFileSync(join(place, 'calls.jsonl'), 'utf8') };
}
