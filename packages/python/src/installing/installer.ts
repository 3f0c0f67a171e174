import type { InstallTestRequest } from './install-test';

/** A program and its arguments, as a value. */
export interface InstallerCommand {
  file: string;
  args: readonly string[];
}

/** Where the distributions of one installation come from. */
export type Source =
  | { kind: 'lock'; file: string; wheelhouse?: string }
  /** Wheels by file; what they need comes from `wheelhouse`, or does not come. */
  | { kind: 'files'; files: readonly string[]; wheelhouse?: string };

/** What makes and fills an environment. Knows argv of its tool, and nothing else. */
export interface Installer {
  id: 'uv' | 'pip';
  createEnvironment(folder: string): InstallerCommand;
  install(environmentPython: string, source: Source): InstallerCommand;
  /** Exit code 0 when every requirement of what is installed is met. */
  check(environmentPython: string): InstallerCommand;
  uninstall(environmentPython: string, distribution: string): InstallerCommand;
}

export type InstallerRequest = Pick<InstallTestRequest, 'python' | 'uv'>;

/** Distributions only as wheels: an installation test that builds others would test those. */
export const ONLY_WHEELS = ['--only-binary', ':all:'];

/** Arguments that say where distributions come from, the same for uv and pip. */
export function sourceArguments(source: Source): string[] {
  const links = source.wheelhouse === undefined ? [] : ['--no-index', '--find-links', source.wheelhouse];
  if (source.kind === 'lock') return [...links, '--require-hashes', '--no-deps', '-r', source.file];
  const from = source.wheelhouse === undefined ? ['--no-deps'] : ['--find-links', source.wheelhouse];
  return ['--no-index', ...from, ...source.files];
}
