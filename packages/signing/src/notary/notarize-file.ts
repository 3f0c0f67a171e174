import { WaybillError, withFileLock, type HttpBody } from '@waybill/core';
import { notarizeErrors } from '../errors/notarize-errors';
import type { Journal, JournalEntry } from './journal';
import { parseLog, type NotaryLog } from './notary-client';
import { BytesNotSent, type NotaryService } from './notary-service';

export interface Submission {
  /** For people, and at the beginning of the submission’s name at Apple. */
  name: string;
  content: HttpBody;
  /** Of the content, lower-case hex. */
  sha256: string;
  /** The same as a file, absolute; programs are given that. Absent where there is none. */
  file?: string;
}

export interface NotaryPorts {
  service: NotaryService;
  journal: Journal;
  nowMs(): number;
  pause(ms: number): Promise<unknown>;
  /** Until when it waits for Apple, on the clock of `nowMs`; the past: not at all. */
  deadlineMs: number;
  line(text: string): void;
}

/** `pending`: Apple has not decided, or its log is not there yet: run again. */
export interface Notarized {
  outcome: 'accepted' | 'invalid' | 'rejected' | 'pending';
  entry: JournalEntry;
  log?: NotaryLog;
}

const FIRST_POLL_MS = 5_000;
const LONGEST_POLL_MS = 60_000;
/** Half of all submissions are through after two minutes: one of ours of which nobody knows whether its bytes arrived gets ten, over all runs. */
const UNSURE_MS = 10 * 60_000;
/** Of others, most of which sent their bytes: those of new accounts take hours. */
const UNSURE_FOUND_MS = 24 * 60 * 60_000;
const LOCK_MS = 60 * 60_000;
const DIGEST_DIGITS = 16;

/** By which a submission is found again whose number was lost. */
export const submissionName = ({ name, sha256 }: Pick<Submission, 'name' | 'sha256'>): string => `${name} ${sha256.slice(0, DIGEST_DIGITS)}`;

/**
 * Has certain bytes notarized, or goes on where an earlier run ended: whatever is known of them, in the journal or at Apple, is taken up, so that no bytes are
 * uploaded twice. `NOTARIZE_…`, `NETWORK_…`.
 */
export function notarizeFile(submission: Submission, ports: NotaryPorts): Promise<Notarized> {
  const { journal, line } = ports;
  const onWait = (): void => line(`waiting: another run submits the same bytes (${submission.name})`);
  return withFileLock(journal.lockFile(submission.sha256), { timeoutMs: LOCK_MS, onWait }, async () => {
    const known = await journal.read(submission.sha256);
    return follow(submission, ports, known);
  });
}

async function follow(submission: Submission, ports: NotaryPorts, known: JournalEntry | undefined): Promise<Notarized> {
  const entry = known === undefined || known.state === 'prepared' ? await findAtApple(submission, ports, known) : known;
  if (entry === undefined) return submitAnew(submission, ports, known);
  if (isDecided(entry)) return conclude(submission, ports, entry);
  ports.line(`taking up submission ${entry.id} of ${submission.name}`);
  if (entry.state === 'uploaded') return waitFor(submission, ports, entry, ports.deadlineMs);
  const unsureMs = (entry.submittedMs ?? ports.nowMs()) + (entry.found ? UNSURE_FOUND_MS : UNSURE_MS);
  ports.line(`nothing here says whether its bytes arrived: unless Apple decides, it is made anew after ${new Date(unsureMs).toISOString()}`);
  const waited = await waitFor(submission, ports, entry, Math.min(ports.deadlineMs, unsureMs));
  if (waited.outcome !== 'pending' || isDecided(waited.entry)) return waited;
  if (Math.max(ports.deadlineMs, ports.nowMs()) < unsureMs) return waited;
  ports.line(`submission ${entry.id} does not move: its bytes may never have arrived whole`);
  return submitAnew(submission, ports, abandon(entry));
}

const isDecided = ({ state }: JournalEntry): boolean => state === 'accepted' || state === 'invalid' || state === 'rejected';

const abandon = ({ sha256, name, service, id, abandoned = [] }: JournalEntry): JournalEntry => ({
  sha256,
  name,
  service,
  state: 'prepared',
  abandoned: [...abandoned, ...(id === undefined ? [] : [id])],
});

/** The newest submission of the same bytes that somebody made before, as the service tells; one that was judged is one only if its log names these bytes. */
async function findAtApple(
  submission: Submission,
  { service, nowMs }: NotaryPorts,
  known: JournalEntry | undefined,
): Promise<JournalEntry | undefined> {
  const [name, sha256] = [submissionName(submission), submission.sha256];
  const left = known?.abandoned ?? [];
  const found = (await service.history())
    .filter((one) => one.name === name && !left.includes(one.id))
    .sort((one, other) => (one.createdDate > other.createdDate ? -1 : 1));
  for (const { id, status } of found) {
    if (status === 'In Progress') continue;
    const log = await service.log(id);
    if (log === undefined || log.sha256 === sha256) return { sha256, name, service: service.address, state: 'uploaded', id };
  }
  const going = found.find(({ status }) => status === 'In Progress');
  if (going === undefined) return undefined;
  const createdMs = Date.parse(going.createdDate);
  return {
    ...{ sha256, name, service: service.address, state: 'submitted', id: going.id },
    submittedMs: Number.isNaN(createdMs) ? nowMs() : createdMs,
    ...((known === undefined || service.sendsWithSubmit) && { found: true }),
    ...(left.length > 0 && { abandoned: left }),
  };
}

