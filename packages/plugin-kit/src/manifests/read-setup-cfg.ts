import { readIni } from '../version/read-ini';
import type { ManifestFacts } from './manifest-facts';
import { isForTests, readRequirement, unique } from './read-pyproject';

/** Name and dependencies of a setuptools project without `[project]`: to run (extras too, but those of tests and tools) and to build. Tests (`tests_require`) make no edge. */
export function readSetupCfg(text: string): ManifestFacts {
  const { metadata = {}, options = {}, 'options.extras_require': extras = {} } = readIni(text);
  const ofExtras = Object.entries(extras).flatMap(([extra, list]) => (isForTests(extra) ? [] : [list]));
  const lists = [options['install_requires'], options['setup_requires'], ...ofExtras];
  const includes = lists.flatMap(
    (list = '') =>
      /^file:([^\n]+)$/
        .exec(list)?.[1]!
        .split(',')
        .map((file) => file.trim()) ?? [],
  );
  const requirements = lists
    .filter((list = '') => !list.startsWith('file:'))
    // setuptools: one a line, or all in one line with semicolons between (`list-semi`)
    .flatMap((list = '') => list.split(list.includes('\n') ? '\n' : ';'))
    .map((line) => readRequirement(line.replace(/(^|\s)#.*$/, '')))
    .filter((found) => found !== undefined);
  // `name = file: NAME` and `attr: …` are looked up elsewhere
  const name = /^[\w.-]+$/.exec(metadata['name'] ?? '')?.[0];
  return {
    ...(name !== undefined && { name }),
    needs: unique(requirements.map((requirement) => requirement.name)),
    paths: unique(requirements.flatMap(({ path }) => (path === undefined ? [] : [path]))),
    ...(includes.length > 0 && { includes: unique(includes) }),
  };
}
