import type { Destination, Release, TakenBack } from '../destination';
import { isTakenBack, noteTakenBack } from './destination-ledger';
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

async function takeBackFrom(
  request: TakeBackRequest,
  destination: Destination,
  ports: Pick<PublishPorts, 'ledgers' | 'nowMs'>,
): Promise<TakenBackAt> {
  const noted = await isTakenBack(request.release, destination.id, ports.ledgers);
  const known = noted || (await destination.readTakenBack(request.release)) !== undefined;
  const taken = await destination.takeBack(request.release);
  if (taken.outcome !== 'absent') await noteTakenBack({ ...request, destination: destination.id, outcome: taken.outcome }, ports);
  return { id: destination.id, taken, known };
}
