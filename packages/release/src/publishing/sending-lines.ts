import type { PublishPorts } from '@waybill/publishing';

const EVERY_MS = 5_000;
const MEGABYTE = 1_000_000;

/** An upload under way. A destination gets one file at a time. */
interface Sending {
  name: string;
  total: number;
  /** Of its begin, or of the last line about it. */
  toldMs: number;
}

/** How far uploads are: of each a line every five seconds, so that what is quick has none, and no destination keeps another from being told of. */
export function sendingLines(line: (text: string) => void, nowMs: () => number): NonNullable<PublishPorts['onSent']> {
  const uploads = new Map<string, Sending>();
  return (destination, { name, size }, total) => {
    const known = uploads.get(destination);
    // what is sent again begins anew
    const isNew = known === undefined || known.name !== name || total < known.total;
    const sending = isNew ? { name, total, toldMs: nowMs() } : { ...known, total };
    const isDue = nowMs() - sending.toldMs >= EVERY_MS && total < size;
    uploads.set(destination, isDue ? { ...sending, toldMs: nowMs() } : sending);
    if (isDue) line(`${destination}: \`${name}\` ${Math.floor((100 * total) / size)} % of ${Math.ceil(size / MEGABYTE)} MB sent`);
  };
}
