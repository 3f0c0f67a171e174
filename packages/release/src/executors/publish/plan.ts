import { findingLines, type Finding } from '@waybill/core';
import type { StageContext, StagePlan } from '@waybill/plugin-kit';
import { planLines } from '@waybill/publishing';
import { publishErrors } from '../../errors/publish-errors';
import { judgeRelease } from '../../publishing/judge-release';
import type { PublishFacts } from './gather';
import type { PublishOptions } from './options';

export const RECEIPT_FILE = 'receipt.json';
export const RECEIPT_PAGE = 'receipt.md';

export interface PublishStagePlan extends StagePlan {
  facts: PublishFacts;
  /** Warnings of the gates. */
  remarks: readonly Finding[];
}

/** Pure. The gates that need no destination; what stands where is looked at in a dry run, and by the engine in a real one. */
export function planPublish({ options, projectName, targetName, dryRun }: StageContext<PublishOptions>, facts: PublishFacts): PublishStagePlan {
  const { files, chosen, skipped, release, outlook } = facts;
  const versioned = options.nxReleaseVersionData?.[projectName] as { newVersion?: unknown } | undefined;
  if (versioned?.newVersion === null) return { facts, remarks: [], artifacts: [], lines: [], skip: '`nx release` gave it no new version' };
  if (files.length === 0) throw publishErrors.error('PUBLISH_NOTHING', { target: `${projectName}:${targetName}` });
  const remarks = outlook?.findings ?? (dryRun ? [] : judgeRelease(facts, chosen));
  const skip = skipReason(options, facts);
  const table = planLines({ release, destinations: outlook?.deliveries.map(({ plan }) => plan) ?? [], skipped });
  const made = skip === undefined;
  return {
    facts,
    remarks,
    artifacts: made ? [RECEIPT_FILE, RECEIPT_PAGE].map((name) => ({ name, path: name, kind: 'delivery' as const, ships: false })) : [],
    lines: [
      ...(outlook ? table : [...chosen.map(({ id, option }) => `publish ${files.length} files to ${id} (${option.type})`), ...table]),
      ...(outlook?.credentials ?? []),
      ...findingLines(remarks),
    ],
    overview: overviewOf(facts),
    ...(skip !== undefined && { skip }),
  };
}

/** Every destination, asked or not, and whether its credentials are there. */
function overviewOf({ files, chosen, skipped, outlook }: PublishFacts): readonly string[] {
  const titles = new Map(outlook?.deliveries.map(({ plan }) => [plan.id, plan.title]));
  return [
    ...chosen.map(({ id, option }) => `sends ${files.length} files to ${id}: ${titles.get(id) ?? `${option.type}, not asked`}`),
    ...(outlook?.credentials ?? []),
    ...skipped.map(({ id, reason }) => `skipped ${id}: ${reason}`),
  ];
}

function skipReason({ plan }: PublishOptions, { chosen, skipped }: PublishFacts): string | undefined {
  if (plan) return 'only the plan was asked for';
  if (chosen.length > 0) return undefined;
  return [...new Set(skipped.map(({ reason }) => reason))].join('; ');
}
