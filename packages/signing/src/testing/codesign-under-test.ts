import { chmodSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { RECORDINGS } from './rcodesign-under-test';

interface Keychain {
  locked: boolean;
  identities: { sha1: string; name: string; mayUse: string[]; partitioned: boolean }[];
}

interface MacState {
  searchList: string[];
  keychains: Record<string, Keychain>;
  /** What `pkgutil` says of packages. */
  status?: string;
  /** `security find-certificate` shows none. */
  hidesCertificates?: boolean;
}

export interface MacStandIn {
  /** The folder with `codesign`, `productsign`, `pkgutil`, `security` and `sw_vers`, for PATH. */
  bin: string;
  /** Keychains of the user before anything was done. */
  loginKeychain: string;
  state(): MacState;
  set(change: Partial<MacState>): void;
  /** All that the programs were called with, as text: arguments and environment. */
  calls(): string;
  /** The commands, in their order: `security import`, `codesign`. */
  commands(): readonly string[];
}

const stand = (name: string): string => join(__dirname, `../../../../tools/stand-ins/${name}.mjs`);

/** A Mac whose user has a keychain; signatures are those of rcodesign, as it was recorded, or of a real one. `timestamps` stands for Apple’s server, which productsign asks. */
export function placeMac(folder: string, real = '-', { version = '14.5', timestamps = 'http://127.0.0.1:1/recorded' } = {}): MacStandIn {
  const place = mkdtempSync(join(folder, 'mac-'));
  const bin = mkdtempSync(join(folder, 'bin-'));
  const loginKeychain = join(place, 'login.keychain-db');
  const file = join(place, 'state.json');
  writeFileSync(loginKeychain, 'a keychain');
  const initial = { password: 'of the user', locked: false, locksItself: false, identities: [] };
  writeFileSync(file, JSON.stringify({ searchList: [loginKeychain], keychains: { [loginKeychain]: initial } }));
  const program = (name: string, text: string): void => {
    writeFileSync(join(bin, name), `#!/bin/sh\n${text}\n`);
    chmodSync(join(bin, name), 0o755);
  };
  program('security', `exec '${process.execPath}' '${stand('security')}' '${place}' "$@"`);
  program('codesign', `exec '${process.execPath}' '${stand('codesign')}' '${place}' '${RECORDINGS}' '${real}' "$@"`);
  program('productsign', `exec '${process.execPath}' '${stand('productsign')}' '${place}' '${RECORDINGS}' '${real}' '${timestamps}' "$@"`);
  program('pkgutil', `exec '${process.execPath}' '${stand('pkgutil')}' '${place}' "$@"`);
  program('sw_vers', `[ "$*" = -productVersion ] && echo ${version}`);
  const state = (): MacState => JSON.parse(readFileSync(file, 'utf8')) as MacState;
  const calls = (): string => readFileSync(join(place, 'calls.jsonl'), 'utf8');
  return {
    ...{ bin, loginKeychain, state, calls },
    set: (change) => writeFileSync(file, JSON.stringify({ ...state(), ...change })),
    commands: () =>
      calls()
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line) as { program: string; args: string[] })
        .map(({ program: name, args }) => (name === 'security' ? `${name} ${args[0]!}` : name)),
  };
}
