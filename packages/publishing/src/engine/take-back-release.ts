import type { Destination, Release, TakenBack } from '../destination';
import { isTakenBack, noteTakenBack } from './destination-ledger';
import type { PublishPorts } from './publish-request';

/**
 * Takes a release back from each destination, as far as it allows. What was taken back, or is to be by a person, stands in the ledger, and is not
 * published again. What stands nowhere is not noted: the version may be a slip. `known`: an earlier run noted it, here or at the destination.
 */
export async function takeBackRelease(
  request: { release: Release; destinations: readonly Destination[]; tool: string },
  ports: Pick<PublishPorts, 'ledgers' | 'nowMs'>,
): Promise<readonly { id: string; taken: TakenBack; known: boolean }[]> {
  const ends: { id: string; taken: TakenBack; known: boolean }[] = [];
  for (const destination of request.destinations) {
    const noted = await isTakenBack(request.release, destination.id, ports.ledgers);
    const known = noted || (await destination.readTakenBack(request.release)) !== undefined;
    const taken = await destination.takeBack(request.release);
    if (taken.outcome !== 'absent') await noteTakenBack({ ...request, destination: destination.id, outcome: taken.outcome }, ports);
    ends.push({ id: destination.id, taken, known });
  }
  return ends;
}
