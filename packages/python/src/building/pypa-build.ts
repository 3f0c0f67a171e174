import { pathToFileURL } from 'node:url';
import type { ManagedLibrary, ResolvedTool } from '@waybill/core';
import { settingsOf, type Frontend } from './frontend';

/** Puts a folder before everything on `sys.path` of this one process: `-I` keeps it from the backend's, which no variable reaches. */
const RUN = `import sys; sys.path.insert(0, sys.argv.pop(1)); from build.__main__ import main; main(sys.argv[1:], 'python -m build')`;

/** `build` as a tool: by the interpreter that builds, from the managed folder, or as that interpreter has it installed. */
export function pypaBuildTool(python: string, library: ManagedLibrary | { version: string; folder?: undefined }): ResolvedTool {
  const { version, folder } = library;
  return folder === undefined
    ? { id: 'build', path: python, prefixArgs: ['-I', '-m', 'build'], version, source: 'path' }
    : { id: 'build', path: python, prefixArgs: ['-I', '-c', RUN, folder], version, source: 'managed' };
}

/** pip splits the variable at white space, whatever stands round a path. */
const linkTo = (folder: string): string => (/\s/.test(folder) ? pathToFileURL(folder).href : folder);

/** `python -m build` (PyPA): makes an environment by `venv` and installs build requirements by pip. */
export const pypaBuild: Frontend = {
  id: 'build',
  makes: ['sdist', 'wheel'],
  command({ what, source, output, python, prepared, configSettings, wheelhouse, constraints }, tool) {
    const args = [
      `--${what}`,
      '--outdir',
      output,
      ...(prepared ? ['--no-isolation', '--skip-dependency-check'] : []),
      ...settingsOf(configSettings).map((setting) => `--config-setting=${setting}`),
      source,
    ];
    const env = {
      ...(wheelhouse !== undefined && { PIP_FIND_LINKS: linkTo(wheelhouse), PIP_NO_INDEX: '1' }),
      ...(constraints !== undefined && { PIP_CONSTRAINT: constraints }),
      // it breaks lines at that width, and with them the names in what pip says
      COLUMNS: '1000',
      PIP_DISABLE_PIP_VERSION_CHECK: '1',
      PIP_NO_INPUT: '1',
    };
    return { tool: { ...tool, path: python }, args, cwd: source, env };
  },
};
