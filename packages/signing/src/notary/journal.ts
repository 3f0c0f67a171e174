import { mkdir, open, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { notarizeErrors } from '../errors/notarize-errors';

/**
 * How far a submission is known to have come. `prepared`: nothing was asked for, or the answer is unknown, and nothing uploaded. `submitted`: it has a number,
 * whether its bytes arrived whole is unknown. `uploaded`: they did. The others are Apple’s last word.
 */
export type JournalState = 'prepared' | 'submitted' | 'uploaded' | 'accepted' | 'invalid' | 'rejected';

/** What is known of the submission of certain bytes. */
export interface JournalEntry {
  /** Of what is submitted, lower-case hex. */
  sha256: string;
  /** Name of the submission at Apple. */
  name: string;
  /** Address of the service that knows it: of no meaning to another one. */
  service: string;
  state: JournalState;
  /** From `submitted` on. */
  id?: string;
  /** When it got its number, milliseconds since 1970. */
  submittedMs?: number;
  /** Known from the service alone: another run made it, perhaps on another machine, and it may well have sent its bytes. */
  found?: boolean;
  /** The log, as it came, once there is one. */
  log?: string;
  /** Numbers whose bytes never arrived. */
  abandoned?: readonly string[];
}

export interface Journal {
  read(sha256: string): Promise<JournalEntry | undefined>;
  /** On the disk when the promise resolves. */
  write(entry: JournalEntry): Promise<void>;
  /** Held while bytes are submitted. */
  lockFile(sha256: string): string;
}

const STATES: ReadonlySet<string> = new Set<JournalState>(['prepared', 'submitted', 'uploaded', 'accepted', 'invalid', 'rejected']);
/** Ignored by git, outside of every target’s outputs: no cache hit brings an old one back. */
const FOLDER = '.waybill/notary';

/**
 * One file for the bytes of each submission, in the workspace, with an entry for each service. `earlier`: what a stage folder of an earlier run, perhaps on
 * another machine, holds.
 */
export function journalFiles(workspaceRoot: string, service: string, earlier: readonly JournalEntry[] = []): Journal {
  const pathOf = (sha256: string): string => join(workspaceRoot, FOLDER, `${sha256}.json`);
  const entriesOf = async (sha256: string): Promise<readonly JournalEntry[]> => {
    const text = await readIfThere(pathOf(sha256));
    return text === undefined ? [] : parseEntries(text, `${FOLDER}/${sha256}.json`);
  };
  return {
    lockFile: (sha256) => `${pathOf(sha256)}.lock`,
    async read(sha256) {
      const here = [...(await entriesOf(sha256)), ...earlier];
      return here.find((entry) => entry.sha256 === sha256 && entry.service === service);
    },
    async write(entry) {
      const path = pathOf(entry.sha256);
      await mkdir(dirname(path), { recursive: true });
      await writeFile(join(workspaceRoot, '.waybill/.gitignore'), '*\n');
      const others = (await entriesOf(entry.sha256)).filter((other) => other.service !== entry.service);
      await writeDurably(path, renderEntries([...others, entry]));
    },
  };
}

export const renderEntries = (entries: readonly JournalEntry[]): string =>
  `${JSON.stringify({ schema: 'waybill/notary/1', submissions: entries }, undefined, 2)}\n`;

/** `NOTARIZE_JOURNAL`. `path` is for people. */
export function parseEntries(text: string, path: string): readonly JournalEntry[] {
  const refuse = (reason: string): Error => notarizeErrors.error('NOTARIZE_JOURNAL', { path, reason });
  let value: { schema?: unknown; submissions?: unknown } | null;
  try {
    value = JSON.parse(text) as typeof value;
  } catch (cause) {
    throw notarizeErrors.error('NOTARIZE_JOURNAL', { path, reason: 'it is no JSON' }, { cause });
  }
  if (value?.schema !== 'waybill/notary/1' || !Array.isArray(value.submissions)) throw refuse('it is of another kind');
  const entries = value.submissions as readonly JournalEntry[];
  for (const { sha256, name, service, state, id } of entries) {
    const texts = [sha256, name, service];
    if (texts.some((text) => typeof text !== 'string') || !STATES.has(state)) throw refuse('an entry lacks digest, name, service or state');
    if (state !== 'prepared' && typeof id !== 'string') throw refuse(`an entry is ${state} and has no number`);
  }
  return entries;
}

/** The old file or the whole new one, also after a power failure. */
async function writeDurably(path: string, text: string): Promise<void> {
  const part = `${path}.${process.pid}.part`;
  try {
    const file = await open(part, 'w', 0o600);
    try {
      await file.writeFile(text);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(part, path);
  } finally {
    await rm(part, { force: true });
  }
  await syncFolder(dirname(path));
}

/** Windows opens no folders. */
async function syncFolder(path: string): Promise<void> {
  if (process.platform === 'win32') return;
  const folder = await open(path, 'r');
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}

const readIfThere = (path: string): Promise<string | undefined> =>
  readFile(path, 'utf8').catch((cause: NodeJS.ErrnoException) => {
    if (cause.code === 'ENOENT') return undefined;
    throw cause;
  });
