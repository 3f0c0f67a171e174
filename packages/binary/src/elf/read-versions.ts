import type { ElfFacts } from '../elf-facts';
import { type FileBytes, View } from '../reading/file-bytes';
import { DT } from './elf-constants';
import { ELF_LIMITS } from './elf-limits';
import { Refused } from '../reading/refused';
import type { Dynamic } from './read-dynamic';
import type { ElfHeader } from './read-header';
import type { AddressMap } from './read-segments';
import type { StringTable } from './string-table';

/** `versionNeeds` and `versionDefinitions`, and what each version index of DT_VERSYM means. */
export interface Versions {
  needs: ElfFacts['versionNeeds'];
  definitions: string[];
  byIndex: Map<number, { version: string; library?: string }>;
}

export interface ElfTables {
  bytes: FileBytes;
  header: ElfHeader;
  dynamic: Dynamic;
  map: AddressMap;
  strings: StringTable;
}

const VERSION_BASE = 1;
const VERSION_WEAK = 2;
const INDEX_MASK = 0x7fff;

export function readVersions(tables: ElfTables): Versions {
  const versions: Versions = { needs: [], definitions: [], byIndex: new Map() };
  const budget = { left: ELF_LIMITS.versions };
  readDefinitions(tables, versions, budget);
  versions.needs = readNeeds(tables, versions, budget);
  return versions;
}

function readNeeds(tables: ElfTables, versions: Versions, budget: { left: number }): ElfFacts['versionNeeds'] {
  const needs: ElfFacts['versionNeeds'][number][] = [];
  for (const entry of walk(tables, DT.verneed, DT.verneedNumber, { bytes: 16, next: 12 }, budget)) {
    const library = tables.strings.text(entry.view.u32(4), 'the name of a needed version’s file');
    const names: string[] = [];
    const weak: string[] = [];
    for (const aux of chain(tables, entry.address + entry.view.u32(8), entry.view.u16(2), { bytes: 16, next: 12 }, budget)) {
      const version = tables.strings.text(aux.view.u32(8), 'the name of a needed version');
      names.push(version);
      if (aux.view.u16(4) & VERSION_WEAK) weak.push(version);
      versions.byIndex.set(aux.view.u16(6) & INDEX_MASK, { version, library });
    }
    needs.push({ library, versions: names, ...(weak.length > 0 ? { weak } : {}) });
  }
  return needs;
}

function readDefinitions(tables: ElfTables, versions: Versions, budget: { left: number }): void {
  for (const entry of walk(tables, DT.verdef, DT.verdefNumber, { bytes: 20, next: 16 }, budget)) {
    // The first name is the version's own; those behind it are its ancestors.
    const [own] = chain(tables, entry.address + entry.view.u32(12), Math.min(entry.view.u16(6), 1), { bytes: 8, next: 4 }, budget);
    if (!own) continue;
    const version = tables.strings.text(own.view.u32(0), 'the name of a defined version');
    if (entry.view.u16(2) & VERSION_BASE) continue;
    versions.definitions.push(version);
    versions.byIndex.set(entry.view.u16(4) & INDEX_MASK, { version });
  }
}

interface Shape {
  /** Size of an entry. */
  bytes: number;
  /** Where in an entry the distance to the next one stands. */
  next: number;
}

interface VersionEntry {
  address: number;
  view: View;
}

function walk(tables: ElfTables, addressTag: number, numberTag: number, shape: Shape, budget: { left: number }): Generator<VersionEntry> {
  const address = tables.dynamic.values.get(addressTag);
  return chain(tables, address ?? 0, address === undefined ? 0 : (tables.dynamic.values.get(numberTag) ?? 0), shape, budget);
}

/** Linked entries from `address`. Distances only lead forward and the budget is finite, so the walk ends. */
function* chain(tables: ElfTables, address: number, count: number, shape: Shape, budget: { left: number }): Generator<VersionEntry> {
  let at = address;
  for (let index = 0; index < count; index += 1) {
    const offset = tables.map.offsetOf(at, shape.bytes, 'version information');
    budget.left -= 1;
    if (budget.left < 0) throw new Refused('limit', `more than ${ELF_LIMITS.versions} versions`, offset);
    const view = new View(tables.bytes.read(offset, shape.bytes, 'version information'), tables.header);
    yield { address: at, view };
    const distance = view.u32(shape.next);
    if (distance === 0 && index + 1 < count) {
      throw new Refused('bad-version-info', `version information ends after ${index + 1} of ${count} entries`, offset);
    }
    at += distance;
  }
}
