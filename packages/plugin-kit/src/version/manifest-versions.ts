import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { dirname, join, relative } from 'node:path';
import { checkVersion, type VersionForm } from '@waybill/artifacts';
import { parse } from 'smol-toml';
import { pluginKitErrors } from '../errors/plugin-kit-errors';
import { backendVersion, setupVersion } from './backend-version';
import { PACKAGE_INFO, declaredName, readPackageInfo, sameName } from './read-package-info';

/** A version that a manifest names. */
export interface NamedVersion {
  /** Relative to the workspace. */
  path: string;
  /** As written. */
  text: string;
  /** Canonical PEP 440 form. */
  version: string;
  /** Offset of `text`, when a build backend reads it in the file; manifests are read by their keys. */
  start?: number;
  /** Of a TOML manifest: where `text` stands in it. Example: `workspace.package.version`. */
  key?: string;
}

/** What a manifest says: a version, that a backend makes it, or nothing. */
type Said = { text: string; path: string; start?: number; key?: string } | 'dynamic' | undefined;
type Table = Readonly<Record<string, unknown>>;

interface Source {
  file: string;
  form: VersionForm;
  read(text: string, path: string, workspaceRoot: string): Promise<Said>;
}

/** In the order in which they count (CONTRACT §1). */
export const SOURCES: readonly Source[] = [
  { file: 'pyproject.toml', form: 'pep440', read: readPyproject },
  { file: 'Cargo.toml', form: 'semver', read: readCargo },
  { file: 'package.json', form: 'semver', read: readPackageJson },
];

/** What JSON and the TOML reader throw, and `Manifest`; anything else is no fault of the manifest. */
const REFUSALS: ReadonlySet<string> = new Set(['SyntaxError', 'TomlError', 'Manifest']);

interface Versions {
  versions: readonly NamedVersion[];
  /** Leaves the version to the backend; set when no file says one. */
  dynamicIn?: string;
}

/**
 * Versions of all manifests of a project. A version that pyproject.toml leaves to its backend is read where the backend reads it, if that
 * is a text in a file; else it is that of the other manifests (maturin does the same with Cargo.toml), or that which an unpacked sdist says
 * of itself. When none has one, `dynamicIn` names the file that leaves it to the backend.
 */
export async function manifestVersions(workspaceRoot: string, projectRoot: string): Promise<Versions> {
  const named = await namedVersions(workspaceRoot, projectRoot);
  const built = await builtVersion(workspaceRoot, projectRoot);
  return built === undefined ? named : { versions: [...named.versions, built] };
}

async function namedVersions(workspaceRoot: string, projectRoot: string): Promise<Versions> {
  const found: NamedVersion[] = [];
  let dynamicIn: string | undefined;
  for (const source of SOURCES) {
    const path = join(workspaceRoot, projectRoot, source.file);
    const text = await readIfThere(path);
    if (text === undefined) continue;
    const said = await parseOrRefuse(source, text, path, workspaceRoot);
    if (said === 'dynamic') dynamicIn = relativePath(workspaceRoot, path);
    else if (said) found.push(namedVersion(said, source, workspaceRoot));
  }
  return found.length > 0 ? { versions: found } : await setupFiles(workspaceRoot, projectRoot, dynamicIn);
}

/** What stands in PKG-INFO, which makes the folder an unpacked sdist. One of another project is refused: it came there by mistake. */
async function builtVersion(workspaceRoot: string, projectRoot: string): Promise<NamedVersion | undefined> {
  const folder = join(workspaceRoot, projectRoot);
  const text = await readIfThere(join(folder, PACKAGE_INFO));
  if (text === undefined) return undefined;
  const path = relativePath(workspaceRoot, join(folder, PACKAGE_INFO));
  const { name, version } = readPackageInfo(text);
  const refuse = (reason: string): Error => pluginKitErrors.error('VERSION_MANIFEST', { path, reason });
  if (name === undefined || version === undefined) throw refuse(`it has no header \`${name === undefined ? 'Name' : 'Version'}\``);
  const expected = declaredName(folder);
  if (expected !== undefined && !sameName(name, expected)) throw pluginKitErrors.error('VERSION_FOREIGN', { path, expected, actual: name });
  const said = { text: version, path: join(folder, PACKAGE_INFO) };
  return { path, text: version, version: versionOf(said, SOURCES[0]!, workspaceRoot) };
}

/** Projects from before pyproject.toml, or with one that only names the backend. */
async function setupFiles(workspaceRoot: string, projectRoot: string, dynamicIn: string | undefined): Promise<Versions> {
  const folder = join(workspaceRoot, projectRoot);
  const said = setupVersion(folder);
  if (said) return { versions: [namedVersion(said, SOURCES[0]!, workspaceRoot)] };
  const file = dynamicIn ?? (existsSync(join(folder, 'setup.py')) ? relativePath(workspaceRoot, join(folder, 'setup.py')) : undefined);
  return { versions: [], ...(file !== undefined && { dynamicIn: file }) };
}

