import type { ResolvedTool } from '@waybill/core';
import type { Table } from '../project/project-facts';

export type FrontendId = 'uv' | 'build' | 'maturin' | 'cibuildwheel';

/** What one call of a frontend is to make. All paths absolute. */
export interface BuildRequest {
  what: 'sdist' | 'wheel';
  /** The unpacked sources: the copy of the tree, or the unpacked sdist. */
  source: string;
  /** Empty; gets exactly one file (cibuildwheel: one for each Python). */
  output: string;
  /** The interpreter that builds. */
  python: string;
  /** Build requirements are installed in `python`'s environment already: the frontend makes none and installs nothing. */
  prepared: boolean;
  /** Backend settings, `-C name=value`. */
  configSettings: Readonly<Record<string, string | readonly string[]>>;
  /** Folder of wheels that build requirements come from instead of an index. */
  wheelhouse?: string;
  /** Constraints file that pins every distribution of this workspace to the wheel of its record. */
  constraints?: string;
  /** `linux-x86_64`, …: for frontends that build for other systems. */
  platform: string;
  /** pyproject.toml, where frontends have settings of the project; empty when there is none. */
  manifest: Table;
  /** All that programs of the build see: for frontends that hand it on to other systems. */
  variables: Readonly<Record<string, string>>;
  /** The sources have a Cargo.lock that must be kept. */
  cargoLock: boolean;
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
  /** What the frontend can make: cibuildwheel makes wheels only. */
  makes: readonly BuildRequest['what'][];
  /** Makes a wheel for each of several Pythons in one call. */
  manyWheels?: boolean;
  command(request: BuildRequest, tool: ResolvedTool): BuildCommand;
}

/** `name=value` for each value, in the order given. */
export function settingsOf(settings: BuildRequest['configSettings']): readonly string[] {
  return Object.entries(settings).flatMap(([name, value]) => (typeof value === 'string' ? [value] : value).map((text) => `${name}=${text}`));
}
