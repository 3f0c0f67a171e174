import { appendFileSync, readFileSync } from 'node:fs';
import { open, type FileHandle } from 'node:fs/promises';
import { join } from 'node:path';
import { temporaryFolder } from '@waybill/core/testing';
import { ledgerFiles } from './ledger-files';

const folder = temporaryFolder();
const KEY = { project: '@team/app', version: '1.0+cu118', destination: 's3' };
const place = (): string => join(folder.path, ledgerFiles(folder.path).placeOf(KEY));

afterEach(() => jest.restoreAllMocks());

/** What stood in the ledger each time that a file was flushed to the disk. */
async function watchFlushes(): Promise<string[]> {
  const handle = await open(join(folder.path, 'any'), 'w');
  const prototype = Object.getPrototypeOf(handle) as FileHandle;
  await handle.close();
  const flushed: string[] = [];
  const { sync } = prototype;
  jest.spyOn(prototype, 'sync').mockImplementation(async function flush(this: FileHandle) {
    await sync.call(this);
    flushed.push(readFileSync(place(), 'utf8'));
  });
  return flushed;
}

it('flushes each record to the disk before the next step is made', async () => {
  const ledger = await ledgerFiles(folder.path).open(KEY);
  const flushed = await watchFlushes();
  for (const line of ['{"record":"header"}', '{"record":"intent"}', '{"record":"done"}']) {
    await ledger.append(line);
    expect(flushed.at(-1)).toBe(readFileSync(place(), 'utf8'));
    expect(flushed.at(-1)!.endsWith(`${line}\n`)).toBe(true);
  }
  expect(flushed).toHaveLength(3);
});

it('cuts a torn last line off before it adds one, keeps what it sets aside, and knows versions by their spelling', async () => {
  const ledgers = ledgerFiles(folder.path);
  expect(await ledgers.read(KEY)).toBeUndefined();
  await (await ledgers.open(KEY)).append('{"record":"header"}');
  appendFileSync(place(), '{"record":"do');
  const again = await ledgers.open(KEY);
  expect(again.text).toBe('{"record":"header"}\n');
  await again.append('{"record":"plan"}');
  expect(await ledgers.read(KEY)).toBe('{"record":"header"}\n{"record":"plan"}\n');
  expect(await ledgers.versions(KEY.project)).toEqual(['1.0+cu118']);
  await ledgers.setAside(KEY);
  await (await ledgers.open(KEY)).append('{"record":"header"}');
  await ledgers.setAside(KEY);
  expect([1, 2].map((number) => readFileSync(`${place()}.${number}`, 'utf8').split('\n').length - 1)).toEqual([2, 1]);
});
