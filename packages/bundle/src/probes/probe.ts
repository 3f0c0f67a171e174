import type { Finding, TreeItem } from '@waybill/core';
import type { BundleFacts, BundleLayout, CheckId, CheckOutcome, RelocationPolicy } from '@waybill/relocation';
import type { TreeManifest } from '@waybill/artifacts';
import type { HiddenPlace, Sandbox, SandboxRequest, SandboxResult, Sandboxes } from '../isolation';
import type { Shape } from '../ground/places';
import type { ProofPorts, ProofRequest } from '../ground/proof-request';
import type { AppTrace } from '../trace/read-trace';
import type { Condition } from './conditions';
import type { DriverReport } from './read-driver';

/** One way to start the bundle. */
export interface AppStart {
  sandbox?: Sandbox;
  /** Place at which it stands; default `app`. */
  place?: string;
  shape?: Shape;
  request?: Partial<Omit<SandboxRequest, 'argv'>>;
  /** In front of the launcher, inside. */
  wrapper?: readonly string[];
}

export interface AppRun extends SandboxResult {
  /** Absolute path of the bundle in that run. */
  place: string;
  /** Links that were used to start it: its paths may begin with these too. */
  aliases: readonly string[];
  argv: readonly string[];
}

export interface TracedRun {
  run: AppRun;
  trace: AppTrace;
}

/** Starts one after another, and the most memory that one of them held. */
export interface StartMeasure {
  milliseconds: readonly number[];
  codes: readonly number[];
  kilobytes: number;
}

/** What probes share. Everything that costs is made once, at the first call. */
export interface ProbeContext {
  request: ProofRequest;
  ports: ProofPorts;
  /** The tree as it was before anything ran. */
  items: readonly TreeItem[];
  layout: BundleLayout;
  /** Path of the launcher in the bundle. */
  launcher: string;
  launcherIsScript: boolean;
  manifest?: TreeManifest;
  hidden: readonly HiddenPlace[];
  sandboxes: Sandboxes;
  shapes: readonly Shape[];
  policy: RelocationPolicy;
  facts(): Promise<BundleFacts>;
  /** The bare root, or why there is none. */
  bare(): Promise<Sandbox | string>;
  start(options?: AppStart): Promise<AppRun>;
  /** The start that shows a special place and a condition at once (`TRIED_AT`); `undefined` where the tier has no such place. */
  underCondition(condition: Condition): Promise<AppRun | undefined>;
  /** An ordinary start at the place `app`: the one that is traced, unless that went wrong or cannot be. */
  plainRun(): Promise<AppRun>;
  /** In the bare root, with little environment and closed input; `undefined` where there is none. */
  bareRun(): Promise<AppRun | undefined>;
  /** Time and memory of a start at the place `app`, taken inside; a reason when the bundle has no interpreter that could. */
  measure(): Promise<StartMeasure | string>;
  /** The app under strace at the place `app`; a reason when that cannot be. */
  traced(): Promise<TracedRun | string>;
  /** Modules imported and services tried in the bundle's own interpreter; a reason when it has none. */
  driver(): Promise<DriverReport | string>;
  /** Runs in which the bundle could be written to, done once; resolves when they have ended. */
  writableRuns(): Promise<readonly AppRun[]>;
}

export interface Probe {
  check: CheckId;
  run(context: ProbeContext): Promise<CheckOutcome>;
}

export const skipped = (reason: string): CheckOutcome => ({ findings: [], evidence: {}, skipped: reason });

/** A finding of level error. */
export const fault = (check: CheckId, message: string, rest: Omit<Finding, 'check' | 'level' | 'message'> = {}): Finding => ({
  check,
  level: 'error',
  message,
  ...rest,
});
export const warning = (check: CheckId, message: string, rest: Omit<Finding, 'check' | 'level' | 'message'> = {}): Finding => ({
  check,
  level: 'warning',
  message,
  ...rest,
});
