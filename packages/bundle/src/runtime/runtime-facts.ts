import type { Processes, ResolvedTool, Tools } from '@waybill/core';
import type { CarriedLibrary, PrunedEntry } from '@waybill/artifacts';
import type { Finding } from '@waybill/core';
import type { LeakToken } from '@waybill/relocation';
import type { VendorLibrariesOptions } from '../libraries/vendor-types';

export type RuntimeProvider = 'interpreter' | 'archive' | 'uv';

/** Which Python a bundle gets. Paths are absolute or relative to the workspace. */
export interface RuntimeRequest {
  provider: RuntimeProvider;
  /** What the runtime must be: `3.11` (any of the series), `3.11.7`, or specifiers (`>=3.10,<3.13`). */
  version?: string;
  /** interpreter: the executable; archive: the file or an unpacked folder. */
  path?: string;
  /** archive: where it is fetched from; needs `sha256`. */
  url?: string;
  /** Lower-case hex of the archive. */
  sha256?: string;
  /** Name of a variable that holds `url`; counts when it is set. */
  urlEnv?: string;
  /** Name of a variable that holds `sha256`; counts when it is set. */
  sha256Env?: string;
  /** Absolute. */
  projectRoot: string;
  /** Absolute. */
  workspaceRoot: string;
  /** `linux-x86_64`, …: what the bundle is made for. */
  platform: string;
  /** The app embeds Python: a shared libpython is a must. */
  embedded: boolean;
}

/** What the runtime's code needs of the world. */
export interface RuntimePorts {
  processes: Processes;
  tools: Pick<Tools, 'resolve'>;
  /** Clean environment for tools: PATH, HOME, proxies …; nothing else of the caller is seen. */
  environment: Readonly<Record<string, string>>;
  /** The caller's variables, for those that `urlEnv` and `sha256Env` name. */
  variables?: Readonly<Record<string, string | undefined>>;
  progress?: { step<T>(name: string, work: () => Promise<T>): Promise<T>; line(text: string): void; warn(text: string): void };
  /** Holds unpacked archives by digest, shared by all runs of a user; default `$XDG_CACHE_HOME/waybill/runtimes` or `$HOME/.cache/waybill/runtimes`. */
  cacheFolder?: string;
  /** Default: Node's. */
  fetch?: typeof fetch;
  /** Limit of each single tool run and of a download that makes no progress. */
  timeoutMs?: number;
}

/** What is known of a runtime before it is copied. Paths are absolute unless said otherwise. */
export interface RuntimeFacts {
  provider: RuntimeProvider;
  /** `3.11.7`, with its suffix for pre-releases (`3.15.0a2`). */
  version: string;
  /** `3.11`. */
  series: string;
  /** Suffix of the ABI: `t` (free threaded), `d`; empty for the usual build. */
  abiFlags: string;
  /** The real executable: no shim, no venv, no symlink. */
  executable: string;
  /** `sys.base_prefix` as the interpreter tells it. */
  prefix: string;
  /** The same with symlinks resolved. */
  realPrefix: string;
  /** Folder that holds `os.py`. */
  stdlib: string;
  /** Folder of the extension modules of the standard library. */
  dynload: string;
  /** `lib`, or `lib64` on systems that say so. */
  platlibdir: string;
  libpython?: { file: string; soname: string };
  /** The executable holds the interpreter itself and needs no libpython. */
  staticInterpreter: boolean;
  /** GNU build id of libpython, or of a static interpreter. */
  buildId?: string;
  /** `x86_64`, `aarch64`. */
  architecture: string;
  /** Can this machine start the executable. */
  runsHere: boolean;
  /** For people and records, free of host paths: `interpreter 3.11.7`, `archive cpython-3.11.7-….tar.gz`. */
  source: string;
  /** Of the archive. */
  sha256?: string;
  licenceFiles: readonly string[];
  /** Absolute paths of the machine that built it, which its files carry; never generic ones such as `/usr`. */
  leakOrigins: readonly string[];
  /** `home`: a folder that is Python's alone. `system`: a prefix that other software shares (`/usr`): only Python's own files are taken. */
  layout: 'home' | 'system';
}

export interface PruneOptions {
  preset: 'none' | 'safe' | 'small';
  /** Globs relative to the runtime's home (`lib/python3.11/idlelib/**`), or names of modules; they stay whatever the preset says. */
  keep: readonly string[];
  /** The same, dropped beyond the preset. */
  drop: readonly string[];
}

export interface PrepareRuntimeRequest {
  runtime: RuntimeFacts;
  /** Absolute root of the bundle that is being made; `python/runtime`, `lib` and `share/waybill/licences` are written below it. */
  outputRoot: string;
  workspaceRoot: string;
  platform: string;
  embedded: boolean;
  prune: PruneOptions;
  strip: boolean;
  pyc: 'unchecked-hash' | 'none';
  vendorLibraries: VendorLibrariesOptions;
  /** Absolute folder for debug data by build id; absent: none is kept. */
  symbolsRoot?: string;
  /** Further paths of this machine that must not stay in files (workspace, HOME …). The runtime's own origins are always scrubbed. */
  leakTokens?: readonly LeakToken[];
  patchelf: ResolvedTool;
  /** Needed when `strip` or `symbolsRoot` is set. */
  stripTool?: ResolvedTool;
  ports: RuntimePorts;
}

/** A runtime in its place. Paths are paths in the bundle. */
export interface PreparedRuntime {
  /** For records: no host path, no time. */
  facts: {
    version: string;
    series: string;
    provider: RuntimeProvider;
    source: string;
    sha256?: string;
    buildId?: string;
    architecture: string;
    staticInterpreter: boolean;
    soname?: string;
    abiFlags: string;
    /** Byte code was written; false when asked not to, or when the runtime cannot run on this machine. */
    compiled: boolean;
  };
  home: 'python/runtime';
  /** `python/runtime/bin/python3.11`. */
  python: string;
  libpython?: string;
  /** `python/runtime/lib/python3.11`. */
  stdlib: string;
  /** Folder whose `.pth` files the runtime's own `site` reads. */
  sitePackages: string;
  pruned: readonly PrunedEntry[];
  carried: readonly CarriedLibrary[];
  symbols: readonly { buildId: string; path: string; of: string }[];
  /** Every file and link written, sorted. */
  files: readonly string[];
  findings: readonly Finding[];
  /** Milliseconds of each part of the work, for report.json. */
  stepMs: Readonly<Record<string, number>>;
}

/** A runtime in a tree that others add to: its files are not told from theirs. */
export type RuntimeInPlace = Omit<PreparedRuntime, 'files'>;
