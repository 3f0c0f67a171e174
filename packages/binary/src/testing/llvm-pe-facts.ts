import type { PeFacts, PeImport } from '../pe-facts';

/** What both `llvm-readobj --file-headers --sections --coff-imports --coff-exports --coff-resources` and our reader say of a file, in one form that can be compared. */
export interface ComparablePe {
  header: string;
  sections: readonly string[];
  imports: readonly string[];
  delayImports: readonly string[];
  exportedNames: number;
  resourceTypes: readonly number[];
  certificates: string;
}

const hex = (value: number): string => value.toString(16);

export function comparablePe(facts: PeFacts): ComparablePe {
  return {
    header: [
      facts.machine,
      facts.timestamp,
      facts.characteristics,
      facts.bits,
      hex(facts.imageBase),
      hex(facts.entryPoint),
      facts.headerBytes,
      facts.dllCharacteristics,
      facts.subsystemVersion,
    ].join(' '),
    sections: facts.sections.map((section) =>
      [section.name, hex(section.memorySize), hex(section.address), section.fileSize, hex(section.offset), hex(section.characteristics)].join(' '),
    ),
    imports: facts.imports.flatMap(importLines),
    delayImports: facts.delayImports.flatMap(importLines),
    exportedNames: facts.exports?.names ?? 0,
    resourceTypes: facts.resourceTypes,
    certificates: facts.certificateTable ? `${hex(facts.certificateTable.offset)} ${hex(facts.certificateTable.size)}` : '',
  };
}

const importLines = ({ library, symbols }: PeImport): string[] =>
  symbols.map((symbol) => `${library} ${'name' in symbol ? symbol.name : `#${symbol.ordinal}`}`);

export function parseReadobj(output: string): ComparablePe {
  const field = (name: string): string => new RegExp(`^ *${name}: (.*)$`, 'm').exec(output)?.[1] ?? '';
  const inBrackets = (name: string): number => Number(/\((0x[0-9A-F]+)\)/.exec(field(name))?.[1]);
  const numbered = (text: string): string => hex(Number(text));
  const characteristics = [...output.matchAll(/^ {2}Characteristics \[ \((0x[0-9A-F]+)\)/gm)].map(([, value]) => Number(value));
  return {
    header: [
      inBrackets('Machine'),
      inBrackets('TimeDateStamp'),
      characteristics[0],
      field('Magic') === '0x20B' ? 64 : 32,
      numbered(field('ImageBase')),
      numbered(field('AddressOfEntryPoint')),
      field('SizeOfHeaders'),
      characteristics[1],
      `${field('MajorSubsystemVersion')}.${field('MinorSubsystemVersion')}`,
    ].join(' '),
    sections: blocks(output, / {2}Section \{\n([\s\S]*?)\n {2}\}/g).map(sectionOf),
    imports: blocks(output, /^Import \{\n([\s\S]*?)\n\}/gm).flatMap((block) => importsOf(block)),
    delayImports: blocks(output, /^DelayImport \{\n([\s\S]*?)\n\}/gm).flatMap((block) => importsOf(block)),
    exportedNames: blocks(output, /^Export \{\n([\s\S]*?)\n\}/gm).filter((block) => /^ {2}Name: ./m.test(block)).length,
    resourceTypes: [...output.matchAll(/^ {2}Type: .*\(ID (\d+)\) \[/gm)].map(([, value]) => Number(value)),
    certificates: `${numbered(field('CertificateTableRVA'))} ${numbered(field('CertificateTableSize'))}`,
  };
}

const blocks = (output: string, pattern: RegExp): string[] => [...output.matchAll(pattern)].map(([, block]) => block!);

function sectionOf(block: string): string {
  const field = (name: string): string => new RegExp(`^ *${name}: (.*)$`, 'm').exec(block)?.[1] ?? '';
  const raw = /\(([0-9A-F ]+)\)$/
    .exec(field('Name'))![1]!
    .split(' ')
    .map((digits) => Number.parseInt(digits, 16));
  const name = Buffer.from(raw).toString('latin1').replace(/\0+$/, '');
  const characteristics = /Characteristics \[ \((0x[0-9A-F]+)\)/.exec(block)![1]!;
  return [
    name,
    hex(Number(field('VirtualSize'))),
    hex(Number(field('VirtualAddress'))),
    field('RawDataSize'),
    hex(Number(field('PointerToRawData'))),
    hex(Number(characteristics)),
  ].join(' ');
}

function importsOf(block: string): string[] {
  const library = /^ *Name: (.*)$/m.exec(block)?.[1] ?? '';
  // Delayed ones stand in a list of their own, one block each.
  return [...block.matchAll(/^ *Symbol: (.*?) ?\((\d+)\)$/gm)].map(([, name, number]) => `${library} ${name === '' ? `#${number}` : name}`);
}
