import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ISSUER, KEY_ID, type TestApiKey } from './notary-under-test';
import { placeProgram } from './place-program';

/** One call: an answer of Apple’s with that status, what something between answers, no way to it, an upload that fails, a log out of reach, words of its own, a death when all is done. */
export interface NotaryFault {
  status?: number;
  html?: true;
  offline?: true;
  upload?: true;
  log?: true;
  said?: string;
  behind?: true;
  /** It behaves, this time. */
  fine?: true;
}

export interface RcodesignNotary {
  /** The folder with the program, for PATH. */
  bin: string;
  state(): { submissions: readonly { name: string; sha256: string; isThere: boolean }[] };
  set(change: { inProgress?: number; status?: string; issues?: readonly object[]; faults?: readonly NotaryFault[] }): void;
  /** All that it was called with, as text: arguments and environment. */
  calls(): string;
  commands(): readonly string[];
}

/** rcodesign, and a service that knows one API key. */
export function placeRcodesignNotary(folder: string, { key }: TestApiKey): RcodesignNotary {
  const place = mkdtempSync(join(folder, 'rcodesign-'));
  const file = join(place, 'state.json');
  const state = (): ReturnType<RcodesignNotary['state']> => JSON.parse(readFileSync(file, 'utf8')) as ReturnType<RcodesignNotary['state']>;
  const der = key.export({ type: 'pkcs8', format: 'der' }).toString('base64');
  writeFileSync(file, JSON.stringify({ submissions: [], key: { der, keyId: KEY_ID, issuer: ISSUER } }));
  const script = join(__dirname, '../../../../tools/stand-ins/rcodesign-notary.mjs');
  const calls = (): string => readFileSync(join(place, 'calls.jsonl'), 'utf8');
  return {
    bin: placeProgram(folder, 'rcodesign', `#!/bin/sh\nexec '${process.execPath}' '${script}' '${place}' "$@"\n`),
    ...{ state, calls },
    set: (change) => writeFileSync(file, JSON.stringify({ ...state(), ...change })),
    commands: () =>
      calls()
        .trim()
        .split('\n')
        .map((line) => (JSON.parse(line) as { args: string[] }).args[0]!),
  };
}
