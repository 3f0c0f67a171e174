import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { temporaryFolder } from '../../testing';
import { WaybillError } from '../../errors/waybill-error';
import type { ArchiveFormat } from '../archive-entry';
import { craftTar, craftZip } from '../testing/craft-archives';
import { fileEntry, text } from '../testing/sample-entries';
import { writeArchive } from '../writing/write-archive';
import { extractArchive } from './extract-archive';

const folder = temporaryFolder();
const ROUNDS = process.env['WAYBILL_TEST_FULL'] === '1' ? 5_000 : 150;
const LIMITS = { maxTotalBytes: 8 * 1024 * 1024, maxEntryBytes: 4 * 1024 * 1024, maxEntries: 1000 };

/** xorshift32: the same mutations in every run. */
function random(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) % below;
  };
}

/** Flips, overwrites, cuts, doubles or moves a few bytes; in a tar often within a header. */
function mutate(bytes: Buffer, below: (limit: number) => number): Buffer {
  let copy = Buffer.from(bytes);
  for (let times = 1 + below(4); times > 0; times -= 1) {
    const at = below(3) === 0 ? below(copy.length) : Math.min(copy.length - 1, below(Math.ceil(copy.length / 512)) * 512 + below(400));
    const kind = below(7);
    if (kind < 3) copy[at]! ^= 1 << below(8);
    else if (kind === 3) copy[at] = below(256);
    else if (kind === 4) copy.fill(below(2) * 255, at, Math.min(copy.length, at + below(12)));
    else if (kind === 5) copy = Buffer.concat([copy.subarray(0, at), copy.subarray(Math.max(0, at - 600))]);
    else copy = copy.subarray(0, Math.max(1, at));
  }
  return copy;
}

/** A tar whose header sums are right again, so that mutations get past them. */
function mendSums(tar: Buffer): Buffer {
  for (let at = 0; at + 512 <= tar.length; at += 512) {
    if (tar.toString('latin1', at + 257, at + 262) !== 'ustar') continue;
    tar.fill(0x20, at + 148, at + 156);
    const sum = tar.subarray(at, at + 512).reduce((total, byte) => total + byte, 0);
    tar.write(`${sum.toString(8).padStart(6, '0')}\0`, at + 148, 'latin1');
  }
  return tar;
}

const entries = [
  { path: 'dir/', type: '5', mode: 0o755 },
  { path: 'dir/file', content: text(3000) },
  { path: 'x', type: 'x', content: '30 path=dir/a-rather-long-na\n' },
  { path: 'short', content: 'short' },
  { path: 'link', type: '2', linkTarget: 'dir/file' },
  { path: 'hard', type: '1', linkTarget: 'dir/file' },
  { path: '././@LongLink', type: 'L', content: `${'n'.repeat(130)}\0` },
  { path: 'cut', content: 'long' },
];
const zipped = craftZip([
  { path: 'd/' },
  { path: 'd/f', content: text(3000) },
  { path: 'l', unixMode: 0o120777, content: 'd/f' },
  { path: 's', content: 'x', streamed: true },
]);

async function written(format: ArchiveFormat): Promise<Buffer> {
  const output = join(folder.path, 'seed');
  await writeArchive({ format, entries: [fileEntry('a', text(5000)), fileEntry('b', 'b')], output, mtimeSeconds: 0 });
  const bytes = readFileSync(output);
  rmSync(output);
  return bytes;
}

type Seed = [name: string, bytes: () => Promise<Buffer> | Buffer, mend: (bytes: Buffer) => Buffer];

const SEEDS: readonly Seed[] = [
  ['tar', () => craftTar(entries), (bytes) => bytes],
  ['tar with right sums', () => craftTar(entries), mendSums],
  ['tar.gz around a mutated tar', () => craftTar(entries), (bytes) => gzipSync(mendSums(bytes))],
  ['tar.gz', () => gzipSync(craftTar(entries)), (bytes) => bytes],
  ['tar.zst', () => written('tar.zst'), (bytes) => bytes],
  ['zip', () => zipped, (bytes) => bytes],
];

describe.each(SEEDS)('mutations of a %s', (name, seed, mend) => {
  it(
    'are unpacked, or refused with a code and nothing left; nothing is written elsewhere',
    async () => {
      const below = random(Buffer.byteLength(name) * 7919);
      const bytes = await seed();
      let unpacked = 0;
      const codes = new Set<string>();
      for (let round = 0; round < ROUNDS; round += 1) {
        const place = mkdtempSync(join(folder.path, 'round-'));
        const archive = join(place, 'archive');
        const destination = join(place, 'out');
        mkdirSync(destination);
        writeFileSync(archive, mend(mutate(bytes, below)));
        const error = await extractArchive({ archive, destination, limits: LIMITS }).then(
          () => undefined,
          (reason: unknown) => reason,
        );
        if (error === undefined) unpacked += 1;
        else {
          if (!(error instanceof WaybillError)) throw error;
          codes.add(error.code);
          expect(readdirSync(destination)).toEqual([]);
        }
        expect(readdirSync(place).sort()).toEqual(['archive', 'out']);
        expect(readdirSync(folder.path)).toEqual([place.slice(folder.path.length + 1)]);
        rmSync(place, { recursive: true, force: true });
      }
      expect(unpacked).toBeLessThan(ROUNDS);
      expect([...codes].every((code) => /^(ARCHIVE|FILE)_/.test(code))).toBe(true);
    },
    ROUNDS * 200,
  );
});
