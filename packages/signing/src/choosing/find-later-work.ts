import { comesLater } from '@waybill/artifacts';
import type { UpstreamArtifact, UpstreamRecord } from '@waybill/plugin-kit';

/**
 * What stages made of artifacts whose place is behind the one that is about to change their bytes (ARCHITECTURE, the stage table): it would hold no more. One
 * text for each, for errors.
 */
export function findLaterWork(artifacts: readonly UpstreamArtifact[], records: readonly UpstreamRecord[], stage: string): readonly string[] {
  const later = records.filter(({ record, planned }) => !planned && comesLater(record.stage, stage));
  return artifacts.flatMap(({ name, project, target, stage: madeBy, sha256 }) => {
    const maker = comesLater(madeBy, stage) ? [`\`${name}\` is what \`${project}:${target}\` (${madeBy}) made`] : [];
    const users = later.filter(({ record }) => record.artifacts.some(({ madeFrom }) => madeFrom.includes(`sha256:${sha256}`)));
    return [...maker, ...users.map((user) => `\`${name}\` went into what \`${user.project}:${user.target}\` (${user.record.stage}) made`)];
  });
}
