import type { UpstreamArtifact } from '@waybill/plugin-kit';
import type { RequirementsLock } from '@waybill/distributions';
import type { PreparedRuntime, RuntimeFacts } from '../../runtime';

/** The native program of an application that embeds Python, as its build left it. */
export interface BinaryFacts {
  /** Relative to the workspace. */
  path: string;
  /** Absolute. */
  file: string;
  /** Bytes. */
  size: number;
  architecture: string;
  /** DT_NEEDED name of the libpython it is linked to, without folders. */
  libpython?: string;
  needed: readonly string[];
  buildId?: string;
}

/** One file or link that the allow-list copies. */
export interface IncludedItem {
  /** Absolute. */
  from: string;
  /** Path in the bundle. */
  to: string;
  kind: 'file' | 'symlink';
  /** 0o644 or 0o755: what a file system or umask adds to it does not travel. */
  mode: number;
  size: number;
  /** Links: the target as stored, relative. */
  linkTarget?: string;
  /** The entry of `include` (or `entry.script`) that names it. */
  because: string;
}

export type EntryFacts = { module: string } | { script: string };

/** The runtime: found on this machine and still to be prepared, or prepared by a target that this one depends on (`planned`: it will be, in a dry run). */
export type RuntimeSource =
  { from: 'machine'; facts: RuntimeFacts; planned?: UpstreamArtifact } | { from: 'target'; artifact: UpstreamArtifact; prepared: PreparedRuntime };

/** Everything that the plan is made from; nothing of it is written yet. */
export interface PackageFacts {
  /** `linux-x86_64`, … */
  platform: string;
  /** What is started. */
  binary?: BinaryFacts;
  entry?: EntryFacts;
  runtime: RuntimeSource;
  lock?: RequirementsLock;
  /** Chosen wheels of this workspace, one for each distribution, sorted. */
  wheels: readonly UpstreamArtifact[];
  included: readonly IncludedItem[];
  /** Files below included folders that stay behind: a name with a dot in front must be named itself. Relative to the workspace. */
  leftOut: readonly string[];
}
