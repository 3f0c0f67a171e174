import { spawnSync } from 'node:child_process';
import { closeSync, openSync, readdirSync, readSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { skipUnless, temporaryFolder } from '@waybill/core/testing';
import type { ByteSource } from '../byte-source';
import type { ElfFacts } from '../elf-facts';
import { buildElf } from '../testing/build-elf';
import { comparableFacts, parseReadelf, splitReadelf } from '../testing/readelf-facts';
import { readElf } from './read-elf';

const FULL = process.env['WAYBILL_TEST_FULL'] === '1';
const ROOTS = FULL ? ['/'] : ['/usr/bin', '/usr/lib', '/usr/libexec'];
const DEEPEST = FULL ? 40 : 3;
const SAMPLE = 150;
const FILES_PER_RUN = 50;
/** Shorter files that begin like ELF are stand-ins of other software's tests. */
const HEADER_BYTES = 64;
/** e_machine of all that have a name here. */
const MACHINES = [2, 3, 4, 8, 15, 18, 20, 21, 22, 40, 42, 43, 50, 62, 183, 243, 247, 258, 0x9026];
/** No files of their own, or files that other tests damage and remove meanwhile. */
const LEFT_OUT = new Set(['/proc', '/sys', '/dev', '/run', '/tmp']);

function findElfFiles(folder: string, depth: number, found: string[]): void {
  if (depth > DEEPEST || LEFT_OUT.has(folder)) return;
  for (const entry of readdirSync(folder, { withFileTypes: true }).sort((a, b) => (a.name < b.name ? -1 : 1))) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) findElfFiles(path, depth + 1, found);
    else if (entry.isFile() && isElf(path)) found.push(path);
  }
}

function isElf(path: string): boolean {
  const head = Buffer.alloc(HEADER_BYTES);
  return withFile(path, (file) => readSync(file, head, 0, HEADER_BYTES, 0) === HEADER_BYTES && head.readUInt32BE(0) === 0x7f454c46);
}

function withFile<T>(path: string, work: (file: number) => T): T {
  const file = openSync(path, 'r');
  try {
    return work(file);
  } finally {
    closeSync(file);
  }
}

function read(path: string): ReturnType<typeof readElf> {
  return withFile(path, (file) => {
    const source: ByteSource = {
      size: statSync(path).size,
      read: (offset, length) => {
        const bytes = Buffer.alloc(length);
        return bytes.subarray(0, readSync(file, bytes, 0, length, offset));
      },
    };
    return readElf(source);
  });
}

function sample(): string[] {
  const found: string[] = [];
  for (const root of ROOTS) findElfFiles(root, 0, found);
  const usable = found.filter((path) => !path.includes('\n'));
  const step = FULL ? 1 : Math.max(1, Math.floor(usable.length / SAMPLE));
  return usable.filter((_path, index) => index % step === 0);
}

describe('readElf against readelf', () => {
  const folder = temporaryFolder();
  const there = spawnSync('readelf', ['--version']).status === 0;
  skipUnless(there, 'readelf (package binutils) is not installed')(
    'says the same of the files of this machine',
    async () => {
      const files = sample();
      const differences: string[] = [];
      const refused: string[] = [];
      for (let start = 0; start < files.length; start += FILES_PER_RUN) {
        const part = files.slice(start, start + FILES_PER_RUN);
        const run = spawnSync('readelf', ['-W', '-h', '-l', '-d', '-V', '--dyn-syms', '-n', ...part, '/dev/null'], {
          maxBuffer: 2 ** 30,
          encoding: 'utf8',
          env: { LC_ALL: 'C.UTF-8', PATH: process.env['PATH'] },
        });
        const blocks = splitReadelf(run.stdout);
        for (const path of part) {
          const reading = read(path);
          if (!reading.ok) refused.push(`${path}: ${reading.refusal.reason} ${reading.refusal.message}`);
          else differences.push(...differencesOf(path, comparableFacts(reading.facts), parseReadelf(blocks.get(path) ?? '')));
        }
      }
      expect(files.length).toBeGreaterThan(50);
      expect({ differences: differences.slice(0, 20), refused: refused.slice(0, 20) }).toEqual({ differences: [], refused: [] });
    },
    1_200_000,
  );

  skipUnless(there, 'readelf (package binutils) is not installed')('calls machines alike that this one has no files of', async () => {
    const paths = MACHINES.map((machine) => {
      const path = join(folder.path, String(machine));
      writeFileSync(path, buildElf({ machine }).bytes);
      return path;
    });
    const run = spawnSync('readelf', ['-W', '-h', ...paths], { encoding: 'utf8', env: { LC_ALL: 'C.UTF-8', PATH: process.env['PATH'] } });
    const blocks = splitReadelf(run.stdout);
    const ours = paths.map((path) => (read(path) as { facts: ElfFacts }).facts);
    expect(ours.map((facts) => comparableFacts(facts).header)).toEqual(paths.map((path) => parseReadelf(blocks.get(path) ?? '').header));
  });
});

function differencesOf(path: string, ours: object, theirs: object): string[] {
  return Object.entries(ours).flatMap(([key, value]) => {
    const other = (theirs as Record<string, unknown>)[key];
    if (other === undefined || JSON.stringify(value) === JSON.stringify(other)) return [];
    return [`${path}: ${key}: ours ${JSON.stringify(firstDifference(value, other))}, readelf ${JSON.stringify(firstDifference(other, value))}`];
  });
}

function firstDifference(value: unknown, other: unknown): unknown {
  if (!Array.isArray(value) || !Array.isArray(other)) return value;
  return { length: value.length, first: value.find((entry, index) => entry !== other[index]) };
}
