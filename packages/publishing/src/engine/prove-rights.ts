import { WaybillError } from '@waybill/core';
import { hasToSend } from '../plan/publish-plan';
import type { DestinationLedger } from './destination-ledger';
import { refuseFaults } from './look-at-destinations';
import type { Delivery, PublishPorts, PublishRequest } from './publish-request';
import { untilAnswered } from './until-answered';

/**
 * Before the first file goes anywhere: every destination whose rights only writing shows is written to in a way that people do not see. All refusals at
 * once; then nothing is public anywhere. Not asked when nothing is to be sent, or of a destination that has everything already.
 */
export async function proveRights(
  { release }: Pick<PublishRequest, 'release'>,
  deliveries: readonly Delivery[],
  ledgers: readonly DestinationLedger[],
  ports: PublishPorts,
): Promise<void> {
  if (!deliveries.some(({ plan }) => hasToSend(plan))) return;
  const open = deliveries.filter(({ plan, files }, index) => files.length > 0 && (hasToSend(plan) || !ledgers[index]!.isFinalised()));
  const faults = await Promise.all(open.map((delivery) => refusalOf(delivery, release, ports)));
  refuseFaults(faults.filter((fault) => fault !== undefined));
}

async function refusalOf(
  { destination, files }: Delivery,
  release: PublishRequest['release'],
  ports: PublishPorts,
): Promise<WaybillError | undefined> {
  if (destination.proveRights === undefined) return undefined;
  const { id } = destination;
  const end = await untilAnswered(id, () => destination.proveRights!(release, files), ports).catch((cause: unknown) => {
    if (cause instanceof WaybillError) return cause;
    throw cause;
  });
  if (end instanceof WaybillError) return end;
  for (const remark of end) ports.line(`${id}: ${remark}`);
  return undefined;
}
