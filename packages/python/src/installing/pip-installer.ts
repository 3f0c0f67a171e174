import { compareVersions } from '@waybill/core';
import { ONLY_WHEELS, sourceArguments, type Installer, type InstallerCommand } from './installer';

/** From here on pip takes `--python` and works on another environment than its own. */
const PIP_FOR_OTHERS = '22.3';

export interface PipCommands {
  createEnvironment(folder: string): InstallerCommand;
  pip(environmentPython: string, ...args: readonly string[]): InstallerCommand;
}

/**
 * The interpreter's venv and pip. A pip of the interpreter that can work on other environments does so: the environment is then empty, and
 * a Python without ensurepip (Debian's without `python3-venv`) will do. Otherwise the environment gets a pip of its own.
 */
export function pipCommands(python: string, pipVersion: string | undefined): PipCommands {
  const fromOutside = pipVersion !== undefined && compareVersions(pipVersion, PIP_FOR_OTHERS) >= 0;
  return {
    createEnvironment: (folder) => ({ file: python, args: ['-I', '-m', 'venv', ...(fromOutside ? ['--without-pip'] : []), folder] }),
    pip: (environmentPython, ...args) => ({
      file: fromOutside ? python : environmentPython,
      args: ['-I', '-m', 'pip', ...(fromOutside ? ['--python', environmentPython] : []), '--disable-pip-version-check', '--no-input', ...args],
    }),
  };
}

/** Arguments by which a Python tells the version of its pip; it fails when it has none. */
export const PIP_VERSION_ARGS = ['-I', '-c', 'import pip; print(pip.__version__)'];

export function pipInstaller(python: string, pipVersion: string | undefined): Installer {
  const { createEnvironment, pip } = pipCommands(python, pipVersion);
  return {
    id: 'pip',
    createEnvironment,
    install: (environmentPython, source) => pip(environmentPython, 'install', '--no-compile', '-q', ...ONLY_WHEELS, ...sourceArguments(source)),
    check: (environmentPython) => pip(environmentPython, 'check'),
    uninstall: (environmentPython, distribution) => pip(environmentPython, 'uninstall', '--yes', '-q', distribution),
  };
}
