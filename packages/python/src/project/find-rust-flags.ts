import { existsSync, readFileSync } from 'node:fs';
import { join, posix } from 'node:path';
import { pythonErrors } from '../errors/python-errors';
import { table } from './project-facts';
import { parsed } from './read-project';

/** Platform → what Rust calls it, as its variables spell it. */
const TRIPLES: Readonly<Record<string, string>> = {
  'linux-x86_64': 'X86_64_UNKNOWN_LINUX_GNU',
  'linux-aarch64': 'AARCH64_UNKNOWN_LINUX_GNU',
  'linux-x86_64-musl': 'X86_64_UNKNOWN_LINUX_MUSL',
  'linux-aarch64-musl': 'AARCH64_UNKNOWN_LINUX_MUSL',
  'macos-x86_64': 'X86_64_APPLE_DARWIN',
  'macos-aarch64': 'AARCH64_APPLE_DARWIN',
};
const FILES = ['.cargo/config.toml', '.cargo/config'];

/**
 * The variable by which flags are added to those of `.cargo/config.toml`. `RUSTFLAGS` would replace them all; of the others cargo takes those of the
 * target, and only where there are none those of the build (the Cargo Book, "build.rustflags"). `base` and `project` are relative to the workspace;
 * `cargoHome` is absolute. `WHEEL_PYPROJECT` for a file that is no TOML.
 */
export function rustFlagsVariable(workspaceRoot: string, base: string, project: string, platform: string, cargoHome: string | undefined): string {
  const inSources = [base, ...foldersBelow(base, project)].flatMap((folder) => FILES.map((file) => posix.join(folder, file)));
  const files = inSources.map((path) => ({ path, file: join(workspaceRoot, path) }));
  const own = cargoHome === undefined ? [] : ['config.toml', 'config'].map((name) => ({ path: join(cargoHome, name), file: join(cargoHome, name) }));
  const triple = TRIPLES[platform];
  const ofTarget = [...files, ...own].some(({ path, file }) => existsSync(file) && hasTargetFlags(path, file));
  return ofTarget && triple !== undefined ? `CARGO_TARGET_${triple}_RUSTFLAGS` : 'CARGO_BUILD_RUSTFLAGS';
}

function foldersBelow(base: string, project: string): string[] {
  const parts = project.split('/').filter((part) => part !== '');
  return parts.map((_, index) => posix.join(base, ...parts.slice(0, index + 1)));
}

function hasTargetFlags(path: string, file: string): boolean {
  const config = parsed(readFileSync(file, 'utf8'), (reason) => {
    throw pythonErrors.error('WHEEL_PYPROJECT', { path, reason });
  });
  return Object.values(table(config['target'])).some((one) => table(one)['rustflags'] !== undefined);
}
