import { WaybillError, findingLines, type Finding } from '@waybill/core';
import { publishingErrors } from '../errors/publishing-errors';
import type { PublishPlan } from '../plan/publish-plan';
import { makeReceipt, type Receipt } from '../receipt/receipt';
import { openLedger, refuseOtherLedgers, refuseTakenBack, type DestinationLedger } from './destination-ledger';
import { askBefore, lookAtDestinations, refuseConflicts } from './look-at-destinations';
import type { Delivery, PublishPorts, PublishRequest } from './publish-request';
import { uploadFiles, type Uploads } from './upload-files';
import { verifyDelivery } from './verify-delivery';

export interface Published {
  /** `pending`: everything was sent, and a destination does not show it yet; pointers and drafts are as they were. */
  outcome: 'success' | 'pending';
  plan: PublishPlan;
  /** Warnings and remarks of the preflight. */
  findings: readonly Finding[];
  /** Names that this run sent, by destination. */
  sent: Readonly<Record<string, readonly string[]>>;
  /** What is waited for. */
  waiting: readonly string[];
  /** What finalising did. */
  lines: readonly string[];
  receipt: Receipt;
}

/**
 * Plan, preflight of all destinations, upload with ledger, verification, then pointers and drafts. Nothing is sent anywhere while anything is
 * known to stand in the way; a run that was killed is taken up by running it again.
 */
export async function publishRelease(request: PublishRequest, ports: PublishPorts): Promise<Published> {
  const { release, destinations, skipped } = request;
  await refuseTakenBack(release, destinations, ports.ledgers);
  const deliveries = await lookAtDestinations(request, { known: true });
  const plan: PublishPlan = { release, destinations: deliveries.map((delivery) => delivery.plan), skipped };
  refuseConflicts(release.version, deliveries);
  await refuseOtherLedgers(request, deliveries, ports.ledgers);
  const findings = await askBefore(release, deliveries);
  refuseUnready(findings);
  const ledgers = await Promise.all(deliveries.map((delivery) => openLedger(request, delivery, ports)));
  const { sent, waiting } = await deliverAll(request, deliveries, ledgers, ports);
  const lines = waiting.length > 0 ? [] : await finaliseAll(request, deliveries, ledgers);
  const outcome = waiting.length > 0 ? 'pending' : 'success';
  return { outcome, plan, findings, sent, waiting, lines, receipt: makeReceipt(request, deliveries) };
}

export function refuseUnready(findings: readonly Finding[]): void {
  const errors = findings.filter(({ level }) => level === 'error');
  if (errors.length > 0) throw publishingErrors.error('PUBLISH_PREFLIGHT', { lines: findingLines(errors) });
}

interface Lane {
  delivery: Delivery;
  ledger: DestinationLedger;
}

/**
 * Destinations that go one after the other: indexes, in the order of the list. The next begins when the one before shows everything, so that what is
 * refused at a staging index does not use up its name at the public one.
 */
function lanesOf(deliveries: readonly Delivery[], ledgers: readonly DestinationLedger[]): readonly (readonly Lane[])[] {
  const all = deliveries.map((delivery, index) => ({ delivery, ledger: ledgers[index]! }));
  const isIndex = ({ delivery }: Lane): boolean => delivery.destination.type === 'index';
  return [all.filter(isIndex), ...all.filter((lane) => !isIndex(lane)).map((lane) => [lane])];
}

/** Sends and verifies: lanes side by side; in each, one file after the other. The first failure counts, with what was done until then. */
async function deliverAll(
  request: PublishRequest,
  deliveries: readonly Delivery[],
  ledgers: readonly DestinationLedger[],
  ports: PublishPorts,
): Promise<Pick<Published, 'sent' | 'waiting'>> {
  const uploads: Uploads = { request, ports, stopped: false };
  const sent: Record<string, readonly string[]> = Object.fromEntries(deliveries.map(({ plan }) => [plan.id, []]));
  const ends = await Promise.allSettled(
    lanesOf(deliveries, ledgers).map((lane) =>
      deliverLane(uploads, lane, sent).catch((cause: unknown) => {
        uploads.stopped = true;
        throw cause;
      }),
    ),
  );
  const failed = ends.find((end) => end.status === 'rejected');
  if (failed) throw withState(failed.reason, deliveries, ledgers);
  return { sent, waiting: ends.flatMap((end) => (end.status === 'fulfilled' ? end.value : [])) };
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

/** A failure on the way says what stands where, and that running again is safe. */
function withState(cause: unknown, deliveries: readonly Delivery[], ledgers: readonly DestinationLedger[]): unknown {
  if (!(cause instanceof WaybillError)) return cause;
  const states = deliveries.map(({ plan, files }, index) => {
    const done = files.filter((file) => ledgers[index]!.isDone(file)).length;
    return `${plan.id}: ${done} of ${files.length} files are there`;
  });
  const details = [...cause.details, ...states, 'nothing was made the current release; running it again is safe'];
  return new WaybillError(cause.code, { message: cause.message, fix: cause.fix, details }, { cause });
}

async function finaliseAll(
  request: PublishRequest,
  deliveries: readonly Delivery[],
  ledgers: readonly DestinationLedger[],
): Promise<readonly string[]> {
  const lines: string[] = [];
  for (const [index, { destination, files }] of deliveries.entries()) {
    const done = await destination.finalise(request.release, files, request.body);
    await ledgers[index]!.write({ record: 'finalised', lines: done });
    lines.push(...done.map((line) => `${destination.id}: ${line}`));
  }
  return lines;
}
