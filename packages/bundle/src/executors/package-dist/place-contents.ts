import { bothToTheEnd, copyTreeItems, readTree, type ResolvedTool, type TreeItem } from '@waybill/core';
import type { StageContext } from '@waybill/plugin-kit';
import type { LeakToken } from '@waybill/relocation';
import { existsSync } from 'node:fs';
import { mkdir, rename } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { RUNTIME_BYTES, type Scratch, type ScratchRequest } from '../../ground/scratch-folder';
import { claimFiles } from '../../requirements';
import type { StartedRuntime } from '../../runtime';
import type { PackageDistOptions } from './options';
import type { PackagePlan } from './plan';
import { VENDOR } from './steps/bundle-places';
import { checkEntry } from './steps/check-entry';
import { placeApplication } from './steps/place-application';
import { placeRuntime, unpackRuntime } from './steps/place-runtime';
import { placeWheels, type PlacedWheels } from './steps/place-wheels';

/** What the steps of a run hand on. */
export interface Work {
  readonly context: StageContext<PackageDistOptions>;
  readonly plan: PackagePlan;
  readonly outputDir: string;
  /** Absolute root of the bundle. */
  readonly root: string;
  readonly symbolsRoot: string;
  readonly leakTokens: readonly LeakToken[];
  readonly patchelf: ResolvedTool;
  readonly stripTool?: ResolvedTool;
}

/** Brings what is left of the runtime into its place while `beside` goes on, and tells what it is. */
export type RuntimeEnd = StartedRuntime['finish'];

export interface Contents {
  /** The run where its tree now stands. */
  work: Work;
  runtime: RuntimeEnd;
  wheels: PlacedWheels;
  applicationFiles: string[];
}

const onDisk = (outputDir: string): string => join(outputDir, '.work');

/** How much the wheels of a lock hold is known when they are installed: everything else is in the estimate. */
export function scratchFor({ options, toolEnvironment }: Work['context'], { facts }: PackagePlan, outputDir: string): ScratchRequest {
  const own = [facts.binary?.size ?? 0, ...facts.included.map(({ size }) => size)].reduce((sum, size) => sum + size, 0);
  return {
    onDisk: onDisk(outputDir),
    name: 'waybill-package',
    bytes: own + (facts.runtime.from === 'target' ? facts.runtime.artifact.size : RUNTIME_BYTES),
    mayUseMemory: !options.folder && toolEnvironment['TMPDIR'] === undefined,
  };
}

/**
 * A runtime of another target needs an empty place, one of this machine is copied while the wheels are installed. Wheels are installed on the disk,
 * whatever they hold; when they are too large for memory the runtime is placed again, beside them. `begin` gives the run where the scratch is then.
 */
export async function placeContents(begin: () => Work, scratch: Scratch): Promise<Contents> {
  const first = begin();
  const { step } = first.context.progress;
  const { runtime } = first.plan.facts;
  if (runtime.from === 'machine') {
    const { runsHere, executable, stdlib } = runtime.facts;
    const placed = await step('copy', async () => {
      const [wheels, started] = await bothToTheEnd(installed(first, runsHere ? executable : undefined), placeRuntime(first, runtime.facts));
      const work = await settle(first, begin, scratch);
      const { finish } = work === first ? started : await placeRuntime(work, runtime.facts);
      await moveWheels(work, scratch);
      return { wheels, work, runtime: finish };
    });
    return { ...placed, applicationFiles: await step('copy application', () => applicationOf(placed.work, stdlib)) };
  }
  const unpacked = await step('unpack runtime', () => unpackRuntime(first, runtime));
  const placed = await step('wheels', async () => {
    const wheels = await installed(first, unpacked.facts.compiled ? join(first.root, unpacked.python) : undefined);
    const work = await settle(first, begin, scratch);
    if (work !== first) await unpackRuntime(work, runtime);
    await moveWheels(work, scratch);
    return { wheels, work };
  });
  const applicationFiles = await step('copy application', () => applicationOf(placed.work, join(placed.work.root, unpacked.stdlib)));
  return { ...placed, runtime: async (beside) => [unpacked, await beside()], applicationFiles };
}

const wheelsOf = ({ outputDir }: Work): string => join(onDisk(outputDir), 'wheels');

/** `python` (absolute) says what markers of requirements mean. */
const installed = (work: Work, python: string | undefined): Promise<PlacedWheels> =>
  placeWheels(work.context, work.plan, { vendor: wheelsOf(work), scratch: onDisk(work.outputDir), python });

/** The run where there is room for the wheels too: on a disk there is. */
async function settle(first: Work, begin: () => Work, scratch: Scratch): Promise<Work> {
  if (!scratch.isInMemory) return first;
  const bytes = (await readWheels(first)).reduce((sum, { size }) => sum + size, 0);
  if (await scratch.hasRoomFor(bytes)) return first;
  await scratch.leaveMemory();
  return begin();
}

const readWheels = async (work: Work): Promise<TreeItem[]> => (existsSync(wheelsOf(work)) ? readTree(wheelsOf(work)) : []);

async function moveWheels(work: Work, scratch: Scratch): Promise<void> {
  const [from, to] = [wheelsOf(work), join(work.root, VENDOR)];
  if (!existsSync(from)) return;
  if (scratch.isInMemory) {
    const items = await readWheels(work);
    await copyTreeItems(
      to,
      items.map(({ path, mode }) => ({ from: join(from, path), to: path, mode })),
    );
  } else {
    await mkdir(dirname(to), { recursive: true });
    await rename(from, to);
  }
}

/** Paths in the bundle of the files that the application brings. `stdlib` (absolute) holds modules that are not the application's. */
async function applicationOf({ context, plan, root }: Work, stdlib: string): Promise<string[]> {
  const files = await placeApplication(plan, root);
  await claimFiles({ vendor: join(root, VENDOR), name: context.name, version: context.version, files: inVendor(files) });
  checkEntry(plan.facts.entry, root, stdlib);
  return files;
}

const inVendor = (files: readonly string[]): string[] =>
  files.filter((path) => path.startsWith(`${VENDOR}/`)).map((path) => path.slice(VENDOR.length + 1));
