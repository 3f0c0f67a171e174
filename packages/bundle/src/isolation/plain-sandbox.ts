import { copyFile, mkdir, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { copyTreeItems, readTree, type Processes } from '@waybill/core';
import type { HiddenPlace } from './hidden-places';
import { closedStreams, straceArgs, withSignal } from './start-inside';
import { STRANGER } from './enter-namespace';
import type { Place, Sandbox, SandboxRequest } from './sandbox';

const DEFAULT_TIMEOUT_MS = 60_000;

export interface PlainOptions {
  tier: 'rename' | 'copy';
  /** Absolute folder below which the copies are made. */
  folder: string;
  bundleRoot: string;
  places: readonly Place[];
  processes: Processes;
  sh: string;
  strace?: string;
  /** Runs may take another uid (the proof itself runs as root). */
  isRoot: boolean;
  /** Renamed aside until `close`, in tier `rename`. */
  aside: readonly HiddenPlace[];
}

/** No root of its own: the bundle runs from copies in a temporary folder, with what can be renamed out of the way. */
export async function plainSandbox(options: PlainOptions): Promise<Sandbox> {
  const restore = options.tier === 'rename' ? await renameAside(options.aside) : async () => undefined;
  const copies = new Map<string, Promise<string>>();
  return {
    tier: options.tier,
    profile: 'host',
    uid: options.isRoot ? String(STRANGER) : 'the user who runs the proof',
    place(id) {
      const known = copies.get(id) ?? copyPlace(options, id);
      copies.set(id, known);
      return known;
    },
    run: async (request) => withSignal(await options.processes.run(toProcess(options, request))),
    close: restore,
  };
}

function toProcess({ sh, strace, isRoot }: PlainOptions, request: SandboxRequest) {
  const trace = request.traceTo !== undefined && strace !== undefined ? straceArgs(strace, request.traceTo) : [];
  const stranger = isRoot && request.identity !== 'owner';
  return {
    file: sh,
    args: [join(__dirname, 'with-streams.sh'), request.umask ?? '022', closedStreams(request), ...trace, ...request.argv],
    cwd: request.cwd ?? '/',
    env: request.env,
    timeoutMs: request.timeoutMs ?? DEFAULT_TIMEOUT_MS,
    ...(request.input !== undefined && { input: request.input }),
    ...(stranger && { uid: STRANGER, gid: STRANGER }),
  };
}

async function copyPlace({ places, folder, bundleRoot }: PlainOptions, id: string): Promise<string> {
  const place = places.find((candidate) => candidate.id === id);
  if (!place) throw new Error(`no place \`${id}\``);
  const source = place.source ?? bundleRoot;
  const destination = join(folder, place.path);
  await mkdir(destination, { recursive: true });
  const items = await readTree(source);
  const copied = items.filter(({ kind }) => kind !== 'special');
  await copyTreeItems(
    destination,
    copied.map(({ path, mode }) => ({ from: join(source, path), to: path, mode })),
  );
  for (const [path, file] of Object.entries(place.overrides ?? {})) {
    await mkdir(dirname(join(destination, path)), { recursive: true });
    await copyFile(file, join(destination, path));
  }
  return destination;
}

/** Returns what puts everything back, in the opposite order. What cannot be renamed stays where it is: the canaries will tell. */
async function renameAside(places: readonly HiddenPlace[]): Promise<() => Promise<void>> {
  const done: { from: string; to: string }[] = [];
  const restore = async (): Promise<void> => {
    for (const { from, to } of done.splice(0).reverse()) await rename(to, from);
  };
  try {
    for (const { path } of places) {
      const to = `${path}.waybill-aside`;
      await rm(to, { recursive: false, force: true });
      await rename(path, to);
      done.push({ from: path, to });
    }
  } catch (error) {
    await restore();
    throw error;
  }
  return restore;
}
