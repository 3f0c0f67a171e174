import { createReadStream, constants } from 'node:fs';
import { access, link, mkdir, open, readdir, rename, rm, stat } from 'node:fs/promises';
import { randomUUID } from 'node:crypto';
import { dirname, join, resolve } from 'node:path';
import { hashFile, type Finding } from '@waybill/core';
import type { Destination, PublishFile, Release, RemoteFile, UploadOutcome } from '@waybill/publishing';
import { publishErrors } from '../../errors/publish-errors';
import { movePointer, movePointerBack } from './channel-pointer';
import { isFolder, namesIn, placesOf, type FolderPlaces } from './folder-layout';
import { projectOfFile, writeSimpleIndex } from './simple-index';

export interface FolderConfig {
  id: string;
  /** As the option says it, for people. */
  path: string;
  /** A relative path is below it. */
  workspaceRoot: string;
  /** Keeps a PEP 503 index of wheels and sdists. */
  simpleIndex: boolean;
}

const PART = '.part';

/** An internal channel: files appear whole, a release appears whole, and what stands there is never overwritten. */
export function createFolderDestination({ id, path, workspaceRoot, simpleIndex }: FolderConfig): Destination {
  const root = resolve(workspaceRoot, path);
  return {
    id,
    type: 'folder',
    remote: false,
    identity: `folder ${root}`,
    title: `folder ${path}`,
    choose: (_, files) => ({ files, left: [] }),
    preflight: async () => writableFindings(id, path, root),
    inspect: async (release, files) => {
      const place = await standingPlace(placesOf(root, release));
      const states: RemoteFile[] = [];
      for (const file of files) states.push(await stateOf(place, file));
      return states;
    },
    upload: async (release, file, { onSent }) => {
      return writeWhole(await standingPlace(placesOf(root, release)), file, onSent);
    },
    finalise: async (release) => {
      await makeVisible(placesOf(root, release));
      const lines = [await movePointer(root, release)];
      if (simpleIndex) await writeSimpleIndex(root);
      return lines;
    },
    list: async (release) => {
      const place = await standingPlace(placesOf(root, release));
      return (await namesIn(place)).map((name) => ({ name, state: 'same' as const }));
    },
    async *download(release, name) {
      yield* createReadStream(join(await standingPlace(placesOf(root, release)), name));
    },
    guide: (release, files) => ({ install: installLines(path, simpleIndex, release, files), takeBack: [takeBackLine(release)] }),
    takeBack: async (release) => {
      const places = placesOf(root, release);
      if (!(await isFolder(places.whole))) return { outcome: 'absent', lines: [`${path}/${release.name} has no ${release.version}`] };
      await rm(places.takenBack, { recursive: true, force: true });
      await rename(places.whole, places.takenBack);
      const lines = [`${path}/${release.name}/${release.version} is now .${release.version}.taken-back`, await movePointerBack(root, release)];
      if (simpleIndex) await writeSimpleIndex(root);
      return { outcome: 'done', lines };
    },
  };
}

/** Where the files are: a release that is whole, or the rest of one that is being made. */
const standingPlace = async ({ whole, incomplete }: FolderPlaces): Promise<string> => ((await isFolder(whole)) ? whole : incomplete);

async function stateOf(place: string, { name, sha256 }: PublishFile): Promise<RemoteFile> {
  const path = join(place, name);
  const stats = await stat(path).catch((cause: NodeJS.ErrnoException) => {
    if (cause.code === 'ENOENT' || cause.code === 'ENOTDIR') return undefined;
    throw cause;
  });
  if (!stats) return { name, state: 'absent' };
  if (!stats.isFile()) return { name, state: 'conflict', reason: 'something that is no file' };
  const { sha256: actual, size } = await hashFile(path);
  return { name, state: actual === sha256 ? 'same' : 'conflict', sha256: actual, size, ...(actual !== sha256 && { reason: `sha256 ${actual}` }) };
}

/** Beside its place, flushed, then linked to its name: a name that is taken is not overwritten, whoever took it since. */
async function writeWhole(place: string, file: PublishFile, onSent: (bytes: number) => void): Promise<UploadOutcome> {
  await mkdir(place, { recursive: true });
  const part = join(place, `.${randomUUID()}${PART}`);
  try {
    const handle = await open(part, 'wx', 0o644);
    try {
      for await (const chunk of file.content.open()) {
        await handle.write(chunk);
        onSent(chunk.length);
      }
      await handle.sync();
    } finally {
      await handle.close();
    }
    return await takeName(part, join(place, file.name));
  } finally {
    await rm(part, { force: true });
  }
}

function takeName(part: string, path: string): Promise<UploadOutcome> {
  return link(part, path).then(
    () => ({ outcome: 'stored' }),
    (cause: NodeJS.ErrnoException) => {
      if (cause.code === 'EEXIST') return { outcome: 'uncertain', reason: 'the name was taken meanwhile' };
      throw cause;
    },
  );
}

/** Rests of killed runs go; the release gets its name. */
async function makeVisible({ whole, incomplete }: FolderPlaces): Promise<void> {
  const place = await standingPlace({ whole, incomplete } as FolderPlaces);
  for (const name of (await isFolder(place)) ? await readdir(place) : []) {
    if (name.startsWith('.') && name.endsWith(PART)) await rm(join(place, name), { force: true });
  }
  if (place === incomplete && (await isFolder(incomplete))) await rename(incomplete, whole);
}

async function writableFindings(id: string, path: string, root: string): Promise<readonly Finding[]> {
  const reason = await unwritable(root);
  if (reason === undefined) return [];
  const { message, fix } = publishErrors.error('PUBLISH_FOLDER', { id, path, reason });
  return [{ check: 'folder', level: 'error', message, fix }];
}

/** Looks at the folder, or at the nearest one above that is there. */
async function unwritable(folder: string): Promise<string | undefined> {
  const stats = await stat(folder).catch((cause: NodeJS.ErrnoException) => {
    if (cause.code === 'ENOENT') return undefined;
    if (cause.code === 'ENOTDIR') return 'file' as const;
    throw cause;
  });
  if (stats === undefined) return unwritable(dirname(folder));
  if (stats === 'file' || !stats.isDirectory()) return 'it is, or lies below, a file';
  return access(folder, constants.W_OK).then(
    () => undefined,
    (cause: NodeJS.ErrnoException) => `its rights do not let this user write (${cause.code})`,
  );
}

function installLines(path: string, simpleIndex: boolean, { name, version }: Release, files: readonly PublishFile[]): readonly string[] {
  const projects = simpleIndex ? new Set(files.flatMap((file) => projectOfFile(file.name, version) ?? [])) : [];
  const base = path.startsWith('/') ? `file://${path}` : `file://$PWD/${path}`;
  return [
    ...[...projects].map((project) => `pip install --index-url "${base}/simple/" ${project}==${version}`),
    `npx @waybill/verify ${path}/${name}/${version}`,
  ];
}

const takeBackLine = ({ project, version }: Release): string => `nx run ${project}:take-back --release=${version} --confirm`;
