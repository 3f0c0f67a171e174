import { copyFile, mkdir, symlink, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { copyTreeItems, readTree, type Processes } from '@waybill/core';
import type { RootFrame } from './plan-root';
import { ASSETS_INSIDE, HOME_INSIDE } from './plan-root';
import { closedStreams, straceArgs, withSignal } from './start-inside';
import { STRANGER } from './enter-namespace';
import type { Sandbox, SandboxRequest } from './sandbox';

const DEFAULT_TIMEOUT_MS = 60_000;

export interface PlainOptions {
  tier: 'rename' | 'copy';
  /** Absolute folder below which the copies are made. */
  folder: string;
  frame: RootFrame;
  processes: Processes;
  sh: string;
  strace?: string;
  /** Runs may take another uid (the proof itself runs as root). */
  isRoot: boolean;
  /** Puts back what was taken out of the way. */
  restore(): Promise<void>;
}

/** No root of its own: the bundle runs from copies in a temporary folder, with links and further files as a root would have them. */
export async function plainSandbox(options: PlainOptions): Promise<Sandbox> {
  const locate = locatorOf(options);
  const copies = new Map<string, Promise<string>>();
  for (const path of options.frame.emptyFiles ?? []) await put(locate(path), (file) => writeFile(file, ''));
  for (const { path, target } of options.frame.links ?? []) await put(locate(path), (file) => symlink(locate(target), file));
  return {
    tier: options.tier,
    profile: 'host',
    uid: options.isRoot ? String(STRANGER) : 'the user who runs the proof',
    locate,
    place(id) {
      const known = copies.get(id) ?? copyPlace(options, locate, id);
      copies.set(id, known);
      return known;
    },
    run: async (request) => withSignal(await options.processes.run(toProcess(options, request))),
    close: options.restore,
  };
}

/** Folders of the proof are where they are; everything else that a root would hold lies below the folder of the copies. */
function locatorOf({ folder, frame }: PlainOptions): (path: string) => string {
  const known = Object.entries({ [ASSETS_INSIDE]: frame.assetsFolder, [HOME_INSIDE]: frame.homeFolder, ...frame.extras });
  return (path) => {
    const [inside, outside] = known.find(([start]) => path === start || path.startsWith(`${start}/`)) ?? [];
    return inside === undefined ? join(folder, path) : `${outside!}${path.slice(inside.length)}`;
  };
}

async function put(file: string, make: (file: string) => Promise<void>): Promise<void> {
  await mkdir(dirname(file), { recursive: true });
  await make(file);
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

async function copyPlace({ frame }: PlainOptions, locate: (path: string) => string, id: string): Promise<string> {
  const place = frame.places.find((candidate) => candidate.id === id);
  if (!place) throw new Error(`no place \`${id}\``);
  const source = place.source ?? frame.bundleRoot;
  const destination = locate(place.path);
  await mkdir(destination, { recursive: true });
  const items = await readTree(source);
  const copied = items.filter(({ kind }) => kind !== 'special');
  await copyTreeItems(
    destination,
    copied.map(({ path, mode }) => ({ from: join(source, path), to: path, mode })),
  );
  for (const [path, file] of Object.entries(place.overrides ?? {})) await put(join(destination, path), (to) => copyFile(file, to));
  return destination;
}
