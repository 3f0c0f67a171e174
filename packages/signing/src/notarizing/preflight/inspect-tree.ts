import { createWriteStream, existsSync } from 'node:fs';
import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { openByteSource, readArchiveEntries, WaybillError, type Finding, type TreeItem } from '@waybill/core';
import { readCodeFile, type CodeReading, type SealedWith } from '../../macho/read-code-file';
import { findBundles, type BundlesInTree, type SealedBundle, type UnknownBundle } from '../../sealing/find-bundles';
import type { SealProblem } from '../../sealing/judge-seal';
import { sealProblems } from '../../sealing/read-seal';
import { judgeCode } from './judge-code';
import type { SignerPolicy } from './judge-signer';

/** A Mach-O file of the tree itself, with its signature; those in zips are judged and forgotten. */
export interface CodeFile {
  path: string;
  code: Extract<CodeReading, { kind: 'macho' }>;
}

export interface Inspection {
  findings: readonly Finding[];
  files: readonly CodeFile[];
  bundles: BundlesInTree['bundles'];
}

export interface InspectRequest {
  /** Absolute. */
  root: string;
  items: readonly TreeItem[];
  policy: SignerPolicy;
  /** For what is unpacked; not there yet, gone at the end. */
  workFolder: string;
  /** Milliseconds since 1970. */
  now: number;
}

/** Wheels in zips in bundles: deeper ones the service does not open either. */
const DEEPEST_ZIP = 3;
const ZIP = Buffer.from('PK\x03\x04');

/** Everything in a tree that the notary service would refuse, at once; files are found by content. */
export async function inspectTree(request: InspectRequest): Promise<Inspection> {
  const { root, items, now } = request;
  const found = findBundles(root, items);
  const findings: Finding[] = [...found.unknown.filter(({ isApp }) => isApp).map(withoutProgram)];
  const files: CodeFile[] = [];
  const programs = new Map(found.bundles.map((bundle) => [bundle.program, bundle]));
  await mkdir(request.workFolder, { recursive: true });
  for (const { path } of items.filter(({ kind }) => kind === 'file')) {
    const file = join(root, path);
    const code = readCodeFile(file, now, sealedWith(root, programs.get(path)));
    if (code) findings.push(...judgeCode(path, code, request.policy));
    if (code?.kind === 'macho') files.push({ path, code });
    if (isZip(file)) findings.push(...(await inspectZip(request, file, path, 1)));
  }
  for (const bundle of found.bundles) findings.push(...sealProblems({ root, items, found, now }, bundle).map(unsealed));
  await rm(request.workFolder, { recursive: true, force: true });
  return { findings, files, bundles: found.bundles };
}

/** Without it nobody knows what is sealed with the property list, nor whose ticket the `.app` needs. */
const withoutProgram = ({ infoPlist, reason }: UnknownBundle): Finding => ({
  check: 'info-plist',
  level: 'error',
  path: infoPlist,
  message: reason,
  fix: 'write a property list with the name of the program in `Contents/MacOS`, then sign the `.app` again',
});

const unsealed = ({ path, message }: SealProblem): Finding => ({
  check: 'seal',
  level: 'error',
  path: path!,
  message: `\`${path!}\` is not as its bundle was sealed: ${message}`,
  fix: 'change nothing in an `.app` once it is signed: sign it again, last of all',
});

function isZip(path: string): boolean {
  const source = openByteSource(path);
  try {
    return ZIP.equals(source.read(0, ZIP.length));
  } finally {
    source.close();
  }
}

/** The service opens zips too: what lies in them must be signed as well. */
async function inspectZip(request: InspectRequest, archive: string, path: string, depth: number): Promise<readonly Finding[]> {
  const findings: Finding[] = [];
  try {
    for await (const entry of readArchiveEntries(archive)) {
      if (entry.kind !== 'file') continue;
      const file = join(request.workFolder, String(depth));
      await pipeline(entry.content(), createWriteStream(file, { mode: 0o600 }));
      const code = readCodeFile(file, request.now);
      if (code) findings.push(...judgeCode(`${path}/${entry.path}`, code, request.policy));
      if (depth < DEEPEST_ZIP && isZip(file)) findings.push(...(await inspectZip(request, file, `${path}/${entry.path}`, depth + 1)));
    }
  } catch (error) {
    if (!(error instanceof WaybillError) || !error.code.startsWith('ARCHIVE_')) throw error;
    findings.push(unreadableZip(path, error.message));
  }
  return findings;
}

/** Tests of Python carry such files, and Apple may pass them over: no reason not to send the rest. */
const unreadableZip = (path: string, reason: string): Finding => ({
  check: 'zip',
  level: 'warning',
  path,
  message: `\`${path}\` begins as a zip file and cannot be read as one, so nobody knows whether unsigned code lies in it: ${reason}`,
  fix: 'build or fetch it again, or leave it out of the bundle',
});

/** What the main program of a bundle is sealed with; nothing for all other files. */
function sealedWith(root: string, bundle: SealedBundle | undefined): SealedWith {
  if (bundle === undefined) return {};
  const codeResources = join(root, bundle.codeResources);
  return { infoPlist: join(root, bundle.infoPlist), ...(existsSync(codeResources) && { codeResources }) };
}
