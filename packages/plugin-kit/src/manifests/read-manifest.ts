import { basename } from 'node:path';
import { parse } from 'smol-toml';
import { NO_FACTS, type ManifestFacts } from './manifest-facts';
import { readCargo } from './read-cargo';
import { readPyproject } from './read-pyproject';
import { readRequirementsFile } from './read-requirements-file';
import { readSetupCfg } from './read-setup-cfg';

/** Facts of one manifest, by its base name. Throws what the TOML reader throws. */
export function readManifest(path: string, text: string): ManifestFacts {
  const file = basename(path);
  if (file === 'pyproject.toml') return readPyproject(parse(text));
  if (file === 'Cargo.toml') return readCargo(parse(text));
  if (file === 'setup.cfg') return readSetupCfg(text);
  return file.startsWith('requirements') ? readRequirementsFile(text) : NO_FACTS;
}