const namedVersion = (said: Exclude<Said, 'dynamic' | undefined>, source: Source, workspaceRoot: string): NamedVersion => ({
  path: relativePath(workspaceRoot, said.path),
  text: said.text,
  version: versionOf(said, source, workspaceRoot),
  ...(said.start !== undefined && { start: said.start }),
  ...(said.key !== undefined && { key: said.key }),
});

const relativePath = (workspaceRoot: string, path: string): string => relative(workspaceRoot, path).replaceAll('\\', '/');

async function parseOrRefuse(source: Source, text: string, path: string, workspaceRoot: string): Promise<Said> {
  try {
    return await source.read(text, path, workspaceRoot);
  } catch (cause) {
    if (!(cause instanceof Error) || !REFUSALS.has(nameOf(cause))) throw cause;
    const reason = cause.message.split('\n')[0]!;
    throw pluginKitErrors.error('VERSION_MANIFEST', { path: relativePath(workspaceRoot, path), reason }, { cause });
  }
}

function versionOf({ text, path }: { text: string; path: string }, source: Source, workspaceRoot: string): string {
  try {
    return checkVersion(text, source.form);
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw pluginKitErrors.error('VERSION_MANIFEST', { path: relativePath(workspaceRoot, path), reason }, { cause });
  }
}

async function readIfThere(path: string): Promise<string | undefined> {
  return readFile(path, 'utf8').catch((cause: NodeJS.ErrnoException) => {
    if (cause.code === 'ENOENT' || cause.code === 'ENOTDIR') return undefined;
    throw cause;
  });
}

/** The class of the TOML reader does not set `name`. */
const nameOf = (error: Error): string => (error.name === 'Error' ? error.constructor.name : error.name);

const table = (value: unknown): Table => (typeof value === 'object' && value !== null ? (value as Table) : {});

const parseToml = (text: string): Table => parse(text);

async function readPyproject(text: string, path: string): Promise<Said> {
  const manifest = parseToml(text);
  const project = table(manifest['project']);
  if (typeof project['version'] === 'string') return { text: project['version'], path, key: 'project.version' };
  const isDynamic = Array.isArray(project['dynamic']) && project['dynamic'].includes('version');
  const poetry = isDynamic && !isPoetrys(manifest) ? undefined : table(table(manifest['tool'])['poetry'])['version'];
  if (typeof poetry === 'string') return { text: poetry, path, key: 'tool.poetry.version' };
  return isDynamic ? (backendVersion(manifest, dirname(path)) ?? 'dynamic') : undefined;
}

/** Poetry 2 takes a dynamic version from its own table, unless a plugin makes it from tags. */
function isPoetrys(manifest: Table): boolean {
  const backend = table(manifest['build-system'])['build-backend'];
  const plugin = table(table(manifest['tool'])['poetry-dynamic-versioning'])['enable'];
  return typeof backend === 'string' && backend.startsWith('poetry.core') && plugin !== true;
}

/** `version.workspace = true` names the root of the Cargo workspace: `package.workspace`, or the nearest folder above with `[workspace]`. */
async function readCargo(text: string, path: string, workspaceRoot: string): Promise<Said> {
  const cargo = table(parseToml(text)['package']);
  const version = cargo['version'];
  if (typeof version === 'string') return { text: version, path, key: 'package.version' };
  if (table(version)['workspace'] !== true) return undefined;
  const named = cargo['workspace'];
  let folder = typeof named === 'string' ? join(dirname(path), named) : dirname(path);
  while (relative(workspaceRoot, folder) === '' || !relative(workspaceRoot, folder).startsWith('..')) {
    const file = join(folder, 'Cargo.toml');
    const manifest = await readIfThere(file);
    const shared = manifest === undefined ? undefined : table(table(parseToml(manifest)['workspace'])['package'])['version'];
    if (typeof shared === 'string') return { text: shared, path: file, key: 'workspace.package.version' };
    if (dirname(folder) === folder) break;
    folder = dirname(folder);
  }
  throw Object.assign(new Error('`version.workspace = true`, but no `[workspace.package]` above names one'), { name: 'Manifest' });
}

/** A private package without a version of its own, as Nx generates them, says nothing. */
async function readPackageJson(text: string, path: string): Promise<Said> {
  const manifest = table(JSON.parse(text));
  const version = manifest['version'];
  if (typeof version !== 'string' || (manifest['private'] === true && version === '0.0.0')) return undefined;
  return { text: version, path };
}
