import { isDeepStrictEqual } from 'node:util';
import type { NxTarget } from '../../nx-context';
import { isObject, type JsonObject } from '../generator-tree';

/** Below `dist`, so that git, Nx and formatters leave it alone. */
export const DEFAULT_FOLDER = 'dist/releases';

const PUBLISH = '@waybill/release:publish';

/** A first destination that needs no account: other ones are added to the list by hand. */
export const folderDestination = (path: string): JsonObject => ({ to: [{ type: 'folder', path }] });

/** The folder that a target publishes to, when that is all that its list says. */
export function folderOf(options: Readonly<Record<string, unknown>> | undefined): string | undefined {
  const [only] = Array.isArray(options?.['to']) ? (options['to'] as unknown[]) : [];
  const path = isObject(only) ? only['path'] : undefined;
  return typeof path === 'string' && isDeepStrictEqual(options?.['to'], folderDestination(path)['to']) ? path : undefined;
}

/** The folder of a project's targets, for new ones. */
export const folderOfTargets = (targets: Readonly<Record<string, NxTarget>>): string | undefined =>
  Object.values(targets)
    .filter(({ executor }) => executor === PUBLISH)
    .map(({ options }) => folderOf(options))
    .find((found) => found !== undefined);

/** A plain folder becomes another one; what the user made of the list stays. */
export const withFolder = (options: Readonly<Record<string, unknown>> | undefined, path: string): JsonObject =>
  folderOf(options) === undefined ? { ...options } : { ...options, ...folderDestination(path) };
