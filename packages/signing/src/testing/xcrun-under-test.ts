import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ISSUER, KEY_ID } from './notary-under-test';
import { placeProgram } from './place-program';

export interface XcrunFault {
  said?: string;
  code?: number;
  /** It does what it is asked for, and its answer is lost. */
  behind?: true;
  /** None at all, this time. */
  fine?: true;
}

export interface XcrunStandIn {
  /** The folder with the program, for PATH. */
  bin: string;
  state(): { submissions: readonly { name: string; sha256: string }[] };
  set(change: { inProgress?: number; status?: string; issues?: readonly object[]; faults?: readonly XcrunFault[] }): void;
  /** All that it was called with, as text: arguments and environment. */
  calls(): string;
  /** Its commands, in their order. */
  commands(): readonly string[];
  /** Paths of files that it was given. */
  paths(): readonly string[];
}

/** `xcrun notarytool` of a Mac with the keychain profile `release`, and a service that knows one API key. */
export function placeXcrun(folder: string, pem: string): XcrunStandIn {
  const place = mkdtempSync(join(folder, 'xcrun-'));
  const file = join(place, 'state.json');
  const state = (): ReturnType<XcrunStandIn['state']> => JSON.parse(readFileSync(file, 'utf8')) as ReturnType<XcrunStandIn['state']>;
  writeFileSync(file, JSON.stringify({ submissions: [], profile: 'release', key: { pem, keyId: KEY_ID, issuer: ISSUER } }));
  const script = join(__dirname, '../../../../tools/stand-ins/xcrun.mjs');
  const calls = (): string => readFileSync(join(place, 'calls.jsonl'), 'utf8');
  const parsed = (): { args: string[] }[] =>
    calls()
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as { args: string[] });
  return {
    bin: placeProgram(folder, 'xcrun', `#!/bin/sh\nexec '${process.execPath}' '${script}' '${place}' "$@"\n`),
    state,
    set: (change) => writeFileSync(file, JSON.stringify({ ...state(), ...change })),
    calls,
    commands: () => parsed().map(({ args }) => args[1]!),
    paths: () => parsed().flatMap(({ args }) => args.filter((text) => text.startsWith('/'))),
  };
}
