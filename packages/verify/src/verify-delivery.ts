import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { ReleaseDescription, TreeManifest } from '@waybill/artifacts';
import { mapConcurrently, type FileDigests, type Finding } from '@waybill/core';
import { foreignManifestFindings, readArchiveManifests, type ArchiveManifests } from './checks/archive-manifests';
import { checkArchive, isArchiveName, type CheckedArchive } from './checks/check-archive';
import { presenceFindings } from './checks/check-presence';
import { pinFindings, readRelease, releaseFindings } from './checks/check-release';
import { checkSignatures, unsignedFindings, type SignedBy } from './checks/check-signatures';
import { algorithmsOf, changedFindings, digestFiles, expectedDigests, type Expected } from './checks/check-sums';
import { openDelivery, type Delivery } from './delivery/open-delivery';
import { algorithmOf, isReleaseName, readSums, signatureFiles, type SignatureFile, type SumsFile } from './delivery/sort-files';
import { fileRows } from './report/file-rows';
import type { Verification, VerifyRequest } from './report/verification';

/** Checks a delivery. What does not hold is in `findings`; what keeps it from being checked is thrown (`VERIFY_…`, `FILE_…`). Leaves nothing behind. */
export async function verifyDelivery(request: VerifyRequest): Promise<Verification> {
  const delivery = await openDelivery(request.path, request.temporaryFolder);
  try {
    if (delivery.refused.length > 0) return { verdict: 'failed', files: [], findings: delivery.refused, signers: [], releases: [] };
    return await verifyFiles(delivery, request);
  } finally {
    await delivery.close();
  }
}

const ARCHIVES_AT_ONCE = 2;
const LARGEST_SUMS_BYTES = 16 * 1024 * 1024;

interface Described {
  name: string;
  release: ReleaseDescription;
}

async function verifyFiles(delivery: Delivery, request: VerifyRequest): Promise<Verification> {
  const { keys } = request;
  const contents = await readContents(delivery);
  const checks = await runChecks(delivery, contents, keys);
  const findings = findingsOf(delivery, contents, checks, request);
  const releases = contents.described.map(({ release }) => release);
  const { sumsNames, expected, signatures } = contents;
  const rows = fileRows({
    items: delivery.items,
    expected,
    sumsNames,
    signatures,
    signed: checks.signed,
    unread: checks.unread,
    releases,
    releaseNames: contents.described.map(({ name }) => name),
    told: checks.told,
    findings,
  });
  const verdict = findings.length > 0 ? 'failed' : keys.length === 0 ? 'integrity only' : 'verified';
  return { verdict, files: rows, findings, signers: [...new Set(checks.signed.map(({ fingerprint }) => fingerprint))], releases };
}

/** What the sums files and the descriptions say, before anything is compared with it. */
interface Contents {
  sums: readonly SumsFile[];
  sumsNames: readonly string[];
  expected: Expected;
  signatures: readonly SignatureFile[];
  described: readonly Described[];
  beside: ArchiveManifests;
  findings: readonly Finding[];
}

async function readContents({ root, items }: Delivery): Promise<Contents> {
  const files = items.filter(({ kind }) => kind === 'file');
  const sumsNames = files.filter(({ path, size }) => algorithmOf(path) !== undefined && size <= LARGEST_SUMS_BYTES).map(({ path }) => path);
  const read = await mapConcurrently(sumsNames, 1, async (name) => readSums(name, await readFile(join(root, name))));
  const sums = read.flatMap((one) => one.sums ?? []);
  const { expected, findings } = expectedDigests(sums);
  const names = files.filter(({ path, size }) => isReleaseName(path) && expected.has(path) && size <= LARGEST_SUMS_BYTES).map(({ path }) => path);
  const { described, findings: unreadable } = await readDescriptions(root, names);
  const signatures = signatureFiles(items).filter(({ name }) => !expected.has(name));
  const { manifests: beside, findings: odd } = await readArchiveManifests({
    root,
    items,
    expected,
    releases: described.map(({ release }) => release),
  });
  const all = [...read.flatMap((one) => one.findings), ...findings, ...unreadable, ...odd];
  return { sums, sumsNames, expected, signatures, described, beside, findings: all };
}

interface Checks {
  digests: ReadonlyMap<string, FileDigests>;
  manifests: ReadonlyMap<string, TreeManifest>;
  /** Of archives, which manifests tell of their files. */
  told: ReadonlyMap<string, readonly string[]>;
  signed: readonly SignedBy[];
  /** Names of signatures of a form that is not known here. */
  unread: readonly string[];
  findings: readonly Finding[];
}

