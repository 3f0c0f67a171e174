import type { Destination, Release, TakenBack } from '../destination';
import { isTakenBack, noteTakenBack } from './destination-ledger';
import type { LedgerStore } from '../ledger/ledger-store';
import { spellingOf } from '../destinations/spelling-of';
import type { PublishPorts } from './publish-request';
import { withLines } from './state-lines';

export interface TakenBackAt {
  id: string;
  taken: TakenBack;
  /** An earlier run noted it, here or at the destination. */
  known: boolean;
}

interface TakeBackRequest {
  release: Release;
  destinations: readonly Destination[];
  tool: string;
}

/**
 * Takes a release back from each destination, as far as it allows. What was taken back, or is to be by a person, stands in the ledger, and is not
 * published again. What stands nowhere is not noted: the version may be a slip. A failure says what was done until then, and where nothing was.
 */
export async function takeBackRelease(request: TakeBackRequest, ports: Pick<PublishPorts, 'ledgers' | 'nowMs'>): Promise<readonly TakenBackAt[]> {
  const ends: TakenBackAt[] = [];
  for (const [index, destination] of request.destinations.entries()) {
    const end = await takeBackFrom(request, destination, ports).catch((cause: unknown) => {
      const done = ends.flatMap(({ id, taken }) => [`${id}: ${taken.outcome}`, ...taken.lines.map((line) => `  ${line}`)]);
      const open = request.destinations.slice(index + 1).map(({ id }) => `${id}: not taken back yet`);
      const again = 'running it again is safe: what was done stays; `--only=<id>` leaves places out';
      throw withLines(cause, [...done, `${destination.id}: broken off, may be taken back in part`, ...open, again]);
    });
    ends.push(end);
  }
  return ends;
}

/** As it was published: `1.0.0` is the release that stands there as `1.0`. */
export async function asSpelt(release: Release, destination: Destination, ledgers: LedgerStore): Promise<Release> {
  const version = (await destination.spelling?.(release)) ?? spellingOf(release.version, await ledgers.versions(release.project));
  return version === undefined ? release : { ...release, version };
}

async function takeBackFrom(
  request: TakeBackRequest,
  destination: Destination,
  ports: Pick<PublishPorts, 'ledgers' | 'nowMs'>,
): Promise<TakenBackAt> {
  const release = await asSpelt(request.release, destination, ports.ledgers);
  const noted = await isTakenBack(release, destination.id, ports.ledgers);
  const known = noted || (await destination.readTakenBack(release)) !== undefined;
  const taken = await destination.takeBack(release);
  if (taken.outcome !== 'absent') await noteTakenBack({ ...request, release, destination: destination.id, outcome: taken.outcome }, ports);
  return { id: destination.id, taken, known };
}
