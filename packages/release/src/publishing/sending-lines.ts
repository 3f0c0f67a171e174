import type { PublishPorts } from '@waybill/publishing';

const EVERY_MS = 5_000;
const MEGABYTE = 1_000_000;

/** How far uploads are: a line at most every five seconds, so that small files have none. */
export function sendingLines(line: (text: string) => void, nowMs: () => number): NonNullable<PublishPorts['onSent']> {
  let lastMs = nowMs();
  return (destination, { name, size }, total) => {
    if (nowMs() - lastMs < EVERY_MS || total >= size) return;
    lastMs = nowMs();
    line(`${destination}: \`${name}\` ${Math.floor((100 * total) / size)} % of ${Math.ceil(size / MEGABYTE)} MB sent`);
  };
}
