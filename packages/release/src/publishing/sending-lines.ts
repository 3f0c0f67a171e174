import type { PublishPorts } from '@waybill/publishing';

const EVERY_MS = 5_000;
const MEGABYTE = 1_000_000;

/** How far uploads are: a line at most every five seconds, so that small files have none. */
export function sendingLines(line: (text: string) => void, nowMs: () => number): NonNullable<PublishPorts['onSent']> {
  const sent = new Map<string, number>();
  let lastMs = nowMs();
  return (destination, { name, size }, bytes) => {
    const key = `${destination} ${name}`;
    const total = (sent.get(key) ?? 0) + bytes;
    sent.set(key, total);
    if (nowMs() - lastMs < EVERY_MS || total >= size) return;
    lastMs = nowMs();
    line(`${destination}: \`${name}\` ${Math.floor((100 * total) / size)} % of ${Math.ceil(size / MEGABYTE)} MB sent`);
  };
}
