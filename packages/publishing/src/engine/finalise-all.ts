import { WaybillError } from '@waybill/core';
import type { DestinationLedger } from './destination-ledger';
import type { Delivery, PublishPorts, PublishRequest } from './publish-request';
import { withLines } from './state-lines';
import { NO_ANSWER, pauseMs } from './upload-files';
import { waitUntilShown } from './verify-delivery';

const ATTEMPTS = 4;

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
    const done = await finaliseOne(request, delivery, ports).catch((cause: unknown) => {
      const open = deliveries.slice(index + 1).map(({ plan }) => `${plan.id}: not made current yet`);
      throw withLines(cause, [...lines, `${id}: all files are there, not made current`, ...open, 'running it again is safe: what was done stays']);
    });
    await ledgers[index]!.write({ record: 'finalised', lines: done });
    lines.push(...done.map((line) => `${id}: ${line}`));
    const missing = done.length === 0 ? undefined : await waitUntilShown(request, delivery, ports);
    if (missing !== undefined) waiting.push(missing);
  }
  return { lines, waiting };
}

/** An answer that leaves open what was done is decided by doing it again: it looks first, and doing it twice changes nothing. */
async function finaliseOne(
  { release, body }: PublishRequest,
  { destination, files }: Delivery,
  { sleep, line }: PublishPorts,
): Promise<readonly string[]> {
  for (let attempt = 1; ; attempt += 1) {
    const end = await destination.finalise(release, files, body).then(
      (lines) => ({ lines }),
      (cause: unknown) => ({ cause }),
    );
    if ('lines' in end) return end.lines;
    const open = end.cause instanceof WaybillError && NO_ANSWER.has(end.cause.code) ? end.cause : undefined;
    if (open === undefined || attempt === ATTEMPTS) throw end.cause;
    line(`${destination.id}: ${open.message}; looking again`);
    await sleep(pauseMs(attempt));
  }
}
