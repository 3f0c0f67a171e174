import type { ProcessResult } from '@waybill/core';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { FreshEnvironment } from './fresh-environment';

/** What became of one import. */
export type ImportFact =
  /** Absolute, links resolved; empty for what is built in. */
  | { module: string; places: readonly string[] }
  /** The exception, and the modules that were not found, the first cause first. */
  | { module: string; error: string; missing: readonly string[] }
  /** The module ended the process, or was ended with it. */
  | { module: string; ended: string };

export interface ImportFacts {
  /** Links resolved. */
  prefix: string;
  /** `name version`, sorted. */
  installed: readonly string[];
  imports: readonly ImportFact[];
}

/** A module that takes longer hangs. */
const LIMIT_MS = 120_000;

const SCRIPT = join(__dirname, 'inside/import-modules.py');

/** Imports the modules with `-I` from an empty folder: in one process, and in another one after a module that ended the first. */
export async function importModules(
  environment: FreshEnvironment,
  modules: readonly string[],
  request: { scratch: string; timeoutMs: number },
): Promise<ImportFacts> {
  const facts = { prefix: '', installed: [] as readonly string[], imports: [] as ImportFact[] };
  for (let round = 0, left = modules; round === 0 || left.length > 0; round += 1) {
    const output = join(request.scratch, `imports-${round}.jsonl`);
    const command = { file: environment.python, args: ['-I', '-B', SCRIPT, output, ...left] };
    const result = await environment.run(command, Math.min(request.timeoutMs, LIMIT_MS));
    const events = parseEvents(await readFile(output, 'utf8').catch(() => ''));
    if (events[0] !== undefined) Object.assign(facts, events[0]);
    const done = [...events.filter(isFact), ...endedBy(events, left, result)];
    facts.imports.push(...done);
    left = left.slice(done.length);
  }
  return facts;
}

type Event = Record<string, unknown>;

const parseEvents = (text: string): Event[] =>
  text
    .split('\n')
    .slice(0, -1)
    .map((line) => JSON.parse(line) as Event);

const isFact = (event: Event): event is Event & ImportFact => typeof event.module === 'string';

/** The module after which nothing more was written; the first one when the process did not even begin. */
function endedBy(events: readonly Event[], modules: readonly string[], result: ProcessResult): ImportFact[] {
  const finished = events.filter(isFact).length;
  const module = modules[finished];
  return module === undefined ? [] : [{ module, ended: describeEnd(result) }];
}

/** How a program ended that should have ended otherwise, with the last lines that it wrote. */
export function describeEnd({ timedOut, signal, exitCode, stdout, stderr, durationMs }: ProcessResult): string {
  const how = timedOut
    ? `did not end within ${Math.round(durationMs / 1000)} s`
    : signal
      ? `was ended by ${signal}`
      : `ended with exit code ${exitCode}`;
  const lines = `${stdout}\n${stderr}`.trim().split('\n').slice(-LINES_SHOWN).join('\n');
  return lines === '' ? how : `${how}\n${lines}`;
}

const LINES_SHOWN = 15;
