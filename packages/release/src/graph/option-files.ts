import { posix } from 'node:path';

export interface TargetWithOptions {
  executor?: string;
  options?: Readonly<Record<string, unknown>>;
}

/** Options of our executors that name a file with requirements, as `a.b`. */
const REQUIREMENTS: Readonly<Record<string, readonly string[]>> = {
  '@waybill/bundle:package-dist': ['requirements'],
  '@waybill/python:build-wheel': ['buildRequirements', 'install.requirements'],
};

/** Files of requirements that targets of a project name by option, relative to the workspace: one in the workspace's root is nobody's manifest. Each once for a project. */
export function optionFiles(
  projects: Readonly<Record<string, { root: string; targets?: Readonly<Record<string, TargetWithOptions>> }>>,
): readonly { project: string; path: string }[] {
  return Object.entries(projects).flatMap(([project, { root, targets = {} }]) => {
    const named = Object.values(targets).flatMap(({ executor = '', options = {} }) =>
      (REQUIREMENTS[executor] ?? []).map((option) =>
        option.split('.').reduce<unknown>((value, key) => (value as typeof options | undefined)?.[key], options),
      ),
    );
    const paths = named.flatMap((path) => (typeof path === 'string' ? [placeOf(path, root)] : []));
    return [...new Set(paths)].map((path) => ({ project, path }));
  });
}

const placeOf = (path: string, root: string): string => posix.normalize(path.replace('{projectRoot}', root).replace(/^\{workspaceRoot\}\/?/, ''));
