import { bytesAsSource } from '../../byte-source';
import type { MachOSymbol } from '../../macho-facts';
import type { Reading } from '../../binary-refusal';
import { buildMachO, buildUniversal, type MachORecipe } from '../../testing/build-macho';
import { readMachO } from '../read-macho';
import { readMachOSymbols } from './read-symbols';

const SYMBOLS: MachORecipe['symbols'] = [
  ['_PyInit__x', 0x0f],
  ['_PyList_New', 0x01],
  ['_Py_maybe', 0x01, 0x40],
  ['_local', 0x0e],
  ['/src/x.c', 0x64],
  ['_own_weak', 0x0f, 0x80],
  ['dyld_stub_binder', 0x01],
];

function symbolsOf(bytes: Uint8Array, slice = 0): Reading<readonly MachOSymbol[]> {
  const source = bytesAsSource(bytes);
  const reading = readMachO(source);
  if (!reading.ok) throw new Error(reading.refusal.message);
  return readMachOSymbols(source, reading.facts.slices[slice]!);
}

/** Changes one number of LC_SYMTAB: place of the table, count, place and size of the names. */
function damaged(word: 'offset' | 'count' | 'stringsOffset' | 'stringsSize', value: number): Reading<readonly MachOSymbol[]> {
  const built = buildMachO({ symbols: SYMBOLS });
  const at = built.commandAt(0x2) + 8 + 4 * ['offset', 'count', 'stringsOffset', 'stringsSize'].indexOf(word);
  new DataView(built.bytes.buffer).setUint32(at, value, true);
  return symbolsOf(built.bytes);
}

const EXPECTED = [
  { name: 'PyInit__x', defined: true, weak: false },
  { name: 'PyList_New', defined: false, weak: false },
  { name: 'Py_maybe', defined: false, weak: true },
  { name: 'own_weak', defined: true, weak: true },
  { name: 'dyld_stub_binder', defined: false, weak: false },
];

describe('readMachOSymbols', () => {
  it.each([
    [64, true],
    [64, false],
    [32, true],
    [32, false],
  ] as const)('reads what others see and what others must have, of a %i-bit file, little endian: %s', (bits, little) => {
    expect(symbolsOf(buildMachO({ bits, little, symbols: SYMBOLS }).bytes)).toEqual({ ok: true, facts: EXPECTED });
  });

  it('reads the slice of a universal file', () => {
    const cpu = { cpuType: 0x01000007, cpuSubtype: 3 };
    const slices = [
      { bytes: buildMachO({ ...cpu, symbols: [['_a', 1]] }).bytes, ...cpu },
      { bytes: buildMachO({ symbols: SYMBOLS }).bytes, cpuType: 0x0100000c },
    ];
    expect(symbolsOf(buildUniversal(slices), 1)).toEqual({ ok: true, facts: EXPECTED });
  });

  it('finds none where there is no table', () => {
    expect(symbolsOf(buildMachO().bytes)).toEqual({ ok: true, facts: [] });
  });

  it.each([
    ['a table behind the end', 'offset', 0x7fff0000, 'truncated'],
    ['more symbols than any file has', 'count', 0xffffffff, 'limit'],
    ['more symbols than bytes', 'count', 100_000, 'truncated'],
    ['names behind the end', 'stringsOffset', 0x7fff0000, 'truncated'],
    ['more names than any file has', 'stringsSize', 0xffffffff, 'limit'],
    ['a name behind the names', 'stringsSize', 4, 'bad-string'],
  ] as const)('refuses %s', (_, word, value, reason) => {
    expect(damaged(word, value)).toMatchObject({ ok: false, refusal: { reason } });
  });
});
