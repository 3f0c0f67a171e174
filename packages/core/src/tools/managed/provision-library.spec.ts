import { appendFileSync, existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { makeDemoWheel, placeProgram, standInPython, temporaryFolder } from '../../testing';
import { createProcesses } from '../../processes/create-processes';
import { createTools } from '../create-tools';
import type { LibraryLock } from '../tool-lock';

const folder = temporaryFolder();
const at = (...parts: string[]): string => join(folder.path, ...parts);

interface World {
  libraries: LibraryLock;
  downloads(): number;
}

/** A Python that "downloads" the demo wheel, and a lock that pins it. */
async function world(sha256?: string): Promise<World> {
  const { path, lock } = await makeDemoWheel(folder.path);
  const pinned = Object.values(lock['waybill-demo']!.wheels)[0]!;
  placeProgram(at('bin'), 'python3', standInPython(path, at('log')));
  const wheel = { name: 'waybill-demo', version: '2.0', file: pinned.file, sha256: sha256 ?? pinned.sha256 };
  return {
    libraries: { demo: { version: '2.0', requiresPython: '3.8', wheels: [wheel] } },
    downloads: () => (existsSync(at('log')) ? readFileSync(at('log'), 'utf8').trim().split('\n').length : 0),
  };
}

const library = ({ libraries }: World, offline = false) =>
  createTools({
    processes: createProcesses(),
    environment: { PATH: at('bin'), HOME: folder.path },
    managedFolder: at('managed'),
    libraries,
    offline,
  }).library('demo');

describe('library', () => {
  it('is unpacked once, and found again without a download and without a network', async () => {
    const made = await world();
    const first = await library(made);
    expect(existsSync(join(first.folder, 'waybill_demo-2.0.dist-info/METADATA'))).toBe(true);
    expect(await library(made, true)).toEqual(first);
    expect(made.downloads()).toBe(1);
  });

  it('is provisioned again when somebody changed a file of it; byte code that Python leaves is no change', async () => {
    const made = await world();
    const { folder: files } = await library(made);
    writeFileSync(join(files, 'x.pyc'), '');
    await library(made);
    expect(made.downloads()).toBe(1);
    appendFileSync(join(files, 'waybill_demo-2.0.dist-info/METADATA'), 'x');
    await expect(library(made, true)).rejects.toMatchObject({ code: 'TOOL_OFFLINE', message: expect.stringContaining('damaged') });
    await library(made);
    expect(made.downloads()).toBe(2);
  });

  it('TOOL_DIGEST: other bytes than the pinned ones are not kept', async () => {
    const made = await world('0'.repeat(64));
    await expect(library(made)).rejects.toMatchObject({ code: 'TOOL_DIGEST' });
    expect(existsSync(at('managed', 'demo-2.0-any'))).toBe(false);
  });

  it('TOOL_OFFLINE and TOOL_MISSING', async () => {
    await expect(library(await world(), true)).rejects.toMatchObject({ code: 'TOOL_OFFLINE' });
    await expect(library({ libraries: {}, downloads: () => 0 })).rejects.toMatchObject({ code: 'TOOL_MISSING' });
  });
});
