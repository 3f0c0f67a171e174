import { chmod, copyFile, mkdir, open, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { TreeManifest } from '@waybill/artifacts';
import type { TreeItem } from '@waybill/core';
import type { BundleFacts, BundleLayout, RelocationPolicy } from '@waybill/relocation';
import { openSandboxes, type HiddenPlace, type OpenRequest, type Place, type Sandbox } from '../isolation';
import type { ProbeContext } from '../probes';
import { HOSTILE_INSIDE, writeHostile } from '../probes/write-hostile';
import { limitConcurrency } from './limit-concurrency';
import { frameOf, placesFor, shapesFor, STAND_IN, type Shape } from '../ground/places';
import type { ProofPorts, ProofRequest } from '../ground/proof-request';
import { AppRunner } from './run-app';

/** What is known when the first program may run. */
export interface Groundwork {
  request: ProofRequest;
  ports: ProofPorts;
  items: readonly TreeItem[];
  layout: BundleLayout;
  launcher: string;
  manifest?: TreeManifest;
  hidden: readonly HiddenPlace[];
  policy: RelocationPolicy;
  /** Read once, at the first call. */
  facts(): Promise<BundleFacts>;
}

const INSIDE = join(__dirname, '..', 'probes', 'inside');

/** Opens the sandboxes and makes what the probes share. Throws `NoTier` when no isolation works here. */
export async function openContext(ground: Groundwork): Promise<ProbeContext> {
  const { request, ports, items, layout, launcher, hidden, policy, manifest } = ground;
  const launcherIsScript = await isScript(join(request.bundleRoot, launcher));
  const shapes = shapesFor(launcher, launcherIsScript);
  const assets = await copyAssets(request.workFolder);
  const sandboxes = await openSandboxes(await sandboxRequest(ground, shapes, assets));
  let opened: Promise<Sandbox | string> | undefined;
  const bare = (): Promise<Sandbox | string> => (opened ??= sandboxes.openBare({ withShell: launcherIsScript, libraries: manifest?.fromHost ?? [] }));
  const identity = (await isOpenToAll(request.bundleRoot)) ? 'stranger' : 'owner';
  const limit = limitConcurrency(ports.concurrency);
  const sharedObjects = items.filter(({ path }) => path.endsWith('.so')).length;
  const runner = new AppRunner({ request, ports, layout, launcher, sandboxes, openBare: bare, shapes, identity, limit, sharedObjects });
  const known = { request, ports, items, layout, launcher, launcherIsScript, hidden, policy, ...(manifest && { manifest }) };
  return { ...known, sandboxes, shapes, facts: ground.facts, bare, ...sharedRuns(runner) };
}

async function sandboxRequest(ground: Groundwork, shapes: readonly Shape[], assetsFolder: string): Promise<OpenRequest> {
  const { request, ports, items, layout, launcher, hidden } = ground;
  const { isolation, platform, bundleRoot, workFolder, archive } = request;
  const { processes, environment, isRoot } = ports;
  const hostile = join(workFolder, 'hostile');
  await writeHostile(hostile, libraryNames(items, layout), layout);
  return {
    isolation,
    platform,
    bundleRoot,
    workFolder,
    places: placesFor(shapes, standInPlace(ground, assetsFolder)),
    hidden,
    assetsFolder,
    extras: { [HOSTILE_INSIDE]: hostile, ...(archive && { '/opt/archive': dirname(archive.file) }) },
    ...frameOf(launcher, layout),
    processes,
    environment,
    isRoot,
  };
}

type SharedRuns = Pick<ProbeContext, 'start' | 'underCondition' | 'plainRun' | 'bareRun' | 'measure' | 'traced' | 'driver' | 'writableRuns'>;

const sharedRuns = (runner: AppRunner): SharedRuns => ({
  start: (options) => runner.start(options),
  underCondition: (condition) => runner.underCondition(condition),
  plainRun: () => runner.plainRun(),
  bareRun: () => runner.bareRun(),
  measure: () => runner.measure(),
  traced: () => runner.traced(),
  driver: () => runner.driver(),
  writableRuns: () => runner.writableRuns(),
});

/** File names of libraries that the bundle carries: what a hostile LD_LIBRARY_PATH would offer. */
function libraryNames(items: readonly TreeItem[], { libpython }: BundleLayout): string[] {
  const names = items
    .filter(({ path, kind }) => kind !== 'directory' && (/^lib\/[^/]+\.so[.\d]*$/.test(path) || path === libpython))
    .map(({ path }) => path.split('/').at(-1)!);
  return [...new Set(names)];
}

/** The scripts that run inside, readable for all: an installation may be in a folder that others cannot enter. */
async function copyAssets(workFolder: string): Promise<string> {
  const folder = join(workFolder, 'inside');
  await mkdir(folder);
  await chmod(workFolder, 0o755);
  for (const name of [
    'answer.py',
    'deleted-folder.sh',
    'drive-imports.py',
    'drive-launcher.py',
    'list-archive.py',
    'look-for.sh',
    'measure-run.py',
    'stand-in.sh',
  ]) {
    await copyFile(join(INSIDE, name), join(folder, name));
    await chmod(join(folder, name), 0o755);
  }
  return folder;
}

function standInPlace({ layout, launcher }: Groundwork, assets: string): Place[] {
  const program = layout.program ?? layout.python;
  return program === undefined || program === launcher
    ? []
    : [{ id: 'stand-in', path: STAND_IN, overrides: { [program]: join(assets, 'stand-in.sh') } }];
}

async function isScript(file: string): Promise<boolean> {
  const handle = await open(file, 'r');
  try {
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(2), 0, 2, 0);
    return bytesRead === 2 && buffer.toString('latin1') === '#!';
  } finally {
    await handle.close();
  }
}

/** The top folder's own mode is not the bundle's affair: a private folder is proved as its owner. */
const isOpenToAll = async (folder: string): Promise<boolean> => ((await stat(folder)).mode & 0o005) === 0o005;
