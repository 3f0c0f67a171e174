import { join } from 'node:path';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { readTree, type Processes, type TreeItem } from '@waybill/core';
import { detectLayout, sourceOf, type BundleEntry, type BundleFacts, type LeakToken } from '@waybill/relocation';
import { readCapabilities } from './read-capabilities';
import { readFileFacts, WINDOW_BYTES } from './read-file-facts';
import { LeakScanner } from './scan-leaks';
import { findRecorded } from './verify-records';

/** How long the reader may keep the event loop to itself, in milliseconds. */
const TURN_MS = 5;

export interface ReadBundleFactsOptions {
  /** `linux-x86_64`, … */
  platform: string;
  /** Paths of this machine that are looked for in every byte. */
  leakTokens: readonly LeakToken[];
  /** Accepted for symmetry with other readers; files are read one after another, through one buffer. */
  concurrency?: number;
  /** The tree's entries, when they are known already. */
  items?: readonly TreeItem[];
  /** With it file capabilities are read too (by `getcap`). */
  processes?: Processes;
  environment?: Readonly<Record<string, string>>;
  /** Told what could not be read, and why. */
  onSkipped?: (what: string, reason: string) => void;
}

/**
 * A tree as facts, every file read once: digest, what it is by its content, ELF facts, pyc header, shebang, texts that policies read,
 * paths of this machine in every byte (inside zip and gzip too). Memory does not depend on sizes, but for those texts. Special files are named, never opened.
 */
export async function readBundleFacts(root: string, options: ReadBundleFactsOptions): Promise<BundleFacts> {
  const capabilities = startCapabilities(root, options);
  const items = options.items ?? (await readTree(root));
  const scanner = new LeakScanner(options.leakTokens);
  const buffer = Buffer.allocUnsafe(WINDOW_BYTES + 1);
  const read = new Map<string, BundleEntry>();
  const magics = new Map<string, number>();
  let turnStart = performance.now();
  // Byte code first: it says by which magic number its source is to be hashed.
  for (const item of [...items].sort((one, other) => Number(isBytecode(other)) - Number(isBytecode(one)))) {
    const sourceMagic = magics.get(item.path);
    const reading = { file: join(root, item.path), item, buffer, scanner, ...(sourceMagic !== undefined && { sourceMagic }) };
    const entry: BundleEntry = item.kind === 'file' ? await readFileFacts(reading) : item;
    read.set(item.path, entry);
    const source = entry.pyc?.sourceHash === undefined ? undefined : sourceOf(item.path);
    if (source !== undefined) magics.set(source, entry.pyc!.magic);
    if (performance.now() - turnStart < TURN_MS) continue;
    await nextTurn();
    turnStart = performance.now();
  }
  const entries = items.map(({ path }) => read.get(path)!);
  const recorded = findRecorded(entries);
  const capable = await capabilities;
  if (typeof capable === 'string') options.onSkipped?.('file capabilities', capable);
  const complete = entries.map((entry) => withMarks(entry, recorded, typeof capable === 'string' ? undefined : capable));
  return { platform: options.platform, entries: complete, layout: detectLayout(complete) };
}

const isBytecode = ({ kind, path }: TreeItem): boolean => kind === 'file' && path.endsWith('.pyc');

function withMarks(entry: BundleEntry, recorded: ReadonlySet<string>, capable: ReadonlySet<string> | undefined): BundleEntry {
  if (entry.kind !== 'file') return entry;
  const marks = { ...(recorded.has(entry.path) && { recorded: true }), ...(capable?.has(entry.path) && { fileCapabilities: true }) };
  return { ...entry, ...marks };
}

async function startCapabilities(root: string, { processes, environment = {} }: ReadBundleFactsOptions): Promise<ReadonlySet<string> | string> {
  return processes ? readCapabilities(root, processes, environment) : 'no program was started to read them';
}
