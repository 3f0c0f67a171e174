import { normaliseDistribution } from '@waybill/artifacts';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'smol-toml';
import { readIni } from './read-ini';

/** At the top of an unpacked sdist: the metadata that its backend wrote when it made the sdist. */
export const PACKAGE_INFO = 'PKG-INFO';

/** What the headers say; a header that is not there is absent. */
export interface PackageInfo {
  name?: string;
  version?: string;
}

/** The two headers of core metadata that every sdist has (PyPA, "Core metadata specifications"); a description may follow the first empty line. */
export function readPackageInfo(text: string): PackageInfo {
  const headers = text.replace(/^\uFEFF/, '').split(/\r?\n\r?\n/, 1)[0]!;
  const value = (name: string): string | undefined => new RegExp(`^${name}[ \\t]*:[ \\t]*(\\S.*?)\\s*$`, 'im').exec(headers)?.[1];
  const [name, version] = [value('Name'), value('Version')];
  return { ...(name !== undefined && { name }), ...(version !== undefined && { version }) };
}

type Table = Readonly<Record<string, unknown>>;
const table = (value: unknown): Table => (typeof value === 'object' && value !== null ? (value as Table) : {});
const textOf = (value: unknown): string | undefined => (typeof value === 'string' && value !== '' ? value : undefined);

/**
 * Name of the distribution as the manifests in `folder` write it: pyproject.toml (`[project]`, Poetry), setup.cfg, a text in setup.py.
 * `undefined` when only the backend knows it. Throws what the TOML reader throws, unless `manifest` is pyproject.toml, parsed.
 */
export function declaredName(folder: string, manifest?: Table): string | undefined {
  const tables = manifest ?? parse(textIn(folder, 'pyproject.toml'));
  return (
    textOf(table(tables['project'])['name']) ??
    textOf(table(table(tables['tool'])['poetry'])['name']) ??
    textOf(readIni(textIn(folder, 'setup.cfg'))['metadata']?.['name']) ??
    setupName(textIn(folder, 'setup.py'))
  );
}

/** `name="…"` in a call of `setup`. */
export const setupName = (text: string): string | undefined => /\bsetup\s*\((?:[^]*?[\s,])?name\s*=\s*(['"])([A-Za-z0-9._-]+)\1/.exec(text)?.[2];

function textIn(folder: string, file: string): string {
  const path = join(folder, file);
  return existsSync(path) ? readFileSync(path, 'utf8') : '';
}

/** Names are equal in any case and spelling of `-`, `_` and `.` (PEP 503). */
export const sameName = (one: string, other: string): boolean => normaliseDistribution(one) === normaliseDistribution(other);
