import type { ResolvedTool } from '@waybill/core';

export type FrontendId = 'uv' | 'build' | 'maturin' | 'cibuildwheel';

/** What one call of a frontend is to make. All paths absolute. */
export interface BuildRequest {
  what: 'sdist' | 'wheel';
  /** The unpacked sources: the copy of the tree, or the unpacked sdist. */
  source: string;
  /** Empty; gets exactly one file. */
  output: string;
  /** The interpreter that builds. */
  python: string;
  /** Build requirements are installed in `python`'s environment already: the frontend isolates nothing and goes to no network. */
  isolated: boolean;
  /** Backend settings, `-C name=value`. */
  configSettings: Readonly<Record<string, string | readonly string[]>>;
  /** Folder of wheels that build requirements come from instead of an index. */
  wheelhouse?: string;
  /** `linux-x86_64`, …: for frontends that build for other systems. */
  platform: string;
}

/** A command as a value: printable, testable. `env` stands beside the fixed environment of the build. */
export interface BuildCommand {
  tool: ResolvedTool;
  args: readonly string[];
  cwd: string;
  env: Readonly<Record<string, string>>;
}

/** Turns a project into one sdist or wheel. An implementation knows argv and variables of its tool, and nothing else. */
export interface Frontend {
  id: FrontendId;
  /** What the frontend can make: maturin makes wheels and sdists of its own backend only, cibuildwheel wheels only. */
  makes: readonly BuildRequest['what'][];
  command(request: BuildRequest, tool: ResolvedTool): BuildCommand;
}
