import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { readIni } from './read-ini';

type Table = Readonly<Record<string, unknown>>;

/** A version as a file has it. `path` is absolute. */
export interface WrittenVersion {
  text: string;
  path: string;
  /** Offset of `text` in the file, where it can be replaced. */
  start?: number;
}

const table = (value: unknown): Table => (typeof value === 'object' && value !== null ? (value as Table) : {});
const textOf = (value: unknown): string | undefined => (typeof value === 'string' ? value : undefined);

/** hatchling's own default (`hatchling/version/source/regex.py`); scikit-build-core has the same. */
const ASSIGNMENT = /^(?:__version__|VERSION)(?:\s*:\s*str)?\s*=\s*(?<quote>['"])v?(?<version>[^'"\n]+)\k<quote>/im;

/**
 * The version of a project whose pyproject.toml leaves it to its backend, where a file says it in so many words: `undefined` when only
 * running the backend, or a git tag, can tell. Sources: the documents of setuptools, hatch, flit, pdm, scikit-build-core and meson-python.
 */
export function backendVersion(manifest: Table, folder: string): WrittenVersion | undefined {
  const tool = table(manifest['tool']);
  const backend = textOf(table(manifest['build-system'])['build-backend']) ?? 'setuptools.build_meta';
  const reader = READERS.find(([prefix]) => backend.startsWith(prefix))?.[1];
  return reader?.(tool, folder, manifest);
}

type Reader = (tool: Table, folder: string, manifest: Table) => WrittenVersion | undefined;

const READERS: readonly (readonly [backend: string, Reader])[] = [
  ['setuptools', (tool, folder) => setuptoolsVersion(table(tool['setuptools']), folder)],
  ['hatchling', (tool, folder) => hatchVersion(table(table(tool['hatch'])['version']), folder)],
  ['flit', flitVersion],
  ['pdm', (tool, folder) => assignedIn(folder, textOf(table(table(tool['pdm'])['version'])['path']))],
  ['scikit_build_core', (tool, folder) => scikitVersion(table(table(table(tool['scikit-build'])['metadata'])['version']), folder)],
  ['mesonpy', (_tool, folder) => matchIn(folder, 'meson.build', /^project\s*\((?:[^)]*?)version\s*:\s*'(?<version>[^']+)'/ms)],
];

const METADATA_VERSION = /^\[metadata\][^[]*?^version\s*[=:][ \t]*(?<version>\S+)[ \t]*$/im;

/** Offset of the version that `[metadata]` of a setup.cfg has. */
export const startInSetupCfg = (text: string): number | undefined =>
  new RegExp(METADATA_VERSION, `${METADATA_VERSION.flags}d`).exec(text)?.indices?.groups?.['version']?.[0];

/** setup.cfg and setup.py of older projects, also of those that have a pyproject.toml without `[project]`. */
export function setupVersion(folder: string): WrittenVersion | undefined {
  const path = join(folder, 'setup.cfg');
  const value = existsSync(path) ? readIni(readFileSync(path, 'utf8'))['metadata']?.['version'] : undefined;
  const [, kind, what] = /^(attr|file)\s*:\s*(.+)$/.exec(value ?? '') ?? [];
  if (kind === 'attr') return attributeIn(folder, what!);
  if (kind === 'file') return wholeFile(folder, what!);
  if (value !== undefined && value !== '') return matchIn(folder, 'setup.cfg', METADATA_VERSION) ?? { text: value, path };
  return matchIn(folder, 'setup.py', /\bsetup\s*\((?:[^]*?[\s,])?version\s*=\s*(?<quote>['"])(?<version>[^'"\n]+)\k<quote>/);
}

function setuptoolsVersion(setuptools: Table, folder: string): WrittenVersion | undefined {
  const { attr, file } = table(table(setuptools['dynamic'])['version']);
  if (typeof attr === 'string') return attributeIn(folder, attr, packageFolders(setuptools));
  const named = Array.isArray(file) ? textOf(file[0]) : textOf(file);
  return named === undefined ? setupVersion(folder) : wholeFile(folder, named);
}

/** Where packages are, when setuptools is told so. */
function packageFolders(setuptools: Table): readonly string[] {
  const where = table(table(setuptools['packages'])['find'])['where'];
  const named = [table(setuptools['package-dir'])[''], ...(Array.isArray(where) ? (where as unknown[]) : [])];
  return named.filter((folder) => typeof folder === 'string');
}

function hatchVersion(version: Table, folder: string): WrittenVersion | undefined {
  const source = textOf(version['source']) ?? 'regex';
  if (source === 'code') return assignedIn(folder, textOf(version['path']), textOf(version['expression']));
  return source === 'regex' ? patternIn(folder, textOf(version['path']), textOf(version['pattern'])) : undefined;
}

function scikitVersion(version: Table, folder: string): WrittenVersion | undefined {
  if (version['provider'] !== 'scikit_build_core.metadata.regex') return undefined;
  return patternIn(folder, textOf(version['input']), textOf(version['regex']));
}

/** flit reads `__version__` of the module, which has the project's name unless `[tool.flit.module]` says another. */
function flitVersion(tool: Table, folder: string, manifest: Table): WrittenVersion | undefined {
  const named = textOf(table(table(tool['flit'])['module'])['name']) ?? textOf(table(manifest['project'])['name']);
  return named === undefined ? undefined : attributeIn(folder, `${named.replaceAll('-', '_')}.__version__`);
}

/** `package.module.NAME`: an assignment of a text in that module, below the folders that are named, the project or its `src`. */
function attributeIn(folder: string, attribute: string, named: readonly string[] = []): WrittenVersion | undefined {
  const parts = attribute.trim().split('.');
  const name = parts.pop()!;
  const modules = [...named, '', 'src', 'python', 'lib'].flatMap((root) =>
    [`${parts.join('/')}.py`, `${parts.join('/')}/__init__.py`].map((file) => join(root, file)),
  );
  return modules.map((file) => assignedIn(folder, file, name)).find((found) => found !== undefined);
}

/** Nothing may follow the text: what is computed of it is known to Python alone. */
const assignedIn = (folder: string, file: string | undefined, name = '__version__'): WrittenVersion | undefined =>
  file === undefined || !/^\w+$/.test(name)
    ? undefined
    : matchIn(
        folder,
        file,
        new RegExp(`^${name}(?:\\s*:\\s*[\\w.[\\]]+)?\\s*=\\s*(?<quote>['"])(?<version>[^'"\\n]+)\\k<quote>[ \\t]*(?:[#;\\r]|$)`, 'm'),
      );

/** A pattern of the project's own is Python's: named groups and inline flags are spelled otherwise. What Node cannot read is not read. */
function patternIn(folder: string, file: string | undefined, pattern: string | undefined): WrittenVersion | undefined {
  if (file === undefined) return undefined;
  if (pattern === undefined) return matchIn(folder, file, ASSIGNMENT);
  const [, flags = '', body = ''] = /^(?:\(\?([a-z]+)\))?([^]*)$/.exec(pattern) ?? [];
  const text = body.replaceAll('(?P<', '(?<').replace(/\(\?P=(\w+)\)/g, '\\k<$1>');
  const known = /[a-z]/.test(flags) ? flags.replace(/[^ims]/g, '') : '';
  return isPattern(text, known) ? matchIn(folder, file, new RegExp(text, [...new Set(`${known}m`)].join(''))) : undefined;
}

function isPattern(text: string, flags: string): boolean {
  try {
    return new RegExp(text, flags).source !== '';
  } catch (cause) {
    if ((cause as Error).name !== 'SyntaxError') throw cause;
    return false;
  }
}

function matchIn(folder: string, file: string, pattern: RegExp): WrittenVersion | undefined {
  const path = join(folder, file);
  const found = existsSync(path) ? new RegExp(pattern, `${pattern.flags}d`).exec(readFileSync(path, 'utf8')) : null;
  const text = found?.groups?.['version'];
  return text === undefined ? undefined : { text, path, start: found!.indices!.groups!['version']![0] };
}

function wholeFile(folder: string, file: string): WrittenVersion | undefined {
  const path = join(folder, file.split(',')[0]!.trim());
  const content = existsSync(path) ? readFileSync(path, 'utf8') : '';
  const text = content.trim();
  return text === '' ? undefined : { text, path, start: content.indexOf(text) };
}
