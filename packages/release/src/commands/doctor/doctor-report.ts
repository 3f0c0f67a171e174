import type { Finding } from '@waybill/core';

/** A tool that the targets of the workspace need. */
export interface ToolRow {
  tool: string;
  /** What needs it: `package-dist`. */
  for: string;
  /** What works: a lowest version, or `any`. */
  needed: string;
  /** The version that a run would take; absent when there is none that works. */
  found?: string;
  /** Where it comes from: Waybill gets pinned ones itself. */
  from?: 'this machine' | 'provisioned by Waybill when needed';
  install: string;
}

/** A variable that targets read. Never its value. */
export interface CredentialRow {
  name: string;
  /** Stages that read it. */
  for: readonly string[];
  present: boolean;
}

/** What has to be entered at an index for `auth: trusted`. */
export interface TrustedPublisher {
  index: string;
  project: string;
  owner: string;
  repository: string;
  workflow: string;
  environment: string;
}

/** What `doctor --json` prints. */
export interface DoctorReport {
  schema: 'waybill/doctor/1';
  verdict: 'well' | 'faults';
  versions: Readonly<Record<string, string>>;
  tools: readonly ToolRow[];
  credentials: readonly CredentialRow[];
  trustedPublishers: readonly TrustedPublisher[];
  findings: readonly Finding[];
}
