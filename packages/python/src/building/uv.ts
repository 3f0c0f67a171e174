import { settingsOf, type Frontend } from './frontend';

/**
 * `uv build`: isolates, installs build requirements from its cache, and calls backends of its own kind in its own process. `--no-sources`: what
 * is built is what others get, who do not have this workspace.
 */
export const uv: Frontend = {
  id: 'uv',
  makes: ['sdist', 'wheel'],
  command({ what, source, output, python, prepared, configSettings, wheelhouse, constraints }, tool) {
    const args = [
      'build',
      `--${what}`,
      '--out-dir',
      output,
      '--python',
      python,
      '--no-sources',
      ...(prepared ? ['--no-build-isolation'] : []),
      ...(wheelhouse === undefined ? [] : ['--offline', '--no-index', '--find-links', wheelhouse]),
      ...(constraints === undefined ? [] : ['--build-constraints', constraints]),
      ...settingsOf(configSettings).flatMap((setting) => ['--config-setting', setting]),
      source,
    ];
    return { tool, args, cwd: source, env: { UV_PYTHON_DOWNLOADS: 'never', UV_NO_PROGRESS: '1' } };
  },
};
