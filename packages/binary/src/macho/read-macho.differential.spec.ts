import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { skipUnless } from '@waybill/core/testing';
import { bytesAsSource } from '../byte-source';
import { sniffBinary } from '../sniff-binary';
import { canFetchFixtures, fetchFixture, filesOf } from '../testing/fixtures/fetch-fixture';
import { MACHO_FIXTURES } from '../testing/fixtures/fixture-list';
import { comparableSlice, parseObjdump } from '../testing/llvm-macho-facts';
import { readMachO } from './read-macho';

const there = spawnSync('llvm-objdump', ['--version']).status === 0;
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
          slices += reading.facts.slices.length;
        }
      }
      expect(slices).toBeGreaterThan(15);
    },
    300_000,
  );
});
