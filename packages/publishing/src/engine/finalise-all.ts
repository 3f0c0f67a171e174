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
    const open = deliveries.slice(index + 1).map(({ plan }) => `${plan.id}: not made current yet`);
    const answered = <Result>(act: () => Promise<Result>, state: string): Promise<Result> =>
      untilAnswered(id, act, ports).catch((cause: unknown) => {
        throw withLines(cause, [...lines, `${id}: ${state}`, ...open, 'running it again is safe: what was done stays']);
      });
    const finalise = (): Promise<readonly string[]> => delivery.destination.finalise(request.release, delivery.files, request.body);
    const done = await answered(finalise, 'all files are there, not made current');
    await ledgers[index]!.write({ record: 'finalised', lines: done });
    lines.push(...done.map((line) => `${id}: ${line}`));
    waiting.push(...(await answered(() => lookAfter(request, delivery, done, ports), 'not looked at after that')));
  }
  return { lines, waiting };
}

/** What is not shown yet, or is held back. */
async function lookAfter(request: PublishRequest, delivery: Delivery, done: readonly string[], ports: PublishPorts): Promise<readonly string[]> {
  const { destination } = delivery;
  const missing = done.length === 0 ? undefined : await waitUntilShown(request, delivery, ports);
  const held = await destination.heldBack?.(request.release);
  return [...(missing === undefined ? [] : [missing]), ...(held === undefined ? [] : [`${destination.id}: ${held}`])];
}
