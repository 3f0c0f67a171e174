import { compilePattern } from '../patterns';

/**
 * Does a list of Nx filesets hold a path (relative to the workspace)? `projectRoot` is that of the project the filesets are read for;
 * `belongs` says whether the file is that project's (only then `{projectRoot}` reaches it). An exclusion wins, wherever it stands.
 */
export function matchFilesets(filesets: readonly string[], path: string, projectRoot: string, belongs: boolean): boolean {
  const rootOnly = projectRoot === '.' ? '' : `${projectRoot}/`;
  const matches = (fileset: string): boolean => {
    if (fileset.startsWith('{projectRoot}')) {
      const pattern = fileset.slice('{projectRoot}'.length).replace(/^\//, '');
      return belongs && matchGlob(`${rootOnly}${pattern === '' ? '**/*' : pattern}`, path);
    }
    return matchGlob(fileset.replace(/^\{workspaceRoot\}\/?/, ''), path);
  };
  const excluded = filesets.some((fileset) => fileset.startsWith('!') && matches(fileset.slice(1)));
  return !excluded && filesets.some((fileset) => !fileset.startsWith('!') && matches(fileset));
}

/** A folder without a pattern stands for everything in it, as in Nx's outputs. */
export function matchGlob(glob: string, path: string): boolean {
  const pattern = glob.replace(/^\.\//, '').replace(/\/$/, '');
  return path === pattern || path.startsWith(`${pattern}/`) || matcherOf(pattern)(path);
}

const matchers = new Map<string, (path: string) => boolean>();

/** A glob is compiled once: each file that options name is asked for every input of the target. */
function matcherOf(pattern: string): (path: string) => boolean {
  const matcher = matchers.get(pattern) ?? compilePattern(pattern, { dot: true });
  matchers.set(pattern, matcher);
  return matcher;
}
