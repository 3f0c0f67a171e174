import { randomUUID } from 'node:crypto';
import { link, mkdir, open, readFile, readdir, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { hashFile } from '@waybill/core';
import type { PublishFile, Release, RemoteFile, UploadOutcome } from '@waybill/publishing';
import { isFolder, namesIn, placesOf } from './folder-layout';

type Standing = 'whole' | 'incomplete';

/** One run of a folder destination: what is planned, and whether its files go to the release that stands there or to one beside it. */
export class FolderRun {
  #planned: readonly PublishFile[] = [];
  #standing: Promise<Standing> | undefined;

  constructor(readonly root: string) {}

  plan(files: readonly PublishFile[]): readonly PublishFile[] {
    this.#planned = files;
    return files;
  }

  /** The folder that the files stand in until, or since, the release is visible. */
  async place(release: Release): Promise<string> {
    return placesOf(this.root, release)[await this.#decide(release)];
  }

  /** A trial stands there and gives way. */
  async replaces(release: Release): Promise<boolean> {
    return (await this.#decide(release)) === 'incomplete' && isFolder(placesOf(this.root, release).whole);
  }

  async inspect(release: Release, files: readonly PublishFile[]): Promise<readonly RemoteFile[]> {
    const [place, standing] = [await this.place(release), await this.#decide(release)];
    const states: RemoteFile[] = [];
    for (const file of files) {
      const state = await stateOf(place, file);
      // What no reader has seen is the rest of a run that was broken off.
      states.push(state.state === 'conflict' && standing === 'incomplete' ? { ...state, state: 'partial' } : state);
    }
    return states;
  }

  async upload(release: Release, file: PublishFile, onSent: (bytes: number) => void): Promise<UploadOutcome> {
    const overwrite = (await this.#decide(release)) === 'incomplete';
    return writeWhole(await this.place(release), file, onSent, overwrite);
  }

  /** Files that are not planned count in a release that is visible; beside it they are rests. */
  async names(release: Release): Promise<readonly string[]> {
    const names = await namesIn(await this.place(release));
    if ((await this.#decide(release)) === 'whole') return names;
    return names.filter((name) => this.#planned.some((file) => file.name === name));
  }

  /** Rests go; the release gets its name, in place of a trial. A run that is killed between the two renames is taken up by the next. */
  async makeVisible(release: Release): Promise<void> {
    const { whole, incomplete, replaced } = placesOf(this.root, release);
    const place = await this.place(release);
    const planned = new Set(this.#planned.map(({ name }) => name));
    for (const name of (await isFolder(place)) ? await readdir(place) : []) {
      const isRest = name.startsWith('.') || (place === incomplete && !planned.has(name));
      if (isRest) await rm(join(place, name), { recursive: true, force: true });
    }
    if (place === incomplete && (await isFolder(incomplete))) {
      await rm(replaced, { recursive: true, force: true });
      if (await isFolder(whole)) await rename(whole, replaced);
      await rename(incomplete, whole);
    }
    for (const rest of [replaced, incomplete]) await rm(rest, { recursive: true, force: true });
    this.#standing = undefined;
  }

  #decide(release: Release): Promise<Standing> {
    return (this.#standing ??= this.#look(release));
  }

  async #look(release: Release): Promise<Standing> {
    const { whole } = placesOf(this.root, release);
    if (!(await isFolder(whole))) return 'incomplete';
    const names = await namesIn(whole);
    if (!(await isTrial(whole, names))) return 'whole';
    if (names.length !== this.#planned.length) return 'incomplete';
    for (const file of this.#planned) if ((await stateOf(whole, file)).state !== 'same') return 'incomplete';
    return 'whole';
  }
}

/** Its `release.json` names no tag. Without one nobody knows: then it is none. */
async function isTrial(folder: string, names: readonly string[]): Promise<boolean> {
  const descriptions = names.filter((name) => name.endsWith('release.json'));
  const texts = await Promise.all(descriptions.map((name) => readFile(join(folder, name), 'utf8')));
  return texts.length > 0 && texts.every((text) => !/^ {2}"tag": "/m.test(text));
}

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

/** Beside its place, flushed, then given its name. In a release that is visible a name that is taken stays, whoever took it since. */
async function writeWhole(place: string, file: PublishFile, onSent: (bytes: number) => void, overwrite: boolean): Promise<UploadOutcome> {
  await mkdir(place, { recursive: true });
  const part = join(place, `.${randomUUID()}.part`);
  try {
    const handle = await open(part, 'wx', 0o644);
    try {
      for await (const chunk of file.content.open()) {
        await handle.writeFile(chunk);
        onSent(chunk.length);
      }
      await handle.sync();
    } finally {
      await handle.close();
    }
    if (!overwrite) return await takeName(part, join(place, file.name));
    await rename(part, join(place, file.name));
    return { outcome: 'stored' };
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
