import { compareBytewise } from '@waybill/artifacts';
import { hashBytes } from '@waybill/core';
import type { Destination, PublishFile, Release, RemoteFile, RemoteState } from '../destination';

/** One file at one destination: what shall stand there, and what does. */
export interface PlanRow {
  name: string;
  /** Bytes. */
  size: number;
  sha256: string;
  /** `unknown` in a dry run that has no bytes yet; `unasked` at a destination that could not be asked. */
  state: RemoteState | 'unknown' | 'unasked';
  url?: string;
  /** Why it is a conflict, what is broken. */
  reason?: string;
}

export interface PlannedDestination extends Pick<Destination, 'id' | 'type' | 'title' | 'remote' | 'identity' | 'rights'> {
  /** In the order of their upload. */
  rows: readonly PlanRow[];
  /** Files that do not go there, with the reason. */
  left: readonly { name: string; reason: string }[];
  /** Of files and place, whatever stands there already: the same before and after a run. */
  digest: string;
}

/** What will be done where. A value: printed, tested, compared. */
export interface PublishPlan {
  release: Release;
  destinations: readonly PlannedDestination[];
  /** Destinations that do not apply, with the reason. */
  skipped: readonly { id: string; reason: string }[];
}

export function planDestination(
  destination: Destination,
  release: Release,
  given: Choice,
  remote: readonly RemoteFile[] | 'unknown' | 'unasked',
): PlannedDestination {
  const { id, type, title, remote: isRemote, identity, rights } = destination;
  const rows = given.files.map(({ name, size, sha256 }, index): PlanRow => {
    const there = typeof remote === 'string' ? { state: remote } : remote[index]!;
    return {
      name,
      size,
      sha256,
      state: there.state,
      ...('url' in there && { url: there.url }),
      ...('reason' in there && { reason: there.reason }),
    };
  });
  return { id, type, title, remote: isRemote, identity, rights, rows, left: given.left, digest: digestOf(destination, release, given.files) };
}

export const hasToSend = ({ rows }: Pick<PlannedDestination, 'rows'>): boolean => rows.some(({ state }) => state === 'absent' || state === 'partial');

/** Something is to be sent there, and only that shows whether the credential may write. */
export const provesByUpload = (plan: Pick<PlannedDestination, 'rights' | 'rows'>): boolean => plan.rights === 'first-file' && hasToSend(plan);

type Choice = ReturnType<Destination['choose']>;

/**
 * Of everything that a ledger is bound to: release, place, names, sizes and digests. Of a signature that may be made again, its name alone. What is not open
 * to others is named as the options name it: where the workspace stands on this machine is no part of the release.
 */
function digestOf({ id, identity: place, remote, title }: Destination, { project, version }: Release, files: readonly PublishFile[]): string {
  const bytesOf = ({ accepts, size, sha256 }: PublishFile): readonly unknown[] => (accepts === undefined ? [size, sha256] : []);
  const rows = [...files].sort((one, other) => compareBytewise(one.name, other.name)).map((file) => [file.name, ...bytesOf(file)]);
  return hashBytes(JSON.stringify({ project, version, id, identity: remote ? place : title, rows }));
}
