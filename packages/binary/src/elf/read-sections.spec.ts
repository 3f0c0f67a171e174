import { readFileSync } from 'node:fs';
import { bytesAsSource } from '../byte-source';
import { buildElf, type BuiltElf } from '../testing/build-elf';
import { readElfSections } from './read-sections';

const namesOf = (bytes: Uint8Array) => readElfSections(bytesAsSource(bytes)).map(({ name }) => name);

it.each([
  [64, true],
  [64, false],
  [32, true],
  [32, false],
] as const)('%d bit, little endian %s', (bits, little) => {
  const built = buildElf({ bits, little });
  expect(readElfSections(bytesAsSource(built.bytes))).toMatchObject([
    { type: 0, flags: 0, offset: 0, size: 0 },
    { type: 3, flags: 0, offset: 0, size: 8 },
  ]);
});

it('names those of a real program', () => {
  expect(namesOf(readFileSync(process.execPath))).toEqual(expect.arrayContaining(['.text', '.rodata', '.dynamic', '.shstrtab']));
});

it.each<[string, (view: DataView, built: BuiltElf) => void]>([
  ['none', (view) => view.setUint16(60, 0, true)],
  ['behind the end', (view) => view.setBigUint64(40, 1n << 40n, true)],
  ['of odd entries', (view) => view.setUint16(58, 63, true)],
  ['cut off', (view) => view.setUint16(60, 3, true)],
  ['longer than any linker writes', (view) => view.setUint16(60, 0xffff, true)],
  ['with names behind the end', (view, { at }) => view.setBigUint64(at.sections + 64 + 24, 1n << 40n, true)],
])('a table that is %s has no rows', (_, damage) => {
  const built = buildElf();
  damage(new DataView(built.bytes.buffer), built);
  expect(namesOf(built.bytes)).toEqual([]);
});

it('what is no ELF file has none', () => {
  expect(namesOf(Buffer.from('hello'))).toEqual([]);
});
