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
  const sent = await uploadAll(request, deliveries, ledgers, ports);
  const looked = await Promise.all(deliveries.map((delivery, index) => verifyDelivery(request, delivery, ledgers[index]!, ports)));
  const waiting = looked.filter((line) => line !== undefined);
  const lines = waiting.length > 0 ? [] : await finaliseAll(request, deliveries, ledgers);
  const outcome = waiting.length > 0 ? 'pending' : 'success';
  return { outcome, plan, findings, sent, waiting, lines, receipt: makeReceipt(request, deliveries) };
}

export function refuseUnready(findings: readonly Finding[]): void {
  const errors = findings.filter(({ level }) => level === 'error');
  if (errors.length > 0) throw publishingErrors.error('PUBLISH_PREFLIGHT', { lines: findingLines(errors) });
}

/** Side by side; in each, one file after the other. The first failure counts, with what was done until then. */
async function uploadAll(
  request: PublishRequest,
  deliveries: readonly Delivery[],
  ledgers: readonly DestinationLedger[],
  ports: PublishPorts,
): Promise<Published['sent']> {
  const uploads: Uploads = { request, ports, stopped: false };
  const ends = await Promise.allSettled(
    deliveries.map((delivery, index) =>
      uploadFiles(uploads, delivery, ledgers[index]!).catch((cause: unknown) => {
        uploads.stopped = true;
        throw cause;
      }),
    ),
  );
  const failed = ends.find((end) => end.status === 'rejected');
  if (failed) throw withState(failed.reason, deliveries, ledgers);
  return Object.fromEntries(ends.map((end, index) => [deliveries[index]!.plan.id, end.status === 'fulfilled' ? end.value : []]));
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
