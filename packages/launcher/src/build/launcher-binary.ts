/** The compiler: `zig`, or `python -m ziglang` by `prefixArgs`. A `ResolvedTool` fits. */
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

export interface LauncherBinaryRequest {
  /** `{os}-{arch}`, `-musl` behind it for musl systems. */
  platform: string;
  /** Asked only when there is neither a prebuilt nor a cached launcher. */
  zig: () => Promise<CompilerTool>;
  processes: CompilerProcesses;
  /** Clean environment for the compiler. */
  environment: Readonly<Record<string, string>>;
  /** Absolute; launchers are kept here by the digest of sources and flags. */
  cacheFolder: string;
  timeoutMs?: number;
}

/** Absolute path of the native launcher for a platform: the prebuilt one of this package, else a cached one, else built now. */
export async function launcherBinary(_request: LauncherBinaryRequest): Promise<string> {
  throw new Error('not yet');
}
