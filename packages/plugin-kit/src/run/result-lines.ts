import { REPORT_FILE, distFolder } from '@waybill/artifacts';
import { findingLines } from '@waybill/core';
import type { StageResult } from '../stage-definition';
import type { Ending } from './carry-out';
import type { Prepared, StageRun } from './prepare-stage';

/** The plan of a dry run: what would be done, with what, and what ran for real before it. */
export function planLines({ id, row }: StageRun, { context, foreign }: Prepared<unknown>, ending: Ending): readonly string[] {
  const title = `dry run of ${id.project}:${id.target} (${row.stage} ${context.name} ${context.version}): nothing is changed`;
  const tools = Object.values(context.resolvedTools).map(({ id: tool, version, source }) => `  tool ${tool} ${version} (${source})`);
  const before = foreign.map(({ project, target }) => `  ran for real before it, as it always does: ${project}:${target}`);
  const skip = ending.skipReason === undefined ? [] : [`  skipped: ${ending.skipReason}`];
  return [title, ...skip, ...ending.plan.map((line) => `  ${line}`), ...tools, ...before, ...(ending.wholePlan ?? [])];
}

/** Findings, last lines, outcome and where the report is. */
export function endLines({ id, projectRoot }: StageRun, result: StageResult, skipReason: string | undefined): readonly string[] {
  const findings = findingLines(result.findings);
  const reason = skipReason !== undefined && result.outcome === 'skipped' ? ` (${skipReason})` : '';
  const outcome = result.outcome === 'success' ? [] : [`${result.outcome}${reason}: ${id.project}:${id.target}`];
  return [...findings, ...result.summary, ...outcome, `report: ${distFolder(projectRoot, id.target)}/${REPORT_FILE}`];
}
