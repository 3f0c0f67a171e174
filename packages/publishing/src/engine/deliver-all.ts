import type { DestinationLedger } from './destination-ledger';
import { Opening } from './opening';
import type { Delivery, PublishPorts, PublishRequest } from './publish-request';
import { stateLines, withLines } from './state-lines';
import { uploadFiles, type Uploads } from './upload-files';
import { verifyDelivery } from './verify-delivery';

/** What was sent, by destination, and what is waited for. */
export interface Delivered {
  sent: Readonly<Record<string, readonly string[]>>;
  waiting: readonly string[];
}

interface Lane {
  delivery: Delivery;
  ledger: DestinationLedger;
}

/**
 * Destinations that go one after the other: indexes, in the order of the list. The next begins when the one before shows everything, so that what is
 * refused at a staging index does not use up its name at the public one.
 */
function lanesOf(deliveries: readonly Delivery[], ledgers: readonly DestinationLedger[]): { indexes: readonly Lane[]; others: readonly Lane[] } {
  const all = deliveries.map((delivery, index) => ({ delivery, ledger: ledgers[index]! }));
  const isIndex = ({ delivery }: Lane): boolean => delivery.destination.type === 'index';
  return { indexes: all.filter(isIndex), others: all.filter((lane) => !isIndex(lane)) };
}

/** Sends and verifies: lanes side by side; in each, one file after the other. The first failure counts, with what was done until then. */
export async function deliverAll(
  request: PublishRequest,
  deliveries: readonly Delivery[],
  ledgers: readonly DestinationLedger[],
  ports: PublishPorts,
): Promise<Delivered> {
  const opening = new Opening(deliveries);
  const uploads: Uploads = { request, ports, stopped: false, onFirst: (id) => opening.proved(id) };
  const sent: Record<string, readonly string[]> = Object.fromEntries(deliveries.map(({ plan }) => [plan.id, []]));
  const { indexes, others } = lanesOf(deliveries, ledgers);
  const guarded = (work: Promise<readonly string[]>): Promise<readonly string[]> =>
    work.catch((cause: unknown) => {
      uploads.stopped = true;
      throw cause;
    });
  const ends = await Promise.allSettled([
    guarded(deliverLane(uploads, indexes, sent)).finally(() => opening.close()),
    ...others.map((lane) => guarded(deliverBehind(opening, uploads, lane, sent))),
  ]);
  const failed = ends.find((end) => end.status === 'rejected');
  if (failed) throw withLines(failed.reason, [...stateLines(deliveries, ledgers), 'nothing was made the current release; running it again is safe']);
  return { sent, waiting: ends.flatMap((end) => (end.status === 'fulfilled' ? end.value : [])) };
}

async function deliverBehind(opening: Opening, uploads: Uploads, lane: Lane, sent: Record<string, readonly string[]>): Promise<readonly string[]> {
  const unproved = await opening.wait();
  if (uploads.stopped) return [];
  return unproved.length > 0 ? [`${lane.delivery.plan.id} waits for ${unproved.join(', ')}`] : deliverLane(uploads, [lane], sent);
}

/** Gives what is waited for. */
async function deliverLane(uploads: Uploads, lane: readonly Lane[], sent: Record<string, readonly string[]>): Promise<readonly string[]> {
  for (const [index, { delivery, ledger }] of lane.entries()) {
    sent[delivery.plan.id] = await uploadFiles(uploads, delivery, ledger);
    if (uploads.stopped) return [];
    const line = await verifyDelivery(uploads.request, delivery, ledger, uploads.ports);
    if (line !== undefined) return [line, ...lane.slice(index + 1).map((next) => `${next.delivery.plan.id} waits for ${delivery.plan.id}`)];
  }
  return [];
}
