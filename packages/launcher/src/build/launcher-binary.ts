import { access, mkdir, readFile, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { launcherErrors } from '../errors/launcher-errors';
import { compilerArguments, launcherDigest, SOURCE_FOLDER } from './launcher-sources';
import { LAUNCHER_PLATFORMS, variantFor, type LauncherVariant } from './variants';

/** The compiler: `zig`, or `python -m ziglang` by `prefixArgs`. Core's `ResolvedTool` fits. */
export interface CompilerTool {
  path: string;
  prefixArgs: readonly string[];
  version: string;
}

/** Runs a program; core's `Processes` fits. */
export interface CompilerProcesses {
  run(request: {
    file: string;
    args: readonly string[];
    cwd?: string;
    env: Readonly<Record<string, string>>;
    timeoutMs: number;
  }): Promise<{ exitCode: number | null; stdout: string; stderr: string }>;
}

/** Runs `work` while no other process holds `path`; core's `withFileLock` fits. */
export type FileLock = <T>(path: string, options: { timeoutMs: number }, work: () => Promise<T>) => Promise<T>;

export interface LauncherBuildPorts {
  /** Asked only when something must be built. */
  zig: () => Promise<CompilerTool>;
  /** Version of the compiler that `zig` would give: another one gives other bytes, so it is part of the cache's key. */
  zigVersion: () => Promise<string>;
  processes: CompilerProcesses;
  withFileLock: FileLock;
  /** Clean environment for the compiler. */
  environment: Readonly<Record<string, string>>;
  /** Absolute; launchers are kept here by the digest of sources and flags and the compiler's version, and the compiler's own cache. */
  cacheFolder: string;
  /** Limit of one build, which compiles a C library at first (default 10 minutes). */
  timeoutMs?: number;
}

export interface LauncherBinaryRequest extends LauncherBuildPorts {
  /** `{os}-{arch}`, `-musl` behind it for musl systems. */
  platform: string;
  /** Absolute; what `build-launchers` has made (default: this package's `assets`). */
  prebuiltFolder?: string;
}

const DEFAULT_TIMEOUT_MS = 10 * 60_000;
/** Folder of the package that holds what `build-launchers` has made. */
const PREBUILT_FOLDER = join(__dirname, '..', '..', 'assets');
/** Beside a prebuilt launcher: the digest of the sources that it was made from. */
const DIGEST_FILE = 'sources.sha256';

/** Absolute path of the native launcher for a platform: the prebuilt one of this package, else a cached one, else built now. */
export async function launcherBinary(request: LauncherBinaryRequest): Promise<string> {
  const variant = variantFor(request.platform);
  if (!variant) {
    throw launcherErrors.error('TOOL_LAUNCHER_PLATFORM', { platform: request.platform, known: LAUNCHER_PLATFORMS });
  }
  const digest = await launcherDigest(variant);
  return (await prebuilt(variant, digest, request.prebuiltFolder ?? PREBUILT_FOLDER)) ?? buildCached(variant, digest, request);
}

/** One that was made from other sources is passed over. */
async function prebuilt(variant: LauncherVariant, digest: string, root: string): Promise<string | undefined> {
  const folder = join(root, variant.name);
  const made = await readFile(join(folder, DIGEST_FILE), 'utf8').catch(absent);
  return made?.trim() === digest ? join(folder, variant.fileName) : undefined;
}

async function buildCached(variant: LauncherVariant, digest: string, ports: LauncherBuildPorts): Promise<string> {
  const folder = join(ports.cacheFolder, 'launchers', `${digest}-zig-${await ports.zigVersion()}`);
  const file = join(folder, variant.fileName);
  if (await exists(file)) return file;
  const timeoutMs = ports.timeoutMs ?? DEFAULT_TIMEOUT_MS;
  await mkdir(folder, { recursive: true });
  return ports.withFileLock(join(folder, 'lock'), { timeoutMs }, async () => {
    if (!(await exists(file))) await buildLauncher(variant, file, ports);
    return file;
  });
}

/** Compiles one variant to `output` (absolute), which appears only when it is complete. */
export async function buildLauncher(variant: LauncherVariant, output: string, ports: LauncherBuildPorts): Promise<void> {
  const zig = await ports.zig();
  // A folder of its own, and the final name in it: the linker writes the name into the signature of macOS programs.
  const stage = `${output}.${process.pid}.tmp`;
  const unfinished = join(stage, variant.fileName);
  const zigCache = join(ports.cacheFolder, 'zig');
  try {
    await mkdir(stage, { recursive: true });
    const result = await ports.processes.run({
      file: zig.path,
      args: [...zig.prefixArgs, ...compilerArguments(variant, unfinished)],
      cwd: SOURCE_FOLDER,
      env: { ...ports.environment, ZIG_GLOBAL_CACHE_DIR: zigCache, ZIG_LOCAL_CACHE_DIR: zigCache },
      timeoutMs: ports.timeoutMs ?? DEFAULT_TIMEOUT_MS,
    });
    if (result.exitCode !== 0) {
      throw launcherErrors.error('TOOL_LAUNCHER_BUILD', {
        target: variant.target,
        version: zig.version,
        output: result.stderr,
      });
    }
    await rename(unfinished, output);
  } finally {
    await rm(stage, { recursive: true, force: true });
  }
}

const exists = (path: string) =>
  access(path).then(
    () => true,
    () => false,
  );

function absent(error: NodeJS.ErrnoException): undefined {
  if (error.code !== 'ENOENT') throw error;
  return undefined;
}
