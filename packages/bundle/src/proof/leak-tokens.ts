import { realpath } from 'node:fs/promises';
import { isGenericPath, type LeakToken } from '@waybill/relocation';
import type { HiddenPlace } from '../isolation';

const IDS: Readonly<Record<HiddenPlace['why'], LeakToken['id']>> = {
  'asked for': 'hidden',
  workspace: 'workspace',
  home: 'home',
  prefix: 'runtime-origin',
  python: 'runtime-origin',
};

/** Below a home folder that is called as on every machine (`/root`), these still tell the building one. */
const TOOL_FOLDERS = ['.cache', '.local', '.pyenv', '.rustup'];

/**
 * Paths of this machine that must not stand in a bundle: what is hidden, without what every machine has, and what the caller adds. A Python
 * that belongs to the system (`/usr/lib/python3.11`) tells nothing: every machine of that system has it.
 */
export async function leakTokensOf(
  hidden: readonly HiddenPlace[],
  environment: Readonly<Record<string, string | undefined>>,
  further: readonly LeakToken[],
): Promise<LeakToken[]> {
  const home = hidden.find(({ why }) => why === 'home')?.path;
  const cargo = environment['CARGO_HOME'] ?? (home === undefined ? undefined : `${home}/.cargo`);
  const tokens: LeakToken[] = [
    ...hidden.filter(({ kind, why }) => kind === 'folder' && why !== 'python').map(({ path, why }) => ({ id: IDS[why], path })),
    ...(cargo === undefined ? [] : [{ id: 'cargo-home' as const, path: cargo }]),
    ...(home === undefined ? [] : TOOL_FOLDERS.map((name) => ({ id: 'home' as const, path: `${home}/${name}` }))),
    ...further,
  ];
  const unique = new Map<string, LeakToken>();
  for (const token of tokens) {
    const path = token.path.replace(/\/+$/, '');
    if (!path.startsWith('/') || isGenericPath(path)) continue;
    if (!unique.has(path)) unique.set(path, { ...token, path });
    const real = await realpath(path).catch(() => path);
    if (!unique.has(real) && !isGenericPath(real)) unique.set(real, { ...token, path: real });
  }
  return [...unique.values()];
}
