import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { skipUnless } from '@waybill/core/testing';
import { bytesAsSource } from '../byte-source';
import { sniffBinary } from '../sniff-binary';
import { canFetchFixtures, fetchFixture, filesOf } from '../testing/fixtures/fetch-fixture';
import { MACHO_FIXTURES } from '../testing/fixtures/fixture-list';
import { comparableSlice, parseObjdump } from '../testing/llvm-macho-facts';
import { readMachO } from './read-macho';
import { readMachOSymbols } from './symbols/read-symbols';

const there = spawnSync('llvm-objdump', ['--version']).status === 0;
/** Names that `llvm-nm` gives, of all slices, without the `_` of C. */
function namesByNm(path: string, which: '--defined-only' | '--undefined-only'): string[] {
  const run = spawnSync('llvm-nm', ['--arch=all', '--extern-only', '--format=just-symbols', which, path], { encoding: 'utf8', maxBuffer: 2 ** 28 });
  const lines = run.stdout.split('\n').filter((line) => line !== '' && !/^.* \(for architecture .*\):$/.test(line));
  return [...new Set(lines.map((line) => line.replace(/^_/, '')))].sort();
}

const ARGS = ['--macho', '--arch=all', '--non-verbose', '--private-headers'];

describe('readMachO against llvm-objdump', () => {
  skipUnless(there && canFetchFixtures(), 'llvm-objdump (package llvm), npm or python3 is not installed')(
    'says the same of files from npm packages and macOS wheels',
    async () => {
      let slices = 0;
      for (const fixture of MACHO_FIXTURES) {
        for (const path of filesOf(fetchFixture(fixture), () => true)) {
          const bytes = readFileSync(path);
          if (sniffBinary(bytes.subarray(0, 1_024)) !== 'mach-o') continue;
          const reading = readMachO(bytesAsSource(bytes));
          if (!reading.ok) throw new Error(`${path}: ${reading.refusal.reason} ${reading.refusal.message}`);
          const run = spawnSync('llvm-objdump', [...ARGS, path], { encoding: 'utf8', maxBuffer: 2 ** 28 });
          expect({ path, slices: reading.facts.slices.map(comparableSlice) }).toEqual({ path, slices: parseObjdump(run.stdout) });
          const symbols = reading.facts.slices.flatMap((slice) => {
            const read = readMachOSymbols(bytesAsSource(bytes), slice);
            if (!read.ok) throw new Error(`${path}: ${read.refusal.reason} ${read.refusal.message}`);
            return read.facts;
          });
          const namesBy = (defined: boolean): string[] =>
            [...new Set(symbols.filter((symbol) => symbol.defined === defined).map(({ name }) => name))].sort();
          expect({ path, undefined: namesBy(false) }).toEqual({ path, undefined: namesByNm(path, '--undefined-only') });
          expect({ path, defined: namesBy(true) }).toEqual({ path, defined: namesByNm(path, '--defined-only') });
          slices += reading.facts.slices.length;
        }
      }
      expect(slices).toBeGreaterThan(15);
    },
    300_000,
  );
});