/** What is going to be done stands in the journal before it is done. */
async function submitAnew(submission: Submission, ports: NotaryPorts, known: JournalEntry | undefined): Promise<Notarized> {
  const { service, journal, nowMs, line } = ports;
  const name = submissionName(submission);
  const left = known?.abandoned ?? [];
  const base = { sha256: submission.sha256, name, service: service.address, ...(left.length > 0 && { abandoned: left }) };
  await journal.write({ ...base, state: 'prepared' });
  line(`submitting ${submission.name} (${submission.content.size} bytes)`);
  const { id, upload } = await service.submit(submission, name).catch(async (error: unknown) => {
    if (!(error instanceof BytesNotSent)) throw error;
    await journal.write({ ...base, state: 'prepared', abandoned: [...left, error.id] });
    throw error.cause;
  });
  const submittedMs = nowMs();
  if (upload !== undefined) {
    await journal.write({ ...base, state: 'submitted', id, submittedMs });
    line(`uploading ${submission.name}, submission ${id}`);
    await upload();
  }
  const entry: JournalEntry = { ...base, state: 'uploaded', id, submittedMs };
  await journal.write(entry);
  return waitFor(submission, ports, entry, ports.deadlineMs);
}

/** Polls, first often, then less so. That the service is down for a while is no reason to end: the deadline is. */
async function waitFor(submission: Submission, ports: NotaryPorts, entry: JournalEntry, deadlineMs: number): Promise<Notarized> {
  const { service, nowMs, pause, line } = ports;
  for (let poll = 0; ; poll += 1) {
    const status = await statusOf(service, entry.id!);
    if (status === 'unknown number') return submitAnew(submission, ports, abandon(entry));
    const decided = DECISIONS[status];
    if (decided !== undefined) return conclude(submission, ports, { ...entry, state: decided });
    if (status !== 'In Progress') throw notarizeErrors.error('NOTARIZE_STATE', { name: submission.name, id: entry.id!, state: status });
    const pauseMs = Math.min(LONGEST_POLL_MS, FIRST_POLL_MS * 1.3 ** poll);
    if (nowMs() + pauseMs > deadlineMs) return { outcome: 'pending', entry };
    if (poll === 0) line(`Apple is at work on ${submission.name}, submission ${entry.id!}`);
    await pause(pauseMs);
  }
}

async function statusOf(service: NotaryService, id: string): Promise<string> {
  try {
    return (await service.state(id))?.status ?? 'unknown number';
  } catch (error) {
    if (error instanceof WaybillError && error.code === 'NOTARIZE_UNREACHABLE') return 'In Progress';
    throw error;
  }
}

const DECISIONS: Readonly<Record<string, 'accepted' | 'invalid' | 'rejected'>> = { Accepted: 'accepted', Invalid: 'invalid', Rejected: 'rejected' };
const LOG_TRIES = 6;

/** Apple has decided. The log is kept whatever it says; without it nobody knows which bytes were judged. */
async function conclude(submission: Submission, ports: NotaryPorts, entry: JournalEntry): Promise<Notarized> {
  const { service, journal, pause } = ports;
  let log = entry.log === undefined ? undefined : parseLog(entry.log);
  for (let attempt = 1; log === undefined && attempt <= LOG_TRIES; attempt += 1) {
    log = await service.log(entry.id!);
    if (log === undefined && attempt < LOG_TRIES) await pause(FIRST_POLL_MS);
  }
  const decided = { ...entry, ...(log && { log: log.text }) };
  if (log !== undefined && log.sha256 !== submission.sha256) {
    await journal.write(abandon(entry));
    throw notarizeErrors.error('NOTARIZE_OTHER_BYTES', {
      ...{ name: submission.name, id: entry.id!, expected: submission.sha256, actual: log.sha256 },
    });
  }
  if (log !== undefined && (log.status === 'Accepted') !== (entry.state === 'accepted')) {
    await journal.write(undecided(entry));
    const reason = `it says \`${log.status}\`, and the service said \`${entry.state}\``;
    throw notarizeErrors.error('NOTARIZE_ANSWER', { action: `give the log of submission ${entry.id!}`, reason });
  }
  await journal.write(decided);
  if (log === undefined) return { outcome: 'pending', entry: decided };
  return { outcome: decided.state as 'accepted', entry: decided, log };
}

/** To be asked for once more, the log too. */
const undecided = ({ log: _, ...entry }: JournalEntry): JournalEntry => ({ ...entry, state: 'uploaded' });
