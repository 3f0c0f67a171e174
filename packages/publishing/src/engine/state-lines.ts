import { WaybillError } from '@waybill/core';
import type { DestinationLedger } from './destination-ledger';
import type { Delivery } from './publish-request';

/** How many of its files each destination has. */
export const stateLines = (deliveries: readonly Delivery[], ledgers: readonly DestinationLedger[]): readonly string[] =>
  deliveries.map(({ plan, files }, index) => {
    const done = files.filter((file) => ledgers[index]!.isDone(file)).length;
    return `${plan.id}: ${done} of ${files.length} files are there`;
  });

/** A failure on the way says what stands where. */
export function withLines(cause: unknown, lines: readonly string[]): unknown {
  if (!(cause instanceof WaybillError)) return cause;
  return new WaybillError(cause.code, { message: cause.message, fix: cause.fix, details: [...cause.details, ...lines] }, { cause });
}
