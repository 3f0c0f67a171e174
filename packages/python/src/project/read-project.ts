import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { declaredName, readIni } from '@waybill/plugin-kit';
import { parse } from 'smol-toml';
import { pythonErrors } from '../errors/python-errors';
import { traitsOf } from './backends';
import { table, texts, type ProjectFacts, type Table } from './project-facts';

/** The backend of projects that have a setup.py or setup.cfg and name none (PEP 517, "Recommendations"). */
const LEGACY = 'setuptools.build_meta:__legacy__';

/**
 * Reads the manifests of a Python project; runs nothing. `projectRoot` is relative to the workspace, `folder` absolute.
 * Throws `WHEEL_PYPROJECT` for a pyproject.toml that is none, `WHEEL_BACKEND_MISSING` for a folder that nothing can build.
 */
export function readProject(projectRoot: string, folder: string): ProjectFacts {
  const path = join(projectRoot, 'pyproject.toml');
  const manifest = readPyproject(join(folder, 'pyproject.toml'), path);
  const setupCfg = readSetupCfg(folder);
  const isOldStyle = setupCfg !== undefined || existsSync(join(folder, 'setup.py'));
  const system = table(manifest?.['build-system']);
  const backend = typeof system['build-backend'] === 'string' ? system['build-backend'] : isOldStyle ? LEGACY : undefined;
  if (backend === undefined) throw pythonErrors.error('WHEEL_BACKEND_MISSING', { path, there: manifest !== undefined });
  if (manifest !== undefined && manifest['build-system'] !== undefined && !Array.isArray(system['requires'])) {
    throw pythonErrors.error('WHEEL_PYPROJECT', { path, reason: '`[build-system]` has no list `requires` (PEP 518)' });
  }
  const project = table(manifest?.['project']);
  const poetry = table(table(manifest?.['tool'])['poetry']);
  const distribution = declaredName(folder, manifest ?? {});
  const requiresPython = textOf(project['requires-python']) ?? textOf(setupCfg?.['options']?.['python_requires']);
  const requires = system['requires'] === undefined ? ['setuptools >= 40.8.0'] : texts(system['requires']);
  return {
    backend,
    requires,
    ...(distribution !== undefined && { distribution }),
    ...(requiresPython !== undefined && { requiresPython }),
    dynamicVersion: typeof project['version'] !== 'string' && typeof poetry['version'] !== 'string',
    native: nativeOf(backend, requires, manifest ?? {}, folder),
    scripts: [...Object.keys(table(project['scripts'])), ...Object.keys(table(poetry['scripts']))].sort(),
    hasPyproject: manifest !== undefined,
    manifest: manifest ?? {},
  };
}

/** Name of the distribution that the manifests of another project say, whether a wheel can be made of it or not. Throws `WHEEL_PYPROJECT`. */
export const distributionIn = (projectRoot: string, folder: string): string | undefined =>
  declaredName(folder, readPyproject(join(folder, 'pyproject.toml'), join(projectRoot, 'pyproject.toml')) ?? {});

function readPyproject(file: string, path: string): Table | undefined {
  if (!existsSync(file)) return undefined;
  const text = readFileSync(file, 'utf8');
  return parsed(text, (reason) => {
    throw pythonErrors.error('WHEEL_PYPROJECT', { path, reason });
  });
}

/** TOML, or what `refuse` does with the reason why it is none. */
export function parsed(text: string, refuse: (reason: string) => never): Table {
  try {
    return parse(text);
  } catch (cause) {
    // the reader's class does not set `name`
    if (!(cause instanceof Error) || cause.constructor.name !== 'TomlError') throw cause;
    return refuse(cause.message.split('\n')[0]!);
  }
}

const textOf = (value: unknown): string | undefined => (typeof value === 'string' && value !== '' ? value : undefined);

function readSetupCfg(folder: string): ReturnType<typeof readIni> | undefined {
  const file = join(folder, 'setup.cfg');
  const sections = existsSync(file) ? readIni(readFileSync(file, 'utf8')) : undefined;
  // many projects keep nothing but settings of other tools there
  return sections?.['metadata'] === undefined && sections?.['options'] === undefined ? undefined : sections;
}

function nativeOf(backend: string, requires: readonly string[], manifest: Table, folder: string): ProjectFacts['native'] {
  const { native } = traitsOf(backend);
  if (native !== 'perhaps') return native;
  if (table(table(manifest['tool'])['setuptools'])['ext-modules'] !== undefined) return 'yes';
  if (requires.some((requirement) => /^(cython|numpy|pybind11|nanobind|cffi|setuptools[-_]rust|mypy|scikit[-_]build)\b/i.test(requirement)))
    return 'perhaps';
  const setup = join(folder, 'setup.py');
  return existsSync(setup) && /ext_modules|Extension\(|cffi_modules|rust_extensions/.test(readFileSync(setup, 'utf8')) ? 'yes' : 'no';
}
