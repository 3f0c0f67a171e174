import lock from './tool-lock.json';

/** One wheel that carries a tool. */
export interface PinnedWheel {
  /** File name of the wheel, as the package index has it. */
  file: string;
  /** Of the wheel, lower-case hex. */
  sha256: string;
  /** Path of the executable in the wheel. */
  executable: string;
  /** Of the executable, lower-case hex. */
  executableSha256: string;
}

export interface PinnedTool {
  /** Of the package, which may have more parts than the tool's own. */
  version: string;
  /** By platform: `linux-x86_64`, `linux-x86_64-musl`, `macos-aarch64`, … */
  wheels: Readonly<Record<string, PinnedWheel>>;
}

/** By name of the package. */
export type ToolLock = Readonly<Record<string, PinnedTool>>;

/** A pure Python package that is run from its wheels, with all that it needs. */
export interface PinnedLibrary {
  version: string;
  /** Lowest version of Python that runs it. */
  requiresPython: string;
  wheels: readonly { name: string; version: string; file: string; sha256: string }[];
}

export type LibraryLock = Readonly<Record<string, PinnedLibrary>>;

/** What this version of Waybill provisions. Only package names and digests: where from is the affair of the user's package tool. */
export const TOOL_LOCK: ToolLock = lock.tools;
export const LIBRARY_LOCK: LibraryLock = lock.libraries;
