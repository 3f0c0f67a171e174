import { mkdirSync, readFileSync, renameSync, statSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';

/** Counts up when the meaning of what is kept changes. */
const SCHEMA = 'waybill answers 1';
/** What was written just now may be written again within the same tick of the file system's clock, and look the same. */
const SETTLED_MS = 2000;

/** Path → what the file system says of it. */
export type FileStates = Readonly<Record<string, string>>;

interface Entry {
  answer: string;
  files: FileStates;
}

/** Answers of programs that were asked before, each with the files that it came from. */
export interface AnswerMemory {
  /** What was answered, if none of the files that it came from was touched, replaced, removed or added since. */
  recall(key: string): string | undefined;
  /** Keeps an answer that came from files whose states were taken before it was asked for; not where one of them changed meanwhile. */
  remember(key: string, answer: string, files: FileStates): void;
  save(): void;
}

export const NO_MEMORY: AnswerMemory = { recall: () => undefined, remember: () => undefined, save: () => undefined };

export const statesOf = (paths: readonly string[]): FileStates => Object.fromEntries(paths.map((path) => [path, stateOf(path)]));

/** @param file of the memory; one that cannot be read, or was damaged, is an empty one, because programs can be asked again */
export function openMemory(file: string, nowMs: () => number = Date.now): AnswerMemory {
  const entries = readEntries(file);
  let changed = false;
  return {
    recall(key) {
      const entry = entries.get(key);
      return entry && isAsItWas(entry.files) ? entry.answer : undefined;
    },
    remember(key, answer, files) {
      if (!isAsItWas(files) || !isSettled(files, nowMs())) return;
      entries.set(key, { answer, files });
      changed = true;
    },
    save() {
      if (changed)
        writeEntries(
          file,
          [...entries].filter(([, entry]) => isAsItWas(entry.files)),
        );
    },
  };
}

/** The time of the last change of its inode is in it, which nobody can set: a file that was made again is another, though all else be the same. */
function stateOf(path: string): string {
  const found = statSync(path, { bigint: true, throwIfNoEntry: false });
  return found === undefined ? 'none' : [found.dev, found.ino, found.mode, found.size, found.mtimeNs, found.ctimeNs].join(' ');
}

const isAsItWas = (files: FileStates): boolean => Object.entries(files).every(([path, state]) => stateOf(path) === state);

function isSettled(files: FileStates, nowMs: number): boolean {
  const times = Object.values(files).flatMap((state) => state.split(' ').slice(4));
  return times.every((time) => Number(BigInt(time) / 1_000_000n) < nowMs - SETTLED_MS);
}

function readEntries(file: string): Map<string, Entry> {
  try {
    const { schema, entries } = JSON.parse(readFileSync(file, 'utf8')) as { schema: unknown; entries: Record<string, Entry> };
    return new Map(schema === SCHEMA ? Object.entries(entries).filter(([, entry]) => isEntry(entry)) : []);
  } catch {
    // no file yet, or none that can be read: then all are asked
    return new Map();
  }
}

function isEntry({ answer, files }: Entry): boolean {
  const states = Object.values(files);
  return typeof answer === 'string' && states.length > 0 && states.every((state) => typeof state === 'string');
}

function writeEntries(file: string, entries: readonly (readonly [string, Entry])[]): void {
  const beside = `${file}.${process.pid}`;
  try {
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(beside, JSON.stringify({ schema: SCHEMA, entries: Object.fromEntries(entries) }));
    renameSync(beside, file);
  } catch {
    // a home that cannot be written costs the time of asking again, and nothing else
    return;
  }
}
