import { bornOf, isClock } from './clock-text';
import type { ComparedContents, Difference } from './difference';

/** Characters around the first difference that are shown. */
const BEFORE = 20;
const SHOWN = 60;

type ContentDifference = Omit<Difference, 'member'>;

/**
 * Whence two contents differ: they hold the folders of their builds, the time at which they were built, or that of their sources; they hold the same pieces in
 * another order, as files of folders and sets do; or otherwise.
 */
export function compareContents(first: Uint8Array, second: Uint8Array, about: Omit<ComparedContents, 'read'>): ContentDifference {
  const [one, other] = [first, second].map((bytes) => Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length)) as [Buffer, Buffer];
  const path = pathDifference(one, other, about.roots);
  if (path !== undefined) return path;
  const at = firstDifference(one, other);
  const shown = { first: excerpt(one, at), second: excerpt(other, at) };
  return { ...timeDifference(one, other, at, about), ...shown };
}

function timeDifference(
  one: Buffer,
  other: Buffer,
  at: number,
  { clock, sourceTimes, names }: Omit<ComparedContents, 'read'>,
): Pick<Difference, 'cause' | 'message' | 'fix'> {
  if (clock !== undefined && isClock(one, at, clock.first) && isClock(other, at, clock.second))
    return { cause: 'clock', message: `Each build wrote the time at which it ran into the content, at byte ${at}` };
  if (sourceTimes !== undefined && bornOf(one, at, sourceTimes.first) && bornOf(other, at, sourceTimes.second)) {
    const fix = 'have the build write SOURCE_DATE_EPOCH there, or nothing: times of files come from when they were copied';
    return { cause: 'mtime', message: `The content holds the time of a source file, at byte ${at}`, fix };
  }
  const [first, second] = [one.toString('latin1'), other.toString('latin1')];
  if (first.length !== second.length || !samePieces(first, second)) return { cause: 'content', message: `The contents differ from byte ${at} on` };
  if (!isOrderOfFolder(first, second, names ?? new Set()))
    return { cause: 'hash seed', message: `The same pieces stand in another order from byte ${at} on, as those of a set do` };
  const fix = 'sort what the build reads from folders (`sorted(os.listdir(…))`) before it is written';
  return { cause: 'order', message: `Names of files stand in another order from byte ${at} on, as folders give them`, fix };
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

/** Words and numbers, as they stand. */
const piecesOf = (text: string): string[] => text.split(/[^A-Za-z0-9_\x80-\xff]+/);
/** The same with what names of files hold beside. */
const namesIn = (text: string): string[] => text.split(/[^A-Za-z0-9_.\x80-\xff-]+/);

/** A time in the content is another word, an order is not. */
function samePieces(one: string, other: string): boolean {
  return piecesOf(one).sort().join('\n') === piecesOf(other).sort().join('\n');
}

/** Where they differ stand names of the project's files, with or without their endings, in exactly the opposite order. A set has any order. */
function isOrderOfFolder(one: string, other: string, names: ReadonlySet<string>): boolean {
  const [first, second] = [namesIn(one), namesIn(other)];
  const moved = first.map((name, index) => [name, second[index]!] as const).filter(([name, there]) => name !== there);
  const stems = new Set([...names].map((name) => name.replace(/\.[^.]*$/, '')));
  const areNames = moved.every(([name]) => names.has(name) || stems.has(name));
  return moved.length > 1 && areNames && moved.every(([name], index) => name === moved[moved.length - 1 - index]![1]);
}