/** Everything that reads the files, at the same time. */
async function runChecks({ root, items }: Delivery, contents: Contents, keys: VerifyRequest['keys']): Promise<Checks> {
  const { expected, signatures, beside } = contents;
  const bundles = new Set(
    contents.described.flatMap(({ release }) => release.artifacts.filter(({ kind }) => kind === 'bundle-archive').map(({ name }) => name)),
  );
  const archives = items
    .filter(({ path, kind }) => kind === 'file' && expected.has(path) && (isArchiveName(path) || bundles.has(path) || beside.has(path)))
    .map(({ path }) => path);
  const wanted = new Set([...expected.keys(), ...signatures.map(({ name }) => name)]);
  const here = items.filter(({ path, kind }) => kind === 'file' && wanted.has(path)).map(({ path }) => path);
  // whoever reads an archive from start to end tells its sha256; another algorithm needs a reading of its own
  const isReadThrough = (name: string): boolean => algorithmsOf(expected).length === 1 && archives.includes(name) && !/\.(?:zip|whl)$/i.test(name);
  const [hashed, signed, checked] = await Promise.all([
    digestFiles(
      root,
      here.filter((name) => !isReadThrough(name)),
      expected,
    ),
    checkSignatures(root, items, signatures, keys),
    mapConcurrently(archives, ARCHIVES_AT_ONCE, (name) => {
      const manifest = beside.get(name)?.manifest;
      return checkArchive({ name, file: join(root, name), isBundle: bundles.has(name), ...(manifest && { beside: manifest }) });
    }),
  ]);
  const read = new Map([...packedDigests(archives, checked), ...hashed]);
  const left = await digestFiles(
    root,
    here.filter((name) => !read.has(name)),
    expected,
  );
  const digests = new Map([...read, ...left]);
  return {
    digests,
    manifests: manifestsOf(archives, checked),
    signed: signed.signed,
    unread: signed.unread,
    told: new Map(archives.map((name, index) => [name, checked[index]!.told])),
    findings: [
      ...changedFindings(expected, digests),
      ...foreignManifestFindings(beside, digests),
      ...signed.findings,
      ...checked.flatMap(({ findings }) => findings),
    ],
  };
}

/** Of the archives that were read to their end. */
function packedDigests(archives: readonly string[], checked: readonly CheckedArchive[]): readonly (readonly [string, FileDigests])[] {
  return archives.flatMap((name, index) => {
    const { packed } = checked[index]!;
    return packed === undefined ? [] : [[name, { size: packed.size, digests: { sha256: packed.sha256 } }] as const];
  });
}

function findingsOf({ items }: Delivery, contents: Contents, checks: Checks, request: VerifyRequest): readonly Finding[] {
  const { keys, project, version, ignoreMissing = false } = request;
  const { sums, sumsNames, expected, signatures, described } = contents;
  const around = { sums, items, digests: checks.digests, manifests: checks.manifests, ignoreMissing };
  const releases = described.map(({ release }) => release);
  const isUndescribed = !ignoreMissing && sums.length > 0 && described.length === 0 && !contents.findings.some(({ check }) => check === 'release');
  return [
    ...(sumsNames.length === 0 ? [noSums()] : []),
    ...contents.findings,
    ...presenceFindings({ items, sumsNames, expected, signatures, ignoreMissing }),
    ...unsignedFindings({ sumsNames, keys, signed: checks.signed, signatures }),
    ...checks.findings,
    ...described.flatMap(({ name, release }) => releaseFindings(name, release, around)),
    ...(isUndescribed ? [noRelease()] : []),
    ...pinFindings(releases, sumsNames, { ...(project !== undefined && { project }), ...(version !== undefined && { version }) }),
  ];
}

async function readDescriptions(root: string, names: readonly string[]): Promise<{ described: readonly Described[]; findings: readonly Finding[] }> {
  const read = await mapConcurrently(names, 1, async (name) => ({ name, ...readRelease(name, await readFile(join(root, name), 'utf8')) }));
  return { described: read.flatMap(({ name, release }) => (release ? [{ name, release }] : [])), findings: read.flatMap(({ findings }) => findings) };
}

function manifestsOf(names: readonly string[], checked: readonly CheckedArchive[]): ReadonlyMap<string, TreeManifest> {
  return new Map(names.flatMap((name, index) => (checked[index]!.manifest ? [[name, checked[index]!.manifest!] as const] : [])));
}

const noSums = (): Finding => ({
  check: 'sums',
  level: 'error',
  path: '.',
  message: 'no sums file is here',
  expected: 'a file whose name ends in `SHA256SUMS`',
  fix: 'download it from where the other files come from',
});
const noRelease = (): Finding => ({
  check: 'release',
  level: 'error',
  path: '.',
  message: 'no `release.json` is here that the sums name',
  fix: 'download it too, or give `--ignore-missing`',
});
