import type { Json } from '@waybill/artifacts';
import type { Finding, Outcome, ResolvedTool, WaybillError } from '@waybill/core';
import type { StageResult } from '../stage-definition';
import type { StepTime } from './progress';

export const REPORT_SCHEMA = 'waybill/report/1';

/** `report.json`: what was checked, measured and decided. For people and tools, never an input of another target. */
export interface Report {
  schema: typeof REPORT_SCHEMA;
  project: string;
  target: string;
  stage: string;
  version?: string;
  outcome: Outcome;
  verdict?: string;
  /** Why a stage was skipped. */
  reason?: string;
  errors: readonly { code: string; message: string; details: readonly string[]; fix: string }[];
  findings: readonly Finding[];
  warnings: readonly string[];
  steps: readonly StepTime[];
  seconds: number;
  tools: readonly { id: string; version: string; source: ResolvedTool['source'] }[];
  plan: readonly string[];
  report: { readonly [key: string]: Json | undefined };
}

/** What is known at any time of a run; the rest is filled in when it ends. */
export type ReportSoFar = Pick<Report, 'project' | 'target' | 'stage' | 'warnings' | 'steps' | 'seconds'> &
  Partial<Pick<Report, 'version' | 'tools' | 'plan' | 'findings'>>;

export function resultReport(soFar: ReportSoFar, result: StageResult, skipReason?: string): Report {
  const { outcome, verdict, findings, report } = result;
  return {
    ...fill(soFar, outcome),
    ...(verdict !== undefined && { verdict }),
    ...(skipReason !== undefined && { reason: skipReason }),
    findings,
    report: report ?? {},
  };
}

export function errorReport(soFar: ReportSoFar, { code, message, details, fix }: WaybillError): Report {
  return { ...fill(soFar, 'failure'), errors: [{ code, message, details, fix }], findings: soFar.findings ?? [] };
}

/** Keys stand in the order in which a reader wants them. */
function fill({ project, target, stage, version, tools, plan, warnings, steps, seconds }: ReportSoFar, outcome: Outcome): Report {
  const head = { schema: REPORT_SCHEMA, project, target, stage, ...(version !== undefined && { version }), outcome } as const;
  return { ...head, errors: [], findings: [], warnings, steps, seconds, tools: tools ?? [], plan: plan ?? [], report: {} };
}

/** Redacted before it reaches the disk: findings and evidence hold what foreign tools said. */
export function renderReport(report: Report, redact: (text: string) => string): string {
  return `${JSON.stringify(report, (_, value: unknown) => (typeof value === 'string' ? redact(value) : value), 2)}\n`;
}
