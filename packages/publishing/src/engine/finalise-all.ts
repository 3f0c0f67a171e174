import type { DestinationLedger } from './destination-ledger';
import type { Delivery, PublishPorts, PublishRequest } from './publish-request';
import { withLines } from './state-lines';
import { untilAnswered } from './until-answered';
import { waitUntilShown } from './verify-delivery';

/**
 * Pointers and drafts, one destination after the other, and a last look at what everybody sees now. A failure says what was moved until then; running
 * it again moves the rest.
 */
export async function finaliseAll(
  request: PublishRequest,
  deliveries: readonly Delivery[],
  ledgers: readonly DestinationLedger[],
  ports: PublishPorts,
): Promise<{ lines: readonly string[]; waiting: readonly string[] }> {
  const lines: string[] = [];
  const waiting: string[] = [];
  for (const [index, delivery] of deliveries.entries()) {
    const { id } = delivery.destination;
    const finalise = (): Promise<readonly string[]> => delivery.destination.finalise(request.release, delivery.files, request.body);
    const done = await untilAnswered(id, finalise, ports).catch((cause: unknown) => {
      const open = deliveries.slice(index + 1).map(({ plan }) => `${plan.id}: not made current yet`);
      throw withLines(cause, [...lines, `${id}: all files are there, not made current`, ...open, 'running it again is safe: what was done stays']);
    });
    await ledgers[index]!.write({ record: 'finalised', lines: done });
    lines.push(...done.map((line) => `${id}: ${line}`));
    const missing = done.length === 0 ? undefined : await waitUntilShown(request, delivery, ports);
    if (missing !== undefined) waiting.push(missing);
    const held = await delivery.destination.heldBack?.(request.release);
    if (held !== undefined) waiting.push(`${id}: ${held}`);
  }
  return { lines, waiting };
}
