import type { Destination, Release, TakenBack } from '../destination';
import { noteTakenBack } from './destination-ledger';
import type { PublishPorts } from './publish-request';

/**
 * Takes a release back from each destination, as far as it allows. What was taken back, or is to be by a person, stands in the ledger, and is not
 * published again.
 */
export async function takeBackRelease(
  request: { release: Release; destinations: readonly Destination[]; tool: string },
  ports: Pick<PublishPorts, 'ledgers' | 'nowMs'>,
): Promise<readonly { id: string; taken: TakenBack }[]> {
  const ends: { id: string; taken: TakenBack }[] = [];
  for (const destination of request.destinations) {
    const taken = await destination.takeBack(request.release);
    await noteTakenBack({ ...request, destination: destination.id, outcome: taken.outcome }, ports);
    ends.push({ id: destination.id, taken });
  }
  return ends;
}
