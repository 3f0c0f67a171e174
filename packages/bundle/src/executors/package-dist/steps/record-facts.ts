import type { CarriedLibrary, Json, PrunedEntry, TreeManifest } from '@waybill/artifacts';
import type { StageContext } from '@waybill/plugin-kit';
import type { GlibcFloor } from '@waybill/relocation';
import { createReadStream } from 'node:fs';
import type { RuntimeInPlace } from '../../../runtime';
import type { SealedBundle } from '../../../sealing';
import type { PackageFacts } from '../package-facts';
import type { PackagePlan } from '../plan';
import type { PackageDistOptions } from '../options';
import type { VendorContents } from '../../../requirements';

const TRIPLE = /(?:^|\/)([a-z0-9_]+-(?:unknown|pc|apple)-[a-z0-9]+(?:-[a-z0-9_.]+)?)\//;
/** What rustc writes into `.comment` of everything that it compiles. */
const RUSTC_MARK = Buffer.from('rustc version ');
const CHUNK_BYTES = 1024 * 1024;

/**
 * Target triple of a Rust program: from the folder that cargo built it in, else, when rustc left its mark, the triple of the platform.
 * `undefined` for programs of other languages.
 */
export async function findRustTarget({ binary, platform }: PackageFacts): Promise<string | undefined> {
  if (binary === undefined) return undefined;
  const named = TRIPLE.exec(binary.path)?.[1];
  if (named !== undefined) return named.replace(/\.\d+(\.\d+)*$/, '');
  if (!(await holds(binary.file, RUSTC_MARK))) return undefined;
  const [, arch = '', libc] = platform.split('-');
  return `${arch}-unknown-linux-${libc === 'musl' ? 'musl' : 'gnu'}`;
}

async function holds(file: string, text: Buffer): Promise<boolean> {
  let tail = Buffer.alloc(0);
  for await (const chunk of createReadStream(file, { highWaterMark: CHUNK_BYTES }) as AsyncIterable<Buffer>) {
    const bytes = Buffer.concat([tail, chunk]);
    if (bytes.includes(text)) return true;
    tail = Buffer.from(bytes.subarray(Math.max(0, bytes.length - text.length)));
  }
  return false;
}

export interface PackageOutcome {
  plan: PackagePlan;
  options: PackageDistOptions;
  prepared: RuntimeInPlace;
  distributions: VendorContents['distributions'];
  carried: readonly CarriedLibrary[];
  /** SONAMEs that the bundle takes from the system it runs on. */
  fromHost: readonly string[];
  /** What of runtime and wheels stayed out. */
  pruned: readonly PrunedEntry[];
  floor: { before: GlibcFloor; after: GlibcFloor };
  sealed: SealedBundle;
}

/** The manifest but for what sealing finds out. */
export function bundleManifest(
  { name, version, options }: StageContext<PackageDistOptions>,
  { plan, prepared, carried, fromHost, pruned, floor }: Omit<PackageOutcome, 'sealed'>,
): Omit<TreeManifest, 'schema' | 'entries'> {
  const { buildId, provider, source, sha256 } = prepared.facts;
  return {
    name,
    version,
    platform: plan.facts.platform,
    kind: plan.kind,
    layout: {
      launcher: plan.launcher ?? plan.program ?? prepared.python,
      ...(plan.program === undefined ? {} : { program: plan.program }),
      python: prepared.python,
      ...(prepared.libpython === undefined ? {} : { libpython: prepared.libpython }),
    },
    runtime: {
      version: prepared.facts.version,
      ...(buildId === undefined ? {} : { buildId }),
      provider,
      source,
      ...(sha256 === undefined ? {} : { sha256 }),
    },
    ...(floor.after.version === undefined ? {} : { glibc: floor.after.version }),
    launcher: { kind: options.launcher },
    carried,
    ...(fromHost.length === 0 ? {} : { fromHost }),
    pruned,
  };
}

/** Facts of `package` for the record (CONTRACT §3): what was shipped, free of this machine. */
export async function recordFacts({
  plan,
  options,
  prepared,
  distributions,
  carried,
  fromHost,
  pruned,
  floor,
  sealed,
}: PackageOutcome): Promise<Record<string, Json | undefined>> {
  const { version, buildId, provider, source, sha256 } = prepared.facts;
  const triple = await findRustTarget(plan.facts);
  return {
    kind: plan.kind,
    python: version,
    runtime: { provider, source, ...(sha256 === undefined ? {} : { sha256 }), ...(buildId === undefined ? {} : { buildId }) },
    ...(triple === undefined ? {} : { rustTarget: triple }),
    glibc: floor.after.version,
    glibcBefore: floor.before.version,
    launcher: options.launcher,
    files: sealed.files,
    unpackedSize: sealed.bytes,
    treeDigest: `sha256:${sealed.digest}`,
    wheels: distributions.map(({ name, version: release }) => `${name}==${release}`),
    prune: { preset: options.prune.preset, removed: pruned.map(({ path, reason }) => ({ path, reason })) },
    carried: carried.map(({ path, name, version: release, licence }) => ({ path, name, version: release, licence })),
    ...(fromHost.length === 0 ? {} : { fromHost: [...fromHost] }),
  };
}
