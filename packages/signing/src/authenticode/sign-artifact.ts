import { existsSync } from 'node:fs';
import { chmod, copyFile, readFile, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { MANIFEST_PATH, parseManifest } from '@waybill/artifacts';
import { archiveFormatOf, copyTreeItems, hashFile, readTree, type TreeItem } from '@waybill/core';
import { describeFolder, type UpstreamArtifact } from '@waybill/plugin-kit';
import { signingErrors } from '../errors/signing-errors';
import type { SigningIdentity } from './open-identity';
import type { SignPe } from './osslsigncode';
import { readPeFile } from './read-pe-file';
import { unpackEarlier, type EarlierFiles } from './tree/earlier-files';
import { packAgain, unpackInto } from './tree/repack-archive';
import { rewriteMetadata } from './tree/rewrite-metadata';
import { signTree, type SignedTree, type TreeRequest } from './tree/sign-tree';

export interface ArtifactRequest extends Pick<TreeRequest, 'replace' | 'timestampUrls' | 'pausesMs' | 'warn'> {
  of: UpstreamArtifact;
  identity: SigningIdentity;
  /** Absolute path of the same artifact as an earlier run of the target left it, if it did. */
  earlier: string;
  /** An empty folder for what is only needed meanwhile. */
  workFolder: string;
  /** Absolute path of the signed artifact; not there yet. */
  output: string;
  withSigner(work: (sign: SignPe) => Promise<void>): Promise<void>;
}

export interface SignedArtifact {
  size: number;
  sha256: string;
  tree: SignedTree;
}

/** Signs what is inside of an artifact of a kind that Authenticode is built for; the artifact itself is not changed. `SIGN_FILE_KIND`, `SIGN_NO_PE`, `SIGN_PE_BROKEN`. */
export async function signArtifact(request: ArtifactRequest): Promise<SignedArtifact> {
  const { of } = request;
  if (of.kind === 'bundle-folder') return signFolder(request);
  if (of.kind === 'bundle-archive' && archiveFormatOf(of.name) !== undefined) return signArchive(request);
  if (readPeFile(of.file, Date.now()) === undefined) throw signingErrors.error('SIGN_FILE_KIND', { name: of.name, kind: of.kind });
  return signSingle(request);
}

async function signArchive(request: ArtifactRequest): Promise<SignedArtifact> {
  const { of, output, workFolder } = request;
  const folder = join(workFolder, 'tree');
  const top = await unpackInto(of, folder);
  const root = join(folder, top);
  const prefix = top === '' ? '' : `${top}/`;
  const tree = await signBundle(request, root, async (paths) => {
    const wanted = new Set(paths.map((path) => prefix + path));
    const found = await unpackEarlier(request.earlier, wanted, join(workFolder, 'earlier'));
    return new Map([...found].map(([path, file]) => [path.slice(prefix.length), file]));
  });
  return { ...(await packAgain(of, folder, output)), tree };
}

async function signFolder(request: ArtifactRequest): Promise<SignedArtifact> {
  const { of, output, earlier } = request;
  const items = await readTree(of.file);
  await copyTreeItems(
    output,
    items.map(({ path, mode }) => ({ from: join(of.file, path), to: path, mode })),
  );
  const tree = await signBundle(request, output, async (paths) => thoseBelow(earlier, paths));
  return { ...(await describeFolder(output)), tree };
}

async function signSingle(request: ArtifactRequest): Promise<SignedArtifact> {
  const { of, output, earlier } = request;
  await copyFile(of.file, output);
  const { mode, size, mtimeMs } = await stat(of.file);
  await chmod(output, mode & 0o777);
  const item: TreeItem = { path: basename(output), kind: 'file', mode: mode & 0o777, size, mtimeMs };
  const tree = await signTree(
    treeRequest(request, dirname(output), [item], [], async (paths) => thoseBelow(dirname(earlier), paths)),
    request.withSigner,
  );
  const { sha256, size: signedSize } = await hashFile(output);
  return { sha256, size: signedSize, tree };
}

const thoseBelow = (folder: string, paths: readonly string[]): EarlierFiles =>
  new Map(paths.map((path) => [path, join(folder, path)] as const).filter(([, file]) => existsSync(file)));

/** RECORD files and the manifest are written again for what was signed. */
async function signBundle(request: ArtifactRequest, root: string, earlier: TreeRequest['earlier']): Promise<SignedTree> {
  const items = await readTree(root);
  const tree = await signTree(treeRequest(request, root, items, await startedPaths(root, items), earlier), request.withSigner);
  const files = items.filter(({ kind }) => kind === 'file').map(({ path }) => path);
  await rewriteMetadata(root, files, [...tree.kept, ...tree.made]);
  return tree;
}

function treeRequest(
  { of, identity, replace, timestampUrls, pausesMs, warn }: ArtifactRequest,
  root: string,
  items: readonly TreeItem[],
  last: readonly string[],
  earlier: TreeRequest['earlier'],
): TreeRequest {
  const { fingerprint } = identity;
  return { root, items, name: of.name, fingerprint, replace, last, timestampUrls, ...(pausesMs && { pausesMs }), earlier, warn };
}

/** The program, then the launcher, as the manifest names them; a bundle of other makers has none. */
async function startedPaths(root: string, items: readonly TreeItem[]): Promise<readonly string[]> {
  if (!items.some(({ path, kind }) => path === MANIFEST_PATH && kind === 'file')) return [];
  const { layout } = parseManifest(await readFile(join(root, MANIFEST_PATH), 'utf8'), { path: MANIFEST_PATH });
  return [...(layout.program === undefined ? [] : [layout.program]), layout.launcher];
}
