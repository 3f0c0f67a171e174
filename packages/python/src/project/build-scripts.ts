import { posix } from 'node:path';
import { table, texts, type Table } from './project-facts';

/** Names of files that run when something is built, wherever they lie. */
const OF_BUILDS =
  /^(?:setup\.py|build\.(?:py|rs)|hatch_build\.py|pyproject\.toml|setup\.cfg|meson\.build|CMakeLists\.txt|.+\.cmake|[Mm]akefile|configure|.+\.sh)$/;
/** At the top, and no part of a build. */
const OTHER_TOOLS = /^(?:conftest|noxfile|tasks|dodo|fabfile|test_.*|.*_test)\.py$/;
const TESTS = /^(?:tests?|testing)$/;

/** Files of a project that run while it is built: its build scripts, modules at its top, and the backend that it brings. Paths relative to it. */
export function buildScripts(manifest: Table, paths: readonly string[]): readonly string[] {
  const own = texts(table(manifest['build-system'])['backend-path']).map((path) => posix.normalize(path).replace(/\/$/, ''));
  const isOwn = (path: string): boolean => own.some((folder) => folder !== '.' && path.startsWith(`${folder}/`));
  return paths.filter((path) => {
    const parts = path.split('/');
    const name = parts.at(-1)!;
    if (isOwn(path)) return true;
    if (parts.slice(0, -1).some((part) => TESTS.test(part))) return false;
    return OF_BUILDS.test(name) || (parts.length === 1 && name.endsWith('.py') && !OTHER_TOOLS.test(name));
  });
}
