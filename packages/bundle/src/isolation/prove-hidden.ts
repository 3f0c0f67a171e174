import { open, readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Sandbox } from './sandbox';
import { ASSETS_INSIDE } from './plan-root';
import type { HiddenPlace } from './hidden-places';

const MOST_FOLDERS = 200;
const SENTINEL = 'waybill-canaries-looked-for';

/** A file of a hidden place that is readable outside: it must be out of reach inside. */
export interface Canary {
  place: HiddenPlace;
  file: string;
}

export interface HidingProof {
  /** The look itself worked: the script ran to its end and saw what it may see. */
  works: boolean;
  reason?: string;
  canaries: number;
  /** Canaries that could be read inside. */
  reached: readonly Canary[];
  /** Places in which no readable file was found: nothing there can be reached either. */
  empty: readonly HiddenPlace[];
}

/** One readable, non-empty file of each hidden place. Nothing is written into places that belong to somebody. */
export async function findCanaries(places: readonly HiddenPlace[]): Promise<{ canaries: Canary[]; empty: HiddenPlace[] }> {
  const canaries: Canary[] = [];
  const empty: HiddenPlace[] = [];
  for (const place of places) {
    const file = place.kind === 'file' ? ((await isReadable(place.path)) ? place.path : undefined) : await firstReadable(place.path);
    if (file === undefined) empty.push(place);
    else canaries.push({ place, file });
  }
  return { canaries, empty };
}

/** Looks for every canary from inside, as the probes will be run. */
export async function proveHidden(sandbox: Sandbox, places: readonly HiddenPlace[], options: { sh: string; assets?: string }): Promise<HidingProof> {
  const { canaries, empty } = await findCanaries(places);
  const script = `${options.assets ?? ASSETS_INSIDE}/look-for.sh`;
  const result = await sandbox.run({ argv: [options.sh, script, SENTINEL, script, ...canaries.map(({ file }) => file)], env: {}, timeoutMs: 20_000 });
  const lines = result.stdout.split('\n');
  const works = lines.includes(SENTINEL) && lines.includes(`reached ${script}`);
  const reason = works ? undefined : (result.stderr.trim().split('\n').at(-1) ?? `exit code ${result.exitCode}`);
  const reached = canaries.filter(({ file }) => lines.includes(`reached ${file}`));
  return { works, ...(reason !== undefined && { reason }), canaries: canaries.length, reached, empty };
}

async function firstReadable(folder: string): Promise<string | undefined> {
  const queue = [folder];
  for (let visited = 0; queue.length > 0 && visited < MOST_FOLDERS; visited += 1) {
    const current = queue.shift()!;
    const entries = await readdir(current, { withFileTypes: true }).catch(() => []);
    for (const entry of entries) {
      const path = join(current, entry.name);
      if (entry.isFile() && !entry.name.includes('\n') && (await isReadable(path))) return path;
      if (entry.isDirectory()) queue.push(path);
    }
  }
  return undefined;
}

async function isReadable(file: string): Promise<boolean> {
  const found = await stat(file).catch(() => undefined);
  if (!found?.isFile() || found.size === 0) return false;
  const handle = await open(file, 'r').catch(() => undefined);
  await handle?.close();
  return handle !== undefined;
}
