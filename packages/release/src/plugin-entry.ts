import { randomUUID } from 'node:crypto';
import { mkdirSync, readdirSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isCallersEnvironment } from './callers-environment';
import { isDryRun } from './read-dry-run';

/** What Nx gives to the hooks round a run of tasks (nx `PreTasksExecutionContext`). */
export interface TasksContext {
  /** Unique for the run. */
  id: string;
  workspaceRoot: string;
  nxJsonConfiguration: object;
  argv: readonly string[];
}

/** As `@waybill/plugin-kit` names it; not imported, because this module is loaded for every command of Nx. */
const FOLDER_PREFIX = 'waybill-dry-run-';
const DAY_MS = 86_400_000;

/**
 * Makes the whole run dry when any spelling of dry run was given: Nx itself tells only the targets that were named. Runs before anything
 * is hashed. `WAYBILL_DRY_RUN` is the absolute path of a folder that exists for this run alone: being unique, it keeps dry results out of
 * every later run's cache, and planned records travel in it. In a real run neither variable has an effect, whatever was inherited.
 *
 * What NX_DRY_RUN asks for is left to the caller's own NX_DRY_RUN, which reaches the tasks without this hook: a plugin process that the
 * daemon started between two commands can still hold the variables of the first, and must not make the second dry.
 */
export function preTasksExecution(
  _options: unknown,
  { id, argv, workspaceRoot }: Pick<TasksContext, 'id' | 'argv' | 'workspaceRoot'>,
): Promise<void> {
  // No await: the daemon runs the hooks of several commands in one process, and reads what they set from its environment.
  forgetEarlierRun();
  const inherited = isCallersEnvironment(workspaceRoot) ? process.env['NX_DRY_RUN'] : undefined;
  if (isDryRun(argv, inherited)) {
    const folder = makeRunFolder(id);
    earlierRun = { folder, inherited };
    if (isDryRun(argv, undefined)) process.env['NX_DRY_RUN'] = 'true';
    process.env['WAYBILL_DRY_RUN'] = folder;
  } else {
    // Empty, not deleted: from the daemon only what is set reaches the run, and Nx hashes an empty variable like one that is not there.
    if (inherited) process.env['NX_DRY_RUN'] = '';
    if (process.env['WAYBILL_DRY_RUN']) process.env['WAYBILL_DRY_RUN'] = '';
  }
  return Promise.resolve();
}

/** Removes the run's folder. */
export function postTasksExecution(_options: unknown, { id }: Pick<TasksContext, 'id'>): Promise<void> {
  for (const name of foldersIn(tmpdir())) {
    if (name.startsWith(`${FOLDER_PREFIX}${fileNameOf(id)}-`)) rmSync(join(tmpdir(), name), { recursive: true, force: true });
  }
  return Promise.resolve();
}

/** The last dry run that this process was asked for: the daemon's plugin process, and `nx release` itself, see several. */
let earlierRun: { folder: string; inherited: string | undefined } | undefined;

/**
 * Takes back what was set for an earlier run. Deleting is not seen by the daemon's client, so that this never turns a dry run that the
 * caller's own NX_DRY_RUN asks for into a real one.
 */
function forgetEarlierRun(): void {
  if (!earlierRun || process.env['WAYBILL_DRY_RUN'] !== earlierRun.folder) return;
  delete process.env['WAYBILL_DRY_RUN'];
  if (!earlierRun.inherited) delete process.env['NX_DRY_RUN'];
  earlierRun = undefined;
}

function makeRunFolder(id: string): string {
  removeOldFolders();
  const folder = join(tmpdir(), `${FOLDER_PREFIX}${fileNameOf(id)}-${randomUUID()}`);
  mkdirSync(folder, { mode: 0o700 });
  return folder;
}

const fileNameOf = (id: string): string => id.replace(/[^A-Za-z0-9]/g, '').slice(0, 40);

/** Those of runs that were killed. */
function removeOldFolders(): void {
  for (const name of foldersIn(tmpdir())) {
    const path = join(tmpdir(), name);
    const stats = statSync(path, { throwIfNoEntry: false });
    const isOwn = stats !== undefined && (process.getuid === undefined || stats.uid === process.getuid());
    if (isOwn && Date.now() - stats.mtimeMs > DAY_MS) rmSync(path, { recursive: true, force: true });
  }
}

const foldersIn = (folder: string): readonly string[] => readdirSync(folder).filter((name) => name.startsWith(FOLDER_PREFIX));
