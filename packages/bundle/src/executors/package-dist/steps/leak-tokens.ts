import type { StageContext } from '@waybill/plugin-kit';
import type { LeakToken } from '@waybill/relocation';
import { realpathSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { PackageDistOptions } from '../options';
import type { RuntimeSource } from '../package-facts';

/** Too short or too common to be anybody's path. */
const GENERIC = new Set(['/', '/usr', '/usr/local', '/opt', '/home', '/tmp', '/var/tmp', '/private/tmp']);

/** Paths of this machine that must not stand in a bundle, as given and with symlinks resolved. */
export function leakTokens(context: StageContext<PackageDistOptions>, runtime: RuntimeSource, stages: readonly string[]): LeakToken[] {
  const home = context.environment['HOME'];
  const cargo = context.environment['CARGO_HOME'] ?? (home === undefined ? undefined : join(home, '.cargo'));
  const given: [LeakToken['id'], string | undefined][] = [
    ...(runtime.from === 'machine' ? runtime.facts.leakOrigins.map((path): [LeakToken['id'], string] => ['runtime-origin', path]) : []),
    ['workspace', context.workspaceRoot],
    ['cargo-home', cargo],
    ['home', home],
    ...stages.map((path): [LeakToken['id'], string] => ['temporary', path]),
  ];
  const tokens = given.flatMap(([id, path]) => [...new Set([path, resolved(path)])].map((place) => ({ id, path: place?.replace(/\/+$/, '') ?? '' })));
  const known = tokens.filter(({ path }) => path.startsWith('/') && !GENERIC.has(path));
  return [...new Map(known.map((token) => [token.path, token])).values()];
}

const resolved = (path: string | undefined): string | undefined =>
  path !== undefined && statSync(path, { throwIfNoEntry: false }) !== undefined ? realpathSync(path) : undefined;
