import { existsSync } from 'node:fs';
import { chmod, copyFile, readFile, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { MANIFEST_PATH, parseManifest, type Artifact } from '@waybill/artifacts';
import { archiveFormatOf, copyTreeItems, hashFile, readTree, type TreeItem } from '@waybill/core';
import { describeFolder, type UpstreamArtifact } from '@waybill/plugin-kit';
import { unpackEarlier, type EarlierFiles } from './earlier-files';
import { withOwnFiles } from './own-files';
import { packAgain, unpackInto } from './repack-archive';
import { rewriteManifest, rewriteRecords } from './rewrite-metadata';

/** A tree whose code is to be signed in place. */
export interface TreeToSign {
  /** Absolute; signed in place (a copy of the caller's). */
  root: string;
  items: readonly TreeItem[];
  /** Name of the artifact, for errors. */
  name: string;
  /** Paths of what users start: signed last. */
  last: readonly string[];
  /** What an earlier run signed, of those paths. */
  earlier(paths: readonly string[]): Promise<EarlierFiles>;
  /** Makes RECORD files below a folder true of what changed so far, before it is sealed: they do not change after that. Gives their paths. */
  renewRecords(folder: string, changed: readonly string[]): Promise<readonly string[]>;
}

/** Paths of files that have other bytes now. */
export interface ChangedFiles {
  /** Taken from the earlier run. */
  kept: readonly string[];
  /** Signed now. */
  made: readonly string[];
  /** Neither of them, and written too: seals, RECORD files and manifests below them. */
  written?: readonly string[];
  /** Gone. */
  removed?: readonly string[];
  /** Folders that are sealed: nothing below them may change any more. */
  sealed?: readonly string[];
}

export interface InsideRequest<Tree extends ChangedFiles> {
  of: UpstreamArtifact;
  /** Absolute path of the same artifact as an earlier run of the target left it, if it did. */
  earlier: string;
  /** An empty folder for what is only needed meanwhile. */
  workFolder: string;
  /** Absolute path of the signed artifact; not there yet. */
  output: string;
  /** For an artifact that is neither folder nor archive: throws unless it is code itself. */
  checkSingle(of: UpstreamArtifact): void;
  sign(tree: TreeToSign): Promise<Tree>;
}

export interface SignedInside<Tree extends ChangedFiles> {
  size: number;
  sha256: string;
  tree: Tree;
}

/** Signs what is inside of an artifact; what it says of its own files (RECORD, manifest) is made true again. The artifact itself is not changed. */
export async function signInside<Tree extends ChangedFiles>(request: InsideRequest<Tree>): Promise<SignedInside<Tree>> {
  const { of } = request;
  if (of.kind === 'bundle-folder' || of.kind === 'app') return signFolder(request);
  if (of.kind === 'bundle-archive' && archiveFormatOf(of.name) !== undefined) return signArchive(request);
  request.checkSingle(of);
  return signSingle(request);
}

/** The signed artifact, which takes the place of the one before. */
export const artifactOf = ({
  of: { name, kind, platform, ships, sha256: from },
  size,
  sha256,
}: Pick<SignedInside<ChangedFiles>, 'size' | 'sha256'> & { of: UpstreamArtifact }): Artifact => ({
  name,
  path: name,
  kind,
  ...(platform !== undefined && { platform }),
  ships,
  size,
  sha256,
  madeFrom: [`sha256:${from}`],
});

async function signArchive<Tree extends ChangedFiles>(request: InsideRequest<Tree>): Promise<SignedInside<Tree>> {
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
  const places = (paths: readonly string[] = []): readonly string[] => paths.map((path) => prefix + path);
  return { ...(await packAgain(of, folder, output, { added: places(tree.written), removed: places(tree.removed) })), tree };
}

async function signFolder<Tree extends ChangedFiles>(request: InsideRequest<Tree>): Promise<SignedInside<Tree>> {
  const { of, output, earlier } = request;
  const items = await readTree(of.file);
  await copyTreeItems(
    output,
    items.map(({ path, mode }) => ({ from: join(of.file, path), to: path, mode })),
  );
  const tree = await signBundle(request, output, async (paths) => thoseBelow(earlier, paths));
  return { ...(await describeFolder(output)), tree };
}

async function signSingle<Tree extends ChangedFiles>(request: InsideRequest<Tree>): Promise<SignedInside<Tree>> {
  const { of, output, earlier } = request;
  await copyFile(of.file, output);
  const { mode, size, mtimeMs } = await stat(of.file);
  await chmod(output, mode & 0o777);
  const item: TreeItem = { path: basename(output), kind: 'file', mode: mode & 0o777, size, mtimeMs };
  const root = dirname(output);
  const tree = await withOwnFiles(root, [item], () =>
    request.sign({
      ...{ root, items: [item], name: of.name, last: [] },
      earlier: async (paths) => thoseBelow(dirname(earlier), paths),
      renewRecords: async () => [],
    }),
  );
  const { sha256, size: signedSize } = await hashFile(output);
  return { sha256, size: signedSize, tree };
}

const thoseBelow = (folder: string, paths: readonly string[]): EarlierFiles =>
  new Map(paths.map((path) => [path, join(folder, path)] as const).filter(([, file]) => existsSync(file)));

/** RECORD files and the manifest are written again for what was signed. */
async function signBundle<Tree extends ChangedFiles>(request: InsideRequest<Tree>, root: string, earlier: TreeToSign['earlier']): Promise<Tree> {
  const items = await readTree(root);
  const files = items.filter(({ kind }) => kind === 'file').map(({ path }) => path);
  const below = (path: string, folder: string): boolean => folder === '' || path.startsWith(`${folder}/`);
  const renewRecords: TreeToSign['renewRecords'] = (folder, changed) =>
    rewriteRecords(
      root,
      files.filter((path) => below(path, folder)),
      changed,
    );
  const last = await startedPaths(root, items);
  const tree = await withOwnFiles(root, items, () => request.sign({ root, items, name: request.of.name, last, earlier, renewRecords }));
  const { kept, made, written = [], removed = [], sealed = [] } = tree;
  const open = files.filter((path) => !sealed.some((folder) => below(path, folder)));
  const records = await rewriteRecords(root, open, [...kept, ...made]);
  await rewriteManifest(root, open, { changed: [...kept, ...made, ...written, ...records], removed });
  return tree;
}

/** The program, then the launcher, as the manifest names them; a bundle of other makers has none. */
async function startedPaths(root: string, items: readonly TreeItem[]): Promise<readonly string[]> {
  if (!items.some(({ path, kind }) => path === MANIFEST_PATH && kind === 'file')) return [];
  const { layout } = parseManifest(await readFile(join(root, MANIFEST_PATH), 'utf8'), { path: MANIFEST_PATH });
  return [...(layout.program === undefined ? [] : [layout.program]), layout.launcher];
}
