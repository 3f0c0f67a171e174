import { basename } from 'node:path';
import { parse } from 'smol-toml';
import { NO_FACTS, type ManifestFacts } from './manifest-facts';
import { readCargo } from './read-cargo';
import { NAMES_FOR_TESTS, readPyproject } from './read-pyproject';
import { readRequirementsFile } from './read-requirements-file';
import { readSetupCfg } from './read-setup-cfg';
import { readSetupPy } from './read-setup-py';

/** Files of what tests and tools need: they make no edges, as groups of a pyproject do not. */
const FOR_TESTS = new RegExp(`^requirements.*[-_.](${NAMES_FOR_TESTS.join('|')})[-_.]`);

/** Facts of one manifest, by its base name. Throws what the TOML reader throws. */
export function readManifest(path: string, text: string): ManifestFacts {
  const file = basename(path);
  if (file === 'pyproject.toml') return readPyproject(parse(text));
  if (file === 'Cargo.toml') return readCargo(parse(text));
  if (file === 'setup.cfg') return readSetupCfg(text);
  if (file === 'setup.py') return readSetupPy(text);
  return file.startsWith('requirements') && !FOR_TESTS.test(file) ? readRequirementsFile(text) : NO_FACTS;
}
