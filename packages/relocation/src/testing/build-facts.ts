import { createHash } from 'node:crypto';
import type { ElfFacts } from '@waybill/binary';
import type { BundleEntry, BundleFacts } from '../bundle-facts';
import { detectLayout } from '../layout/detect-layout';

const MTIME_MS = 1_580_601_600_000;

/** A file whose digest follows from its text (or its path, when it has none). */
export function file(path: string, extra: Partial<BundleEntry> = {}): BundleEntry {
  const content = extra.text ?? path;
  return {
    path,
    kind: 'file',
    mode: 0o644,
    size: Buffer.byteLength(content),
    mtimeMs: MTIME_MS,
    sha256: createHash('sha256').update(content).digest('hex'),
    content: 'text',
    ...extra,
  };
}

export function symlink(path: string, linkTarget: string): BundleEntry {
  return { path, kind: 'symlink', mode: 0o777, size: 0, mtimeMs: MTIME_MS, linkTarget };
}

export function special(path: string, kind: BundleEntry['special']): BundleEntry {
  return { path, kind: 'special', mode: 0o644, size: 0, mtimeMs: MTIME_MS, ...(kind ? { special: kind } : {}) };
}

export function elfFacts(extra: Partial<ElfFacts> = {}): ElfFacts {
  return {
    bits: 64,
    endianness: 'little',
    architecture: 'x86_64',
    machine: 62,
    osAbi: 0,
    type: 'shared',
    dynamic: true,
    needed: [],
    sectionTable: 'ok',
    flags: [],
    textRelocations: false,
    executableStack: false,
    segments: [{ type: 1, flags: 5, offset: 0, virtualAddress: 0, fileSize: 4096, memorySize: 4096, alignment: 4096 }],
    versionNeeds: [],
    versionDefinitions: [],
    symbols: [],
    ...extra,
  };
}

/** An ELF file; `needs` of glibc are symbols with versions. */
export function elf(path: string, facts: Partial<ElfFacts> & { glibc?: string } = {}, extra: Partial<BundleEntry> = {}): BundleEntry {
  const { glibc, ...rest } = facts;
  const versioned = glibc === undefined ? {} : glibcNeed(glibc);
  const executable = rest.interpreter !== undefined || rest.dynamic === false;
  return file(path, { content: 'elf', mode: executable ? 0o755 : 0o644, size: 8_192, elf: elfFacts({ ...versioned, ...rest }), ...extra });
}

function glibcNeed(version: string): Pick<ElfFacts, 'versionNeeds' | 'symbols'> {
  return {
    versionNeeds: [{ library: 'libc.so.6', versions: ['GLIBC_2.2.5', `GLIBC_${version}`] }],
    symbols: [{ name: 'stat', defined: false, weak: false, version: `GLIBC_${version}`, library: 'libc.so.6' }],
  };
}

export function script(path: string, text: string, mode = 0o755): BundleEntry {
  return file(path, { content: 'script', text, shebang: `${text.split('\n')[0]}\n`, mode });
}

/** A source and its byte code, unchecked-hash, relative. */
export function module(path: string, series: string, magic: number): BundleEntry[] {
  const slash = path.lastIndexOf('/');
  const cached = `${path.slice(0, slash)}/__pycache__/${path.slice(slash + 1, -'.py'.length)}.cpython-${series.replace('.', '')}.pyc`;
  return [file(path), pyc(cached, { magic, fileName: path })];
}

export function pyc(path: string, header: Partial<NonNullable<BundleEntry['pyc']>> = {}): BundleEntry {
  return file(path, { content: 'pyc', pyc: { magic: 3495, flags: 1, ...header } });
}

/** A package with a dist-info whose RECORD names each of its files truly. */
export function installed(site: string, name: string, files: readonly BundleEntry[]): BundleEntry[] {
  const info = `${site}/${name}-1.0.dist-info`;
  const metadata = [file(`${info}/METADATA`, { text: `Name: ${name}\n` }), file(`${info}/WHEEL`, { text: 'Wheel-Version: 1.0\n' })];
  const inside = (path: string): string => path.slice(site.length + 1);
  const rows = [...files, ...metadata]
    .filter(({ kind, path }) => kind === 'file' && !path.endsWith('.pyc'))
    .map(({ path, sha256, size }) => `${inside(path)},sha256=${Buffer.from(sha256!, 'hex').toString('base64url')},${size}`);
  const text = [...rows, `${inside(info)}/RECORD,,`, ''].join('\n');
  return [...files, ...metadata, file(`${info}/RECORD`, { text })];
}

export function manifestOf(entries: readonly BundleEntry[], fields: object): BundleEntry {
  const listed = entries.flatMap<object>(({ path, kind, mode, size, sha256, linkTarget }) =>
    kind === 'file'
      ? [{ path, type: 'file', mode: mode.toString(8).padStart(4, '0'), size, sha256 }]
      : kind === 'symlink'
        ? [{ path, type: 'symlink', target: linkTarget }]
        : [],
  );
  return file('share/waybill/manifest.json', { text: JSON.stringify({ schema: 'waybill/manifest/1', ...fields, entries: listed }) });
}

/** Entries sorted as a reader gives them, with the folders above them, and the layout found. */
export function factsOf(entries: readonly BundleEntry[], platform = 'linux-x86_64'): BundleFacts {
  const folders = new Set(
    entries.flatMap(({ path }) =>
      path
        .split('/')
        .slice(0, -1)
        .map((_part, index, parts) => parts.slice(0, index + 1).join('/')),
    ),
  );
  const known = new Set(entries.map(({ path }) => path));
  const all = [
    ...entries,
    ...[...folders]
      .filter((path) => !known.has(path))
      .map((path): BundleEntry => ({ path, kind: 'directory', mode: 0o755, size: 0, mtimeMs: MTIME_MS })),
  ];
  all.sort((a, b) => Buffer.compare(Buffer.from(a.path), Buffer.from(b.path)));
  return { platform, entries: all, layout: detectLayout(all) };
}
