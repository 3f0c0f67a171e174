/**
 * What the stand-ins of `security`, `codesign` and `productsign` share: `state.json` in their folder, with `searchList` (paths) and `keychains` by path: `password`, `locked`, `locksItself` (after
 * five minutes, as new ones do), and `identities`: `{ sha1, name, team, key, certificates, mayUse, partitioned }`.
 */
import { appendFileSync, existsSync, mkdirSync, readFileSync, rmdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

export const loadState = (folder) => JSON.parse(readFileSync(join(folder, 'state.json'), 'utf8'));
export const saveState = (folder, state) => writeFileSync(join(folder, 'state.json'), JSON.stringify(state));
export const noteCall = (folder, program, args) =>
  appendFileSync(join(folder, 'calls.jsonl'), `${JSON.stringify({ program, args, environment: process.env })}\n`);

/** A keychain is a file too: what was removed as a file is gone. */
export const keychainAt = (state, path) => (existsSync(path) ? state.keychains[path] : undefined);

/** The identity of that SHA-1 with its key, in one keychain or in all that are searched, with the state of its keychain; undefined: none. */
export function findIdentity(folder, sha1, named) {
  const state = locked(folder, () => loadState(folder));
  const paths = named === undefined ? state.searchList : [named];
  const found = paths.flatMap((path) =>
    (keychainAt(state, path)?.identities ?? []).map((identity) => ({
      path,
      keychain: state.keychains[path],
      searched: state.searchList.includes(path),
      ...identity,
    })),
  );
  return found.find((identity) => identity.sha1 === sha1 && identity.key !== undefined);
}

/** Several programs at once use the state. */
export function locked(folder, work) {
  const lock = join(folder, 'lock');
  for (let tries = 0; ; tries += 1) {
    try {
      mkdirSync(lock);
      break;
    } catch (cause) {
      if (cause.code !== 'EEXIST' || tries > 2_000) throw cause;
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 5);
    }
  }
  try {
    return work();
  } finally {
    rmdirSync(lock);
  }
}
