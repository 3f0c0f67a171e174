/** A foreign tool, described once: how it is found, what versions work, how to get it. */
export interface ToolDescriptor {
  /** Also the command's name on PATH unless `command` says otherwise. */
  id: string;
  command?: string;
  /** Environment variable that names the tool's path: `WAYBILL_PATCHELF`. */
  environmentVariable: string;
  versionArgs: readonly string[];
  /** Of a Python application that does not tell its version: the distribution beside whose metadata its program is installed. */
  distribution?: string;
  /** Of a program for Windows that does not tell its version: it stands in its resources, and nothing is started. */
  versionResource?: true;
  /** Of a program that comes with the system and does not tell its version: another one, on PATH, that is asked for the system's. */
  versionCommand?: string;
  /** Picks the version out of the tool's output; `undefined` when the output is not this tool's. */
  parseVersion(output: string): string | undefined;
  /** Lowest version that works, inclusive. */
  minimum?: string;
  /** Versions known to be broken, each with the reason and its source. */
  refused?: readonly { version: string; reason: string }[];
  /**
   * Versions to work with where one can choose: a tool on PATH that does not fit is passed over for the pinned one, on platforms that have
   * one. A tool that is named by option or environment need not fit.
   */
  preferred?: { versions: string; fits(version: string): boolean };
  /** Name in the managed-tool lock (`tool-lock.json`), when a PyPI wheel carries the tool. */
  managed?: string;
  /** One line: how a person installs it. */
  install: string;
}

export interface ResolvedTool {
  id: string;
  /** Absolute path of the executable. */
  path: string;
  /** Arguments that come before all others (`python -m ziglang` style tools); mostly empty. */
  prefixArgs: readonly string[];
  version: string;
  source: 'option' | 'environment' | 'path' | 'managed';
  /** Set when a tool on PATH was passed over, with the reason. */
  passedOver?: string;
}

/** A pure Python package with all that it needs, to be put on `sys.path`. */
export interface ManagedLibrary {
  version: string;
  /** Absolute. */
  folder: string;
}

/** Finds tools: option, then environment, then PATH, then the managed tool folder (provisioned at need). */
export interface Tools {
  /** Throws `TOOL_MISSING` or `TOOL_VERSION`. A tool named by option or environment is never replaced by another. */
  resolve(descriptor: ToolDescriptor, explicitPath?: string): Promise<ResolvedTool>;
  /** Version of the tool that `resolve` would give, without provisioning it. Throws the same. */
  versionOf(descriptor: ToolDescriptor): Promise<string>;
}

export interface LibraryTools extends Tools {
  /** A pinned pure Python package (`build`) in the managed tool folder, provisioned at need. Throws `TOOL_…`. */
  library(name: string): Promise<ManagedLibrary>;
}
