import { constants, createReadStream, existsSync, realpathSync } from 'node:fs';
import { access, rename, rm, stat } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { commandLine, type Finding } from '@waybill/core';
import { spellingOf, takeBackCommand, type Destination, type PublishFile, type Release } from '@waybill/publishing';
import { publishErrors } from '../../errors/publish-errors';
import { movePointer, movePointersBack } from './channel-pointer';
import { isFolder, namesOfReleases, placesOf } from './folder-layout';
import { FolderRun } from './folder-run';
import { INDEX, projectOfFile, writeSimpleIndex } from './simple-index';

export interface FolderConfig {
  id: string;
  /** As the option says it, for people. */
  path: string;
  /** A relative path is below it. */
  workspaceRoot: string;
  /** Keeps a PEP 503 index of wheels and sdists. */
  simpleIndex: boolean;
}

/**
 * An internal channel: files appear whole, a release appears whole. One that was made with a tag is never overwritten; one without is a trial, and gives
 * way to the next of its version.
 */
export function createFolderDestination({ id, path, workspaceRoot, simpleIndex }: FolderConfig): Destination {
  const root = resolve(workspaceRoot, path);
  const run = new FolderRun(root);
  return {
    id,
    type: 'folder',
    remote: false,
    rights: 'preflight',
    identity: `folder ${realPathOf(root)}`,
    title: `folder ${path}`,
    choose: (_, files) => ({ files: run.plan(files), left: [] }),
    preflight: async (release) => [
      ...(await writableFindings(id, [
        { shown: path, folder: placesOf(root, release).base },
        ...(simpleIndex ? [{ shown: `${path}/${INDEX}`, folder: join(root, INDEX) }] : []),
      ])),
      ...(simpleIndex && release.name === INDEX ? [indexFinding(id, path)] : []),
      ...((await run.replaces(release)) ? [replaceWarning(release)] : []),
    ],
    inspect: (release, files) => run.inspect(release, files),
    upload: (release, file, { onSent }) => run.upload(release, file, onSent),
    finalise: async (release) => {
      await run.makeVisible(release);
      const lines = [await movePointer(root, release)];
      if (simpleIndex) await writeSimpleIndex(root);
      return lines;
    },
    list: async (release) => (await run.names(release)).map((name) => ({ name, state: 'same' as const })),
    async *download(release, name) {
      yield* createReadStream(join(await run.place(release), name));
    },
    guide: (release, files) => ({ install: installLines(path, simpleIndex, release, files), takeBack: [takeBackCommand(release)] }),
    spelling: async (release) => spellingOf(release.version, await namesOfReleases(placesOf(root, release).base)),
    readTakenBack: async (release) =>
      (await isFolder(placesOf(root, release).takenBack)) ? `${path}/${release.name}/.${release.version}.taken-back stands there` : undefined,
    takeBack: async (release) => {
      const places = placesOf(root, release);
      if (!(await isFolder(places.whole))) return absent(path, release, places.takenBack);
      await rm(places.takenBack, { recursive: true, force: true });
      await rename(places.whole, places.takenBack);
      const lines = [`${path}/${release.name}/${release.version} is now .${release.version}.taken-back`, ...(await movePointersBack(root, release))];
      if (simpleIndex) await writeSimpleIndex(root);
      return { outcome: 'done', lines };
    },
  };
}

async function absent(path: string, { name, version }: Release, takenBack: string): Promise<{ outcome: 'absent'; lines: readonly string[] }> {
  const before = (await isFolder(takenBack)) ? `, it was taken back before: .${version}.taken-back` : '';
  return { outcome: 'absent', lines: [`${path}/${name} has no ${version}${before}`] };
}

/** Behind links, of as much of it as is there. */
const realPathOf = (path: string): string =>
  existsSync(path) || dirname(path) === path ? realpathSync(path) : join(realPathOf(dirname(path)), basename(path));

/** Releases of this name would stand among the pages of the index, which are written anew. */
function indexFinding(id: string, path: string): Finding {
  const reason = `its \`${INDEX}/\` is the index, and would be the folder of this project too`;
  const { message } = publishErrors.error('PUBLISH_FOLDER', { id, path, reason });
  return { check: 'folder', level: 'error', message, fix: 'give the release another name (`name`), or publish it to a folder without `simpleIndex`' };
}

const replaceWarning = ({ version }: Release): Finding => ({
  check: 'folder',
  level: 'warning',
  message: `other bytes of ${version} stand there; they were made without a release tag and are replaced`,
});

/** One for each folder that is in the way, however many are to be written below it. */
async function writableFindings(id: string, places: readonly { shown: string; folder: string }[]): Promise<readonly Finding[]> {
  const findings = new Map<string, Finding>();
  for (const { shown, folder } of places) {
    const found = await unwritable(folder);
    if (found === undefined || findings.has(found.at)) continue;
    const { message, fix } = publishErrors.error('PUBLISH_FOLDER', { id, path: shown, reason: found.reason });
    findings.set(found.at, { check: 'folder', level: 'error', message, fix });
  }
  return [...findings.values()];
}

/** Looks at the folder, or at the nearest one above that is there. */
async function unwritable(folder: string): Promise<{ at: string; reason: string } | undefined> {
  const stats = await stat(folder).catch((cause: NodeJS.ErrnoException) => {
    if (cause.code === 'ENOENT' || cause.code === 'ENOTDIR') return undefined;
    throw cause;
  });
  if (stats === undefined) return unwritable(dirname(folder));
  if (!stats.isDirectory()) return { at: folder, reason: 'it is, or lies below, a file' };
  return access(folder, constants.W_OK).then(
    () => undefined,
    (cause: NodeJS.ErrnoException) => ({ at: folder, reason: `its rights do not let this user write (${cause.code})` }),
  );
}

/** The files lie in a folder already: the commands that verify them run there. */
function installLines(path: string, simpleIndex: boolean, { name, version }: Release, files: readonly PublishFile[]): readonly string[] {
  const projects = simpleIndex ? new Set(files.flatMap((file) => projectOfFile(file.name, version) ?? [])) : [];
  const base = path.startsWith('/') ? `file://${path}` : `file://$PWD/${path}`;
  return [
    ...[...projects].map((project) => `pip install --index-url "${base}/simple/" ${project}==${version}`),
    commandLine('cd', [`${path}/${name}/${version}`]),
  ];
}
