import { WaybillError } from '@waybill/core';
import type { Destination, Release } from '../destination';
import type { LedgerStore } from '../ledger/ledger-store';
import { asSpelt } from './take-back-release';

/** What stands at a destination of a release that is to be taken back. */
export interface StandingRelease {
  id: string;
  /** In words. */
  says: string;
}

/** Reads only: what stands at each destination, or why that cannot be told. For the plan of taking it back. */
export function lookAtRelease(release: Release, destinations: readonly Destination[], ledgers: LedgerStore): Promise<readonly StandingRelease[]> {
  return Promise.all(
    destinations.map(async (destination) => ({ id: destination.id, says: await lookAt(release, destination, ledgers).catch(notAnswered) })),
  );
}

async function lookAt(wanted: Release, destination: Destination, ledgers: LedgerStore): Promise<string> {
  const release = await asSpelt(wanted, destination, ledgers);
  const mark = await destination.readTakenBack(release);
  if (mark !== undefined) return `it was taken back before: ${mark}`;
  const files = (await destination.list(release)) ?? [];
  const spelt = release.version === wanted.version ? '' : `, as ${release.version}`;
  return files.length === 0 ? 'nothing of it stands there' : `${files.length} ${files.length === 1 ? 'file stands' : 'files stand'} there${spelt}`;
}

function notAnswered(cause: unknown): string {
  if (!(cause instanceof WaybillError)) throw cause;
  return `what stands there cannot be told: ${cause.code} ${cause.message.split('\n')[0]!}`;
}
