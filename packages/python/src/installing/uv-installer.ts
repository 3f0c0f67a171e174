import { ONLY_WHEELS, sourceArguments, type Installer } from './installer';

/**
 * uv makes the environment and fills it, without pip in it. Files are copied: with links a package that writes into itself would change
 * uv's cache.
 */
export function uvInstaller(python: string, uv: { path: string; prefixArgs: readonly string[] }): Installer {
  const command = (...args: readonly string[]) => ({ file: uv.path, args: [...uv.prefixArgs, ...args, '--no-progress'] });
  return {
    id: 'uv',
    createEnvironment: (folder) => command('venv', '--python', python, '--no-project', folder),
    install: (environmentPython, source) =>
      command(
        'pip',
        'install',
        '--python',
        environmentPython,
        '--link-mode',
        'copy',
        ...ONLY_WHEELS,
        ...refreshed(source.kind === 'files' ? source.files : []),
        ...sourceArguments(source),
      ),
    check: (environmentPython) => command('pip', 'check', '--python', environmentPython),
    uninstall: (environmentPython, distribution) => command('pip', 'uninstall', '--python', environmentPython, distribution),
  };
}

/** Keeps uv from older wheels of the same names in its cache. */
const refreshed = (files: readonly string[]): string[] => files.flatMap((file) => ['--refresh-package', distributionOf(file)]);

const distributionOf = (file: string): string => file.split(/[\\/]/).at(-1)!.split('-')[0]!;
