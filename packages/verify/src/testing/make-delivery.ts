import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import {
  MANIFEST_SCHEMA,
  RELEASE_SCHEMA,
  renderManifest,
  renderRelease,
  renderSums,
  type ArtifactKind,
  type ManifestEntry,
} from '@waybill/artifacts';
import { writeArchive, type ArchiveEntry, type ArchiveFormat } from '@waybill/core';
import type { SigningKey } from './signing-keys';

export type Files = Map<string, Buffer>;

export interface DeliverySpec {
  project: string;
  version: string;
  /** Default `release.json`. */
  releaseFile?: string;
  /** Sign the sums files, each with all keys. */
  keys: readonly SigningKey[];
  /** Of the sums files; by default sha256 and sha512. */
  algorithms?: readonly string[];
  /** Changes what is in its bundles before they are summed. */
  change?: (members: Map<string, Member>) => void;
  /** Files that ship beyond those of every delivery. */
  further?: readonly ShippedFile[];
}

export type ShippedFile = [name: string, kind: ArtifactKind, bytes: Buffer, platform?: string];

const hex = (algorithm: string, bytes: Uint8Array): string => createHash(algorithm).update(bytes).digest('hex');
const DATE = 1_580_601_600;

export type Member = { text: string; mode?: number } | { link: string };

/** A bundle with its manifest. `change` may spoil members after the manifest was written. */
export async function makeBundle(
  folder: string,
  spec: { project: string; version: string; format: ArchiveFormat; platform: string; change?: (members: Map<string, Member>) => void },
): Promise<Buffer> {
  const { project, version, platform } = spec;
  const members = new Map<string, Member>([
    ['app', { text: `#!/bin/sh\necho ${project} ${version}\n`, mode: 0o755 }],
    ['lib/data.txt', { text: 'data\n'.repeat(50) }],
    ['lib/link', { link: 'data.txt' }],
  ]);
  const entries = [...members].map(([path, member]): ManifestEntry => {
    if ('link' in member) return { path, type: 'symlink', target: member.link };
    return {
      path,
      type: 'file',
      mode: member.mode ? '0755' : '0644',
      size: Buffer.byteLength(member.text),
      sha256: hex('sha256', Buffer.from(member.text)),
    };
  });
  const manifest = renderManifest({
    schema: MANIFEST_SCHEMA,
    name: project,
    version,
    platform,
    kind: 'python-app',
    layout: { launcher: 'app', python: 'app' },
    runtime: { version: '3.11.7', provider: 'interpreter', source: 'x' },
    launcher: { kind: 'native' },
    carried: [],
    pruned: [],
    entries,
  });
  members.set('share/waybill/manifest.json', { text: manifest });
  spec.change?.(members);
  return packed(folder, spec.format, new Map([...members].map(([path, member]) => [`${project}-${version}-${platform}/${path}`, member])));
}

export async function packed(folder: string, format: ArchiveFormat, members: ReadonlyMap<string, Member>): Promise<Buffer> {
  const output = join(folder, 'archive.part');
  const entries = [...members].map(([path, member]): ArchiveEntry => {
    if ('link' in member) return { kind: 'symlink', path, linkTarget: member.link };
    const bytes = Buffer.from(member.text);
    return {
      kind: 'file',
      path,
      mode: member.mode ?? 0o644,
      size: bytes.length,
      async *open() {
        yield bytes;
      },
    };
  });
  await writeArchive({ format, entries, output, mtimeSeconds: DATE });
  const bytes = readFileSync(output);
  rmSync(output);
  return bytes;
}

/** A whole delivery: bundles, wheel, sdist, installer, sums of two algorithms, description, signatures. `kinds`: of each file by its name, each one its own. */
export async function makeDelivery(folder: string, spec: DeliverySpec): Promise<{ files: Files; kinds: ReadonlyMap<string, string> }> {
  const { project, version, change, further = [] } = spec;
  const base = `${project}-${version}`;
  const shipped: ShippedFile[] = [
    [
      `${base}-linux-x86_64.tar.gz`,
      'bundle-archive',
      await makeBundle(folder, { project, version, format: 'tar.gz', platform: 'linux-x86_64', ...(change && { change }) }),
      'linux-x86_64',
    ],
    [
      `${base}-windows-x86_64.zip`,
      'bundle-archive',
      await makeBundle(folder, { project, version, format: 'zip', platform: 'windows-x86_64', ...(change && { change }) }),
      'windows-x86_64',
    ],
    [`${base}-py3-none-any.whl`, 'wheel', await packed(folder, 'zip', new Map([[`${project}/__init__.py`, { text: `v = "${version}"\n` }]]))],
    [`${base}.tar.gz`, 'sdist', await packed(folder, 'tar.gz', new Map([[`${base}/PKG-INFO`, { text: `Version: ${version}\n` }]]))],
    [`${base}-setup.exe`, 'installer', Buffer.from(`MZ${project}${version}`.repeat(20))],
    ...further,
  ];
  return finishDelivery(spec, shipped);
}

async function finishDelivery(
  { project, version, keys, releaseFile = 'release.json', algorithms = ['sha256', 'sha512'] }: DeliverySpec,
  shipped: readonly ShippedFile[],
): Promise<{ files: Files; kinds: Map<string, string> }> {
  const base = `${project}-${version}`;
  const kinds = new Map(
    shipped.map(([name, kind]) => [name, kind === 'bundle-archive' ? (name.endsWith('.zip') ? 'bundle zip' : 'bundle tar') : (kind as string)]),
  );
  const files: Files = new Map(shipped.map(([name, , bytes]) => [name, bytes]));
  const [first] = shipped;
  const signature = { name: `${first![0]}${keys[0]!.suffix}`, bytes: await keys[0]!.sign(first![2]) };
  const sums = algorithms.map((algorithm) => `${base}-${algorithm.toUpperCase()}SUMS`);
  const release = renderRelease({
    schema: RELEASE_SCHEMA,
    project,
    name: project,
    version,
    sourceDateEpoch: DATE,
    commit: 'c'.repeat(40),
    tools: { waybill: '0.1.0' },
    sums,
    artifacts: shipped.map(([name, kind, bytes, platform]) => ({
      name,
      kind,
      ...(platform !== undefined && { platform }),
      size: bytes.length,
      sha256: hex('sha256', bytes),
    })),
    signatures: [{ name: signature.name, of: first![0], sha256: hex('sha256', signature.bytes) }],
    proofs: [
      { target: 'smoke-linux', verdict: 'passed', isolation: 'namespace', tested: [first![0]], checksRun: ['rpath'], checksSkipped: [], allow: [] },
    ],
    unsigned: [],
    records: [],
  });
  files.set(releaseFile, Buffer.from(release));
  kinds.set(releaseFile, 'description');
  const summed = [...files];
  for (const [index, algorithm] of algorithms.entries()) {
    const text = Buffer.from(renderSums(summed.map(([name, bytes]) => ({ name, digest: hex(algorithm, bytes) }))));
    files.set(sums[index]!, text);
    kinds.set(sums[index]!, `sums ${algorithm}`);
    for (const key of keys) {
      files.set(`${sums[index]}${key.suffix}`, await key.sign(text));
      kinds.set(`${sums[index]}${key.suffix}`, `signature of sums ${algorithm} (${key.suffix})`);
    }
  }
  files.set(signature.name, signature.bytes);
  kinds.set(signature.name, 'signature of a file');
  return { files, kinds };
}

export function writeDelivery(folder: string, files: Iterable<readonly [string, Uint8Array]>): void {
  for (const [name, bytes] of files) {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), bytes);
  }
}
