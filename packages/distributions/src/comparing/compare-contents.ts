import type { ComparedContents, Difference } from './difference';

/** Characters around the first difference that are shown. */
const BEFORE = 20;
const SHOWN = 60;

type ContentDifference = Omit<Difference, 'member'>;

/**
 * Whence two contents differ: they hold the folders of their builds; they hold the same pieces in another order, as sets do under another hash seed; or otherwise.
 */
export function compareContents(first: Uint8Array, second: Uint8Array, roots: ComparedContents['roots']): ContentDifference {
  const [one, other] = [first, second].map((bytes) => Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length));
  const path = pathDifference(one!, other!, roots);
  if (path !== undefined) return path;
  const at = firstDifference(one!, other!);
  const shown = { first: excerpt(one!, at), second: excerpt(other!, at) };
  if (first.length === second.length && samePieces(one!.toString('latin1'), other!.toString('latin1'))) {
    return { cause: 'hash seed', message: `The same pieces stand in another order from byte ${at} on, as those of a set do`, ...shown };
  }
  return { cause: 'content', message: `The contents differ from byte ${at} on`, ...shown };
}

function pathDifference(one: Buffer, other: Buffer, roots: ComparedContents['roots']): ContentDifference | undefined {
  for (const [first, second] of roots) {
    if (first === second) continue;
    const [at, there] = [one.indexOf(first), other.indexOf(second)];
    if (at < 0 && there < 0) continue;
    const message =
      at < 0 || there < 0 ? 'One of the builds wrote its folder into the content' : `Each build wrote its folder into the content, at byte ${at}`;
    return { cause: 'path', message, first: at < 0 ? 'nothing' : first, second: there < 0 ? 'nothing' : second };
  }
  return undefined;
}

function firstDifference(one: Buffer, other: Buffer): number {
  const shorter = Math.min(one.length, other.length);
  let at = 0;
  for (const step of [4096, 1]) while (at + step <= shorter && one.compare(other, at, at + step, at, at + step) === 0) at += step;
  return at;
}

const excerpt = (bytes: Buffer, at: number): string =>
  JSON.stringify(bytes.toString('latin1', Math.max(0, at - BEFORE), at - Math.min(at, BEFORE) + SHOWN));

/** Words and numbers of both, sorted: a time in the content is another word, an order is not. */
function samePieces(one: string, other: string): boolean {
  const pieces = (text: string): string =>
    text
      .split(/[^A-Za-z0-9_\x80-\xff]+/)
      .sort()
      .join('\n');
  return pieces(one) === pieces(other);
}
