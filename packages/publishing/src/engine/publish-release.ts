import type { Finding } from '@waybill/core';
import type { PublishPlan } from '../plan/publish-plan';
import { makeReceipt, type Receipt } from '../receipt/receipt';
import { deliverAll, type Delivered } from './deliver-all';
import { openLedger, refuseGone, refuseOtherLedgers, refuseTakenBack } from './destination-ledger';
import { finaliseAll } from './finalise-all';
import { lookAtDestinations, refuseUnready } from './look-at-destinations';
import { proveRights } from './prove-rights';
import type { PublishPorts, PublishRequest } from './publish-request';

export interface Published extends Delivered {
  /** `pending`: a destination does not show yet what it took. Where that was seen before pointers and drafts, those are as they were. */
  outcome: 'success' | 'pending';
  plan: PublishPlan;
  /** Warnings and remarks of the preflight. */
  findings: readonly Finding[];
  /** What finalising did. */
  lines: readonly string[];
  receipt: Receipt;
}

/**
 * Plan, preflight of all destinations, upload with ledger, verification, then pointers and drafts. Nothing is sent anywhere while anything is
 * known to stand in the way; a run that was killed is taken up by running it again.
 */
export async function publishRelease(request: PublishRequest, ports: PublishPorts): Promise<Published> {
  const { release, destinations, skipped, faults } = request;
  await refuseTakenBack(release, destinations, ports.ledgers);
  const deliveries = await lookAtDestinations(request, { known: true });
  const plan: PublishPlan = { release, destinations: deliveries.map((delivery) => delivery.plan), skipped };
  refuseUnready(release.version, deliveries, faults);
  await refuseOtherLedgers(request, deliveries, ports.ledgers);
  await refuseGone(request, deliveries, ports);
  const ledgers = await Promise.all(deliveries.map((delivery) => openLedger(request, delivery, ports)));
  await proveRights(request, deliveries, ledgers, ports);
  const { sent, waiting } = await deliverAll(request, deliveries, ledgers, ports);
  const end = waiting.length > 0 ? { lines: [], waiting } : await finaliseAll(request, deliveries, ledgers, ports);
  const findings = deliveries.flatMap((delivery) => delivery.findings);
  const outcome = end.waiting.length > 0 ? 'pending' : 'success';
  return { outcome, plan, findings, sent, ...end, receipt: makeReceipt(request, deliveries) };
}
