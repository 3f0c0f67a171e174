import { archiveOfManifest, comesLater, stageRow } from '@waybill/artifacts';
import type { WaybillError } from '@waybill/core';
import type { UpstreamArtifact, UpstreamRecord } from '@waybill/plugin-kit';
import { releaseErrors } from '../../errors/release-errors';
import type { Subjects } from './find-subjects';

const textOf = ({ project, target }: { project: string; target: string }): string => `${project}:${target}`;

function misplaced(record: UpstreamRecord, before: string, problem: string): WaybillError {
  return releaseErrors.error('CHECKSUM_ORDER', { target: textOf(record), stage: record.record.stage, before, problem });
}

/** Records stand each behind those it depends on. The first that stands against the order of the stage table, or `undefined`. */
export function orderFault(records: readonly UpstreamRecord[]): WaybillError | undefined {
  const byDigest = new Map<string, UpstreamRecord>();
  const byName = new Map<string, UpstreamRecord>();
  for (const current of records) {
    const { stage, artifacts } = current.record;
    if (!comesLater('checksum', stage)) return misplaced(current, 'checksum', 'it comes behind the sums, which would not hold for what it makes');
    for (const artifact of artifacts) {
      const fault =
        kindFault(current, artifact) ?? supersedeFault(current, byName.get(artifact.name), artifact) ?? sourceFault(current, artifact, byDigest);
      if (fault) return fault;
      byName.set(artifact.name, current);
      byDigest.set(`sha256:${artifact.sha256}`, current);
    }
  }
  return undefined;
}

type Recorded = UpstreamRecord['record']['artifacts'][number];

function kindFault(current: UpstreamRecord, { name, kind }: Recorded): WaybillError | undefined {
  const { stage, writes } = stageRow(current.record.stage);
  if (writes.includes(kind)) return undefined;
  return misplaced(current, 'the stage that makes it', `it recorded \`${name}\` (${kind}), which stage ${stage} does not make`);
}

/** The same name again with other bytes: only by a stage further down that may change bytes. */
function supersedeFault(current: UpstreamRecord, before: UpstreamRecord | undefined, { name, sha256 }: Recorded): WaybillError | undefined {
  const earlier = before?.record.artifacts.find((artifact) => artifact.name === name);
  if (!before || earlier?.sha256 === sha256) return undefined;
  const [now, then] = [current.record.stage, before.record.stage];
  if (comesLater(now, then) && stageRow(now).changesBytes) return undefined;
  return misplaced(current, then, `it changed \`${name}\`, which ${then} had finished`);
}

function sourceFault(current: UpstreamRecord, artifact: Recorded, byDigest: ReadonlyMap<string, UpstreamRecord>): WaybillError | undefined {
  const later = artifact.madeFrom
    .map((digest) => byDigest.get(digest))
    .find((source) => source !== undefined && comesLater(source.record.stage, current.record.stage));
  return later && misplaced(current, later.record.stage, `it made \`${artifact.name}\` from what ${later.record.stage} makes`);
}

/** A signature holds for the bytes that ship. */
export function signatureFault({ files, signatures }: Subjects): WaybillError | undefined {
  for (const signature of signatures) {
    const signed = signedBy(signature, files);
    if (signed && !signature.madeFrom.includes(`sha256:${signed.sha256}`)) {
      return releaseErrors.error('CHECKSUM_SIGNATURE_STALE', { name: signature.name, of: signed.name, run: textOf(signature) });
    }
  }
  return undefined;
}

/** A manifest beside an archive lists what is in the archive that ships. */
export function manifestFault({ files }: Subjects): WaybillError | undefined {
  for (const manifest of files) {
    const of = manifest.kind === 'delivery' ? archiveOfManifest(manifest.name) : undefined;
    if (of === undefined) continue;
    const listed = files.find(({ name }) => name === of);
    if (listed === undefined || !manifest.madeFrom.includes(`sha256:${listed.sha256}`))
      return releaseErrors.error('CHECKSUM_MANIFEST_STALE', { name: manifest.name, of, run: textOf(manifest) });
  }
  return undefined;
}

/** The file that a signature belongs to: its name without the suffix. */
export const signedBy = (signature: UpstreamArtifact, files: readonly UpstreamArtifact[]): UpstreamArtifact | undefined =>
  files.filter(({ name }) => signature.name.startsWith(`${name}.`)).sort((one, other) => other.name.length - one.name.length)[0];
