import type { ProcessResult } from '@waybill/core';
import type { Tier } from './isolation-tier';

/** One place inside at which the bundle stands. */
export interface Place {
  id: string;
  /** Absolute path inside. */
  path: string;
  /** Files of the bundle that are replaced here: path in the bundle → absolute file outside. */
  overrides?: Readonly<Record<string, string>>;
  /** The bundle can be changed here (default: mounted read-only). */
  writable?: boolean;
  /** Another folder stands here than the bundle. */
  source?: string;
}

/** `stranger`: another user than the one who unpacked the bundle, without entry in passwd, where the tier can do that. */
export type Identity = 'stranger' | 'owner';

export interface SandboxRequest {
  /** Program and arguments as seen inside. */
  argv: readonly [string, ...string[]];
  /** The whole environment. */
  env: Readonly<Record<string, string>>;
  /** Working folder inside; default `/`. */
  cwd?: string;
  input?: string;
  timeoutMs?: number;
  /** Octal, such as `077`. */
  umask?: string;
  /** Standard streams that are closed when the program starts. */
  closed?: readonly ('stdin' | 'stdout')[];
  identity?: Identity;
  /** Record system calls about files: absolute prefix of the files that strace writes, one for each process. */
  traceTo?: string;
}

export interface SandboxResult extends ProcessResult {
  /** Name or number of the signal that ended the program, also when a shell in between turned it into an exit code. */
  diedOf?: string;
}

/** Where a bundle is run. */
export interface Sandbox {
  readonly tier: Tier;
  /** `host`: the machine without what is hidden; `bare`: nothing but glibc. */
  readonly profile: 'host' | 'bare';
  /** Folder outside in which the root stands; absent in tiers without one. */
  readonly rootFolder?: string;
  /** uid inside, for the report. */
  readonly uid: string;
  /** Where an absolute path of the plan (a link, a further folder, the scripts) really is: itself in a root of its own. */
  locate(path: string): string;
  /** Path inside of a place; in tiers without a root of their own a copy is made at the first call. */
  place(id: string): Promise<string>;
  run(request: SandboxRequest): Promise<SandboxResult>;
  /** Undoes what must not stay (renames); temporary folders are the caller's. */
  close(): Promise<void>;
}
