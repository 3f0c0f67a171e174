export type FindingLevel = 'error' | 'warning' | 'info';

/** One thing that a policy found. The shape in `report.json` and `prove --json` (CONTRACT §6). */
export interface Finding {
  /** Id of the check that found it. */
  check: string;
  level: FindingLevel;
  /** Where: a path in the bundle or relative to the workspace, `/` separated; with offset or symbol in `message`. */
  path?: string;
  message: string;
  expected?: string;
  actual?: string;
  fix?: string;
}

/** How a target ended (CONTRACT §6). Skipped and pending are outcomes of their own, not success. */
export type Outcome = 'success' | 'failure' | 'pending' | 'skipped';
