import { formatPlatform, hostPlatform, parsePlatform } from '@waybill/artifacts';
import type { StageContext } from '@waybill/plugin-kit';
import { statSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { bundleErrors } from '../../../errors/bundle-errors';
import { chooseWheels } from '@waybill/distributions';
import { resolveRuntime } from '../../../runtime';
import type { PackageDistOptions } from '../options';
import type { BinaryFacts, EntryFacts, IncludedItem, PackageFacts, RuntimeSource } from '../package-facts';
import { runtimePorts } from '../runtime-ports';
import { findIncluded } from './find-included';
import { checkLibpython, findBinary, readBinary } from './read-binary';
import { checkTwice, readLock } from './read-lock';
import { findUpstreamRuntime } from './upstream-runtime';

type Context = StageContext<PackageDistOptions>;

/** Reads everything that the plan is made from; the first thing that cannot become a bundle ends the run, before anything is written. */
export async function gatherPackageFacts(context: Context): Promise<PackageFacts> {
  const { options, workspaceRoot, projectRoot } = context;
  const platform = platformOf(options.platform);
  const [, architecture = ''] = platform.split('-');
  const binary =
    options.binary === undefined ? undefined : await readBinary(await findBinary(options.binary, workspaceRoot), workspaceRoot, architecture);
  const { entry, include } = entryOf(options, workspaceRoot);
  const { items: included, leftOut } = await findIncluded(include, workspaceRoot, projectRoot);
  const lock = options.requirements === undefined ? undefined : readLock(options.requirements, workspaceRoot);
  const runtime = await runtimeOf(context, platform, binary);
  const { series, abiFlags } = runtime.from === 'machine' ? runtime.facts : runtime.prepared.facts;
  const wheels = chooseWheels(
    context.upstream.filter(({ kind }) => kind === 'wheel'),
    { series, abiFlags, platform },
  );
  checkTwice(lock, wheels);
  return {
    platform,
    runtime,
    wheels,
    included,
    leftOut,
    ...(binary === undefined ? {} : { binary }),
    ...(entry === undefined ? {} : { entry: placeOfScript(entry, included) }),
    ...(lock === undefined ? {} : { lock }),
  };
}

function platformOf(option: string | undefined): string {
  const platform = option === undefined ? hostPlatform(process) : parsePlatform(option);
  const text = formatPlatform(platform);
  if (platform.os !== 'linux') throw bundleErrors.error('BUNDLE_PLATFORM', { platform: text });
  return text;
}

/** The script is a file of the application like any other: it comes by the allow-list. */
function entryOf(options: PackageDistOptions, workspaceRoot: string): { entry?: EntryFacts; include: PackageDistOptions['include'] } {
  const { module, script } = options.entry ?? {};
  if (module !== undefined) return { entry: { module }, include: options.include };
  if (script === undefined) return { include: options.include };
  if (!statSync(join(workspaceRoot, script), { throwIfNoEntry: false })?.isFile()) throw bundleErrors.error('BUNDLE_ENTRY_SCRIPT', { script });
  return { entry: { script }, include: [script, ...options.include] };
}

/** From here on the script is known by its place in the bundle. */
function placeOfScript(entry: EntryFacts, included: readonly IncludedItem[]): EntryFacts {
  if ('module' in entry) return entry;
  return { script: included.find(({ because }) => because === entry.script)?.to ?? entry.script };
}

async function runtimeOf(context: Context, platform: string, binary: BinaryFacts | undefined): Promise<RuntimeSource> {
  const { options, workspaceRoot, projectRoot } = context;
  const upstream = findUpstreamRuntime(context.upstream, options, platform);
  if (upstream?.prepared !== undefined) {
    const { soname } = upstream.prepared.facts;
    if (binary !== undefined) checkLibpython(binary, soname === undefined ? [] : [soname]);
    return { from: 'target', artifact: upstream.artifact, prepared: upstream.prepared };
  }
  const request = { ...options.runtime, projectRoot: join(workspaceRoot, projectRoot), workspaceRoot, platform, embedded: binary !== undefined };
  const facts = await resolveRuntime(request, runtimePorts(context));
  if (binary !== undefined) checkLibpython(binary, sonamesOf(facts.libpython));
  return { from: 'machine', facts, ...(upstream === undefined ? {} : { planned: upstream.artifact }) };
}

/** The runtime's libpython and, where it lies beside it, the shim of the stable ABI. */
function sonamesOf(libpython: { file: string; soname: string } | undefined): string[] {
  if (libpython === undefined) return [];
  const shim = join(dirname(libpython.file), 'libpython3.so');
  return statSync(shim, { throwIfNoEntry: false })?.isFile() && basename(libpython.file) !== 'libpython3.so'
    ? [libpython.soname, 'libpython3.so']
    : [libpython.soname];
}
