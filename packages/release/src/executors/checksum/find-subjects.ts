import type { ArtifactKind } from '@waybill/artifacts';
import type { UpstreamArtifact, UpstreamRecord } from '@waybill/plugin-kit';

/** Made by checksum and behind it, or over single files: neither is summed. */
const NEVER_SUMMED: ReadonlySet<ArtifactKind> = new Set(['checksums', 'signature', 'bundle-folder', 'app']);

export interface Subjects {
  /** What is summed. */
  files: readonly UpstreamArtifact[];
  /** What ships beside it. */
  signatures: readonly UpstreamArtifact[];
}

interface Upstream {
  projectName: string;
  upstream: readonly UpstreamArtifact[];
  upstreamRecords: readonly UpstreamRecord[];
}

/**
 * What ships of the project. What other projects made went into it and ships with their own releases; a project that makes nothing itself
 * sums what it depends on.
 */
export function findSubjects({ projectName, upstream, upstreamRecords }: Upstream): Subjects {
  const shipping = upstream.filter(({ ships }) => ships);
  const hasOwn = upstreamRecords.some(({ project, record }) => project === projectName && record.artifacts.some(({ ships }) => ships));
  const own = hasOwn ? shipping.filter(({ project }) => project === projectName) : shipping;
  return {
    files: own.filter(({ kind }) => !NEVER_SUMMED.has(kind)),
    signatures: own.filter(({ kind }) => kind === 'signature'),
  };
}
