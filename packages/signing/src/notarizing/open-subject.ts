import { createReadStream, existsSync, statSync } from 'node:fs';
import { mkdir, readFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { MANIFEST_PATH, parseManifest } from '@waybill/artifacts';
import { archiveFormatOf, fileContent, readTree, writeArchive, type ArchiveEntry, type Finding, type HttpBody, type TreeItem } from '@waybill/core';
import type { UpstreamArtifact } from '@waybill/plugin-kit';
import { unpackInto } from '../inside/repack-archive';
import type { Submission } from '../notary/notarize-file';
import type { SealedBundle } from '../sealing/find-bundles';
import type { FlatPackage } from './flat-package';
import { inspectTree, type CodeFile } from './preflight/inspect-tree';
import { inspectImage, type ImageArtifact } from './preflight/inspect-image';
import type { SignerPolicy } from './preflight/judge-signer';

/** An artifact that is to be notarized, looked through. */
export interface OpenSubject {
  of: UpstreamArtifact;
  /** What is sent: the artifact itself where Apple takes it, else a zip of it. */
  submission: Submission;
  findings: readonly Finding[];
  /** Its Mach-O files by path below `root`; none where it was not looked into. */
  files: readonly CodeFile[];
  /** Its bundles, deepest first. */
  bundles: readonly SealedBundle[];
  /** Of a package. */
  flat?: FlatPackage;
  /** Where it lies unpacked, absolute. */
  root?: string;
  /** The one folder in `root` that all of it lies in; `''`, absent: there is none. */
  top?: string;
  /** What users start, by path below `root`, when the bundle says so. */
  launcher?: string;
}

export interface OpenRequest {
  /** Not there yet. */
  workFolder: string;
  /** Of disk images and packages. */
  imagePolicy: SignerPolicy;
  /** Of all other code. */
  policy: SignerPolicy;
  staple: boolean;
  now: number;
}

/** Disk images and packages are sent as they are, and Apple alone looks into what they hold; all else is unpacked, looked through and sent as a zip. */
export async function openSubject(of: UpstreamArtifact, request: OpenRequest): Promise<OpenSubject> {
  const { workFolder, policy, now } = request;
  await mkdir(workFolder, { recursive: true });
  if (isImage(of)) return openImage(of, request);
  const root = of.kind === 'bundle-archive' ? join(workFolder, 'tree') : of.file;
  const top = of.kind === 'bundle-archive' ? await unpackInto(of, root) : '';
  const items = await readTree(root);
  const inspected = await inspectTree({ root, items, policy, now, workFolder: join(workFolder, 'zips') });
  if (hasError(inspected.findings)) return { of, submission: NOTHING, root, ...inspected };
  const launcher = await launcherOf(root, top);
  return { of, submission: await packSubmission(of, root, items, workFolder), root, top, ...inspected, ...(launcher !== undefined && { launcher }) };
}

const isImage = (of: UpstreamArtifact): of is UpstreamArtifact & ImageArtifact => of.kind === 'dmg' || of.kind === 'pkg';
const hasError = (findings: readonly Finding[]): boolean => findings.some(({ level }) => level === 'error');

function openImage(of: UpstreamArtifact & ImageArtifact, { imagePolicy: policy, staple, now }: OpenRequest): OpenSubject {
  const inspected = inspectImage(of, { policy, staple, now });
  return { of, submission: hasError(inspected.findings) ? NOTHING : submissionOf(of, of.file, of), files: [], bundles: [], ...inspected };
}

const NOTHING: Submission = { name: '', sha256: '', content: { size: 0, async *open() {} } };

/** Whoever uploads keeps pieces until a part of them is full: each is memory of its own. */
export function submissionOf(of: Pick<UpstreamArtifact, 'name'>, file: string, { size, sha256 }: { size: number; sha256: string }): Submission {
  const content: HttpBody = {
    size,
    async *open() {
      yield* createReadStream(file);
    },
  };
  return { name: of.name, sha256, content, file };
}

/** The same folder gives the same zip, so that a later run finds what an earlier one has sent. */
async function packSubmission(of: UpstreamArtifact, root: string, items: readonly TreeItem[], workFolder: string): Promise<Submission> {
  if (of.kind === 'bundle-archive' && archiveFormatOf(of.name) === 'zip') return submissionOf(of, of.file, of);
  const top = of.kind === 'bundle-archive' ? '' : `${basename(of.file)}/`;
  const output = join(workFolder, 'submission.zip');
  const entries = items.flatMap((item) => entryOf(root, top, item));
  return submissionOf(of, output, await writeArchive({ format: 'zip', entries, output, mtimeSeconds: of.record.sourceDateEpoch }));
}

function entryOf(root: string, top: string, { path, kind, mode, linkTarget }: TreeItem): readonly ArchiveEntry[] {
  if (kind === 'symlink') return [{ kind, path: top + path, linkTarget: linkTarget! }];
  if (kind !== 'file') return [];
  const file = join(root, path);
  return [{ kind, path: top + path, mode: mode & 0o777, size: statSync(file).size, open: () => fileContent(file) }];
}

async function launcherOf(root: string, top: string): Promise<string | undefined> {
  const prefix = top === '' ? '' : `${top}/`;
  const manifest = join(root, prefix, MANIFEST_PATH);
  if (!existsSync(manifest)) return undefined;
  return `${prefix}${parseManifest(await readFile(manifest, 'utf8'), { path: MANIFEST_PATH }).layout.launcher}`;
}
