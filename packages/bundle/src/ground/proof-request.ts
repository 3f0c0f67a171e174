import type { Finding, Processes } from '@waybill/core';
import type { CheckId, CheckResult, LeakToken, Permit } from '@waybill/relocation';
import type { HiddenPlace, IsolationClass, Tier } from '../isolation';

/** What is proved, and how strictly. All paths are absolute unless said otherwise. */
export interface ProofRequest {
  /** The unpacked bundle: the folder that holds the launcher. */
  bundleRoot: string;
  /** The archive that it was unpacked from; check 21 reads it with other tools. */
  archive?: { file: string; sha256: string };
  /** A second packaging of the same inputs, for check 24. */
  secondArchive?: string;
  platform: string;
  /** More paths to hide; they are leak tokens too. */
  hide: readonly string[];
  workspaceRoot?: string;
  home?: string;
  /** Leak tokens beyond those of `hide`, the workspace and the home folder. */
  leakTokens?: readonly LeakToken[];
  expect: { python?: string; glibc?: string };
  /** Path in the bundle; found by content when absent. */
  launcher?: string;
  /** Arguments of the launcher. */
  command: readonly string[];
  /** The command is the default one: its answer must be JSON. */
  commandIsDefault: boolean;
  /** Modules that must load. */
  imports: readonly string[];
  /** Checks to run; all but those on demand when absent. */
  checks?: readonly CheckId[];
  allow: readonly Permit[];
  isolation: 'strongest' | IsolationClass;
  minIsolation: IsolationClass;
  /** Unpacked libc6 packages (folders) or `.deb` files. */
  glibcMatrix: readonly string[];
  startBudgetMs?: number;
  /** Absolute, empty, on a file system that allows execution; the caller removes it. */
  workFolder: string;
  /** Limit of each run of the bundle. */
  runTimeoutMs: number;
}

/** Limit of each run of the bundle, in milliseconds, when nothing else is asked for. */
export const RUN_TIMEOUT_MS = 120_000;
/** Of the whole target, as the common options have it. */
const TARGET_TIMEOUT_MS = 1_800_000;

/** Limit of each run where the target has one: a run that hangs leaves the others time, and what a user adds to the target's default, each run may take too. */
export const runLimit = (timeoutMs: number): number => Math.min(timeoutMs, RUN_TIMEOUT_MS + Math.max(0, timeoutMs - TARGET_TIMEOUT_MS));

/** What the proof needs of the world. */
export interface ProofPorts {
  processes: Processes;
  /** The caller's environment: PATH is where tools are looked for. Nothing of it reaches the bundle. */
  environment: Readonly<Record<string, string | undefined>>;
  /** Programs of the bundle that run at once. */
  concurrency: number;
  isRoot: boolean;
  /** The platform of this machine, `linux-x86_64`. */
  hostPlatform: string;
  /** Told of each check as it ends. */
  onCheck?: (result: TimedCheckResult) => void;
}

export interface TimedCheckResult extends CheckResult {
  seconds: number;
}

/** The outcome of a proof. */
export interface Proof {
  verdict: 'passed' | 'failed';
  /** Of all checks, permits applied, in the order of the checks. */
  findings: readonly Finding[];
  checks: readonly TimedCheckResult[];
  isolation: IsolationReport;
  /** SONAMEs that the bundle takes from the system it runs on, as its manifest says. */
  fromHost: readonly string[];
  /** What each native file needs and where that leads, as text; reads the tree when no check has. */
  linkage(): Promise<string>;
  seconds: number;
}

export interface IsolationReport {
  /** Absent when nothing was run. */
  tier?: Tier;
  minimum: IsolationClass;
  /** Why better tiers were not taken. */
  refused: readonly { tier: Tier; reason: string }[];
  hidden: readonly HiddenPlace[];
  canaries: number;
  uid?: string;
}
