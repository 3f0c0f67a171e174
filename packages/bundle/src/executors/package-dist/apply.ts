import type { Artifact } from '@waybill/artifacts';
import { PATCHELF, STRIP, bothToTheEnd, type Finding, type ResolvedTool, type WrittenArchive } from '@waybill/core';
import { describeFolder, type StageContext, type StageResult } from '@waybill/plugin-kit';
import type { LeakToken } from '@waybill/relocation';
import { rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { claimFiles, rewriteRecords } from '../../requirements';
import type { RuntimeInPlace, StartedRuntime } from '../../runtime';
import { readElfFile } from '../../runtime/read-elf-file';
import { archiveFolder, sealAndArchive, type SealedBundle } from '../../sealing';
import type { PackageDistOptions } from './options';
import type { PackagePlan } from './plan';
import { runtimePorts } from './runtime-ports';
import { VENDOR } from './steps/bundle-places';
import { checkEntry } from './steps/check-entry';
import { checkGlibc, checkSize } from './steps/check-limits';
import { compileModules } from './steps/compile-modules';
import { describeBundle } from './steps/describe-bundle';
import { buildFolders, finishNatives, type FinishedNatives } from './steps/finish-natives';
import { leakTokens } from './steps/leak-tokens';
import { readNativeTree, type NativeTree } from './steps/native-tree';
import { placeApplication } from './steps/place-application';
import { placeLauncher } from './steps/place-launcher';
import { placeRuntime, unpackRuntime } from './steps/place-runtime';
import { placeWheels, type PlacedWheels } from './steps/place-wheels';
import { bundleManifest, recordFacts } from './steps/record-facts';

/** Debug data is large and seldom asked for: half the size is not worth five times the time. */
const SYMBOLS_LEVEL = 1;

/** What the steps of a run hand on. */
interface Work {
  readonly context: StageContext<PackageDistOptions>;
  readonly plan: PackagePlan;
  readonly outputDir: string;
  /** Absolute; everything that is not a result is below it and goes at the end. */
  readonly scratch: string;
  /** Absolute root of the bundle. */
  readonly root: string;
  readonly symbolsRoot: string;
  readonly leakTokens: readonly LeakToken[];
  readonly patchelf: ResolvedTool;
  readonly stripTool?: ResolvedTool;
}

function newWork(context: StageContext<PackageDistOptions>, plan: PackagePlan, outputDir: string): Work {
  const scratch = join(outputDir, '.work');
  const { resolvedTools } = context;
  return {
    context,
    plan,
    outputDir,
    scratch,
    root: join(scratch, 'bundle'),
    symbolsRoot: join(scratch, 'symbols'),
    leakTokens: leakTokens(context, plan.facts.runtime, outputDir),
    patchelf: resolvedTools[PATCHELF.id]!,
    ...(resolvedTools[STRIP.id] && { stripTool: resolvedTools[STRIP.id]! }),
  };
}

/** Carries the plan out in the staging folder: tree, seal, archives, debug data. */
export async function applyPackage(context: StageContext<PackageDistOptions>, plan: PackagePlan, outputDir: string): Promise<StageResult> {
  const work = newWork(context, plan, outputDir);
  const { progress, options } = context;
  const { runtime, wheels, applicationFiles } = await placeContents(work);
  const [prepared, natives] = await progress.step('link and compile', () => linkBesideCompiling(work, runtime, applicationFiles));
  checkGlibc(natives.facts, options.glibc, (path) => readElfFile(join(work.root, path), { symbols: true }));
  const carried = [...prepared.carried, ...natives.carried].sort((a, b) => (a.path < b.path ? -1 : 1));
  const glibc = natives.floor.after.surely;
  await progress.step('launcher', () => placeLauncher({ ...work, prepared, carried, ...(glibc === undefined ? {} : { glibc }) }));
  const uncompiled = await progress.step('compile application', () => compile(work, prepared));
  const known = await progress.step('records', () => knownDigests(work));
  await checkSize(work.root, options.sizeLimit);
  const pruned = [...prepared.pruned, ...wheels.pruned].sort((a, b) => (a.path < b.path ? -1 : 1));
  const outcome = { plan, options, prepared, distributions: wheels.distributions, carried, pruned, floor: natives.floor };
  const [sealed, symbols] = await progress.step('seal and archive', () =>
    bothToTheEnd(seal(work, bundleManifest(context, outcome), known), archiveSymbols(work)),
  );
  const artifacts = await results(work, sealed, symbols);
  await rm(work.scratch, { recursive: true, force: true });
  const { findings, summary, report } = describeBundle({ ...outcome, sealed });
  return {
    outcome: 'success',
    artifacts,
    facts: await recordFacts({ ...outcome, sealed }),
    findings: [...prepared.findings, ...wheels.findings, ...natives.findings, ...uncompiled, ...findings],
    report,
    summary,
  };
}

/** Brings what is left of the runtime into its place while `beside` goes on, and tells what it is. */
type RuntimeEnd = StartedRuntime['finish'];

interface Contents {
  runtime: RuntimeEnd;
  wheels: PlacedWheels;
  applicationFiles: string[];
}

/** A runtime of another target needs an empty place, one of this machine is copied while the wheels are installed. */
async function placeContents(work: Work): Promise<Contents> {
  const { step } = work.context.progress;
  const { runtime } = work.plan.facts;
  if (runtime.from === 'machine') {
    const { runsHere, executable, stdlib } = runtime.facts;
    const [wheels, started] = await step('copy', () =>
      bothToTheEnd(installed(work, runsHere ? executable : undefined), placeRuntime(work, runtime.facts)),
    );
    return { runtime: started.finish, wheels, applicationFiles: await step('copy application', () => applicationOf(work, stdlib)) };
  }
  const unpacked = await step('unpack runtime', () => unpackRuntime(work, runtime));
  const wheels = await step('wheels', () => installed(work, unpacked.facts.compiled ? join(work.root, unpacked.python) : undefined));
  const applicationFiles = await step('copy application', () => applicationOf(work, join(work.root, unpacked.stdlib)));
  return { runtime: async (beside) => [unpacked, await beside()], wheels, applicationFiles };
}

/** `python` (absolute) says what markers of requirements mean. */
const installed = ({ context, plan, root, scratch }: Work, python: string | undefined): Promise<PlacedWheels> =>
  placeWheels(context, plan, { root, scratch, python });

/** Paths in the bundle of the files that the application brings. `stdlib` (absolute) holds modules that are not the application's. */
async function applicationOf({ context, plan, root }: Work, stdlib: string): Promise<string[]> {
  const files = await placeApplication(plan, root);
  await claimFiles({ vendor: join(root, VENDOR), name: context.name, version: context.version, files: inVendor(files) });
  checkEntry(plan.facts.entry, root, stdlib);
  return files;
}

/** The tree is read when the runtime's natives are what they will be. */
async function linkBesideCompiling(work: Work, runtime: RuntimeEnd, applicationFiles: readonly string[]): Promise<[RuntimeInPlace, FinishedNatives]> {
  return runtime(async () => finish(work, await readNativeTree(work.root), applicationFiles));
}

const inVendor = (files: readonly string[]): string[] =>
  files.filter((path) => path.startsWith(`${VENDOR}/`)).map((path) => path.slice(VENDOR.length + 1));

function finish(work: Work, tree: NativeTree, applicationFiles: readonly string[]): Promise<FinishedNatives> {
  const { context, plan, root, symbolsRoot, stripTool, patchelf, leakTokens: tokens } = work;
  return finishNatives({
    root,
    tree,
    platform: plan.facts.platform,
    applicationFiles,
    options: context.options.vendorLibraries,
    searchFolders: buildFolders(plan.facts.binary?.file),
    symbolsRoot,
    ...(stripTool === undefined ? {} : { stripTool }),
    patchelf,
    leakTokens: tokens,
    ports: runtimePorts(context),
  });
}

async function compile({ context, root }: Work, prepared: RuntimeInPlace): Promise<Finding[]> {
  if (context.options.pyc === 'none' || !prepared.facts.compiled) return [];
  return compileModules(root, prepared, runtimePorts(context));
}

/** Digests that the RECORD files needed are not taken again. */
async function knownDigests({ root }: Work): Promise<Map<string, { sha256: string; size: number }>> {
  const digests = await rewriteRecords(join(root, VENDOR));
  return new Map([...digests].map(([path, digest]) => [`${VENDOR}/${path}`, digest]));
}

function seal(
  work: Work,
  manifest: Parameters<typeof sealAndArchive>[0]['manifest'],
  known: ReadonlyMap<string, { sha256: string; size: number }>,
): Promise<SealedBundle> {
  const { context, plan, root, outputDir, leakTokens: tokens } = work;
  return sealAndArchive({
    root,
    manifest,
    topFolder: plan.baseName,
    archives: plan.archives.map(({ name, format }) => ({ format, output: join(outputDir, name) })),
    mtimeSeconds: context.sourceDateEpoch,
    known,
    leakTokens: tokens,
  });
}

/** Debug data that was kept, when there is some. */
async function archiveSymbols({ plan, context, outputDir, symbolsRoot }: Work): Promise<WrittenArchive | undefined> {
  if (plan.symbols === undefined) return undefined;
  return archiveFolder(symbolsRoot, plan.symbols.replace(/\.tar\.gz$/, ''), {
    format: 'tar.gz',
    level: SYMBOLS_LEVEL,
    output: join(outputDir, plan.symbols),
    mtimeSeconds: context.sourceDateEpoch,
  });
}

/** Artifacts as they now stand in the output folder: archives, the folder when it is wanted, debug data when there is some. */
async function results(work: Work, sealed: SealedBundle, symbols: WrittenArchive | undefined): Promise<Artifact[]> {
  const { plan, context, root, outputDir } = work;
  const { platform } = plan.facts;
  const common = { platform, madeFrom: madeFrom(plan) };
  const archives = plan.archives.map(({ name }, index): Artifact => ({
    name,
    path: name,
    kind: 'bundle-archive',
    ships: true,
    ...sealed.archives[index]!,
    ...common,
  }));
  const folder = context.options.folder ? await placeFolder(root, join(outputDir, plan.baseName)) : undefined;
  return [
    ...archives,
    ...(folder ? [{ name: plan.baseName, path: plan.baseName, kind: 'bundle-folder' as const, ships: false, ...folder, ...common }] : []),
    ...(symbols && plan.symbols ? [{ name: plan.symbols, path: plan.symbols, kind: 'symbols' as const, ships: false, ...symbols, ...common }] : []),
  ];
}

/** The digest that whoever reads the record will take of the folder as it lies there. */
async function placeFolder(root: string, place: string): Promise<{ size: number; sha256: string }> {
  await rename(root, place);
  return describeFolder(place);
}

/** Digests of the artifacts of other targets that went in, sorted. */
function madeFrom({ facts: { wheels, runtime } }: PackagePlan): string[] {
  const upstream = [...wheels, ...(runtime.from === 'target' ? [runtime.artifact] : [])];
  return upstream.map(({ sha256 }) => `sha256:${sha256}`).sort();
}
