import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { skipUnless } from '@waybill/core/testing';
import { bytesAsSource } from '../byte-source';
import { sniffBinary } from '../sniff-binary';
import { canFetchFixtures, fetchFixture, filesOf } from '../testing/fixtures/fetch-fixture';
import { PE_FIXTURES } from '../testing/fixtures/fixture-list';
import { comparablePe, parseReadobj } from '../testing/llvm-pe-facts';
import { readPe } from './read-pe';

const there = spawnSync('llvm-readobj', ['--version']).status === 0;
const ARGS = ['--file-headers', '--sections', '--coff-imports', '--coff-exports', '--coff-resources'];

describe('readPe against llvm-readobj', () => {
  skipUnless(there && canFetchFixtures(), 'llvm-readobj (package llvm), npm or python3 is not installed')(
    'says the same of files from npm packages and Windows wheels',
    async () => {
      let files = 0;
      let delayed = 0;
      for (const fixture of PE_FIXTURES) {
        for (const path of filesOf(fetchFixture(fixture), () => true)) {
          const bytes = readFileSync(path);
          if (sniffBinary(bytes.subarray(0, 1_024)) !== 'pe') continue;
          const reading = readPe(bytesAsSource(bytes));
          if (!reading.ok) throw new Error(`${path}: ${reading.refusal.reason} ${reading.refusal.message}`);
          const run = spawnSync('llvm-readobj', [...ARGS, path], { encoding: 'utf8', maxBuffer: 2 ** 28 });
          expect({ path, ...comparablePe(reading.facts) }).toEqual({ path, ...parseReadobj(run.stdout) });
          files += 1;
          delayed += reading.facts.delayImports.length;
        }
      }
      expect(files).toBeGreaterThan(15);
      expect(delayed).toBeGreaterThan(0);
    },
    300_000,
  );
});
