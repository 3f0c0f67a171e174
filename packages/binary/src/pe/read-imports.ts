import type { PeFacts, PeImport } from '../pe-facts';
import type { View } from '../reading/file-bytes';
import { Refused } from '../reading/refused';
import type { ImageBytes } from './image-bytes';
import { DIRECTORY } from './pe-constants';
import { PE_LIMITS } from './pe-limits';

interface Descriptor {
  name: number;
  /** Lookup table: names and ordinals, untouched by binding. */
  lookup: number;
}

const DESCRIPTOR_BYTES = 20;
const DELAY_BYTES = 32;
/** Otherwise the fields are addresses with the image base, as Visual C++ 6 wrote them. */
const DELAY_RELATIVE = 1;

/** Both tables share one budget of symbols: lists may overlap, so that a small file could name millions. */
export function readImports(image: ImageBytes): Pick<PeFacts, 'imports' | 'delayImports'> {
  const budget = { left: PE_LIMITS.symbols };
  return {
    imports: readTable(image, DIRECTORY.imports, DESCRIPTOR_BYTES, budget, readDescriptor),
    delayImports: readTable(image, DIRECTORY.delayImports, DELAY_BYTES, budget, readDelayDescriptor),
  };
}

/** The end is an entry without name; the directory's size is not looked at, as the loader does not. */
function readTable(
  image: ImageBytes,
  directory: number,
  entryBytes: number,
  budget: { left: number },
  read: (view: View, image: ImageBytes) => Descriptor | undefined,
): PeImport[] {
  const address = image.header.directories[directory]?.address ?? 0;
  const imports: PeImport[] = [];
  if (address === 0) return imports;
  for (let index = 0; ; index += 1) {
    const descriptor = read(image.smallView(address + index * entryBytes, entryBytes, 'the import table', 'bad-import'), image);
    if (!descriptor) return imports;
    if (index === PE_LIMITS.libraries)
      throw new Refused('limit', `more than ${PE_LIMITS.libraries} imported libraries`, image.header.directoriesOffset);
    const library = image.text(descriptor.name, 'the name of an imported library', 'bad-import');
    imports.push({ library, symbols: readSymbols(image, descriptor.lookup, budget) });
  }
}

function readDescriptor(view: View): Descriptor | undefined {
  const [lookup, name, bound] = [view.u32(0), view.u32(12), view.u32(16)];
  return name === 0 || bound === 0 ? undefined : { name, lookup: lookup === 0 ? bound : lookup };
}

function readDelayDescriptor(view: View, { header }: ImageBytes): Descriptor | undefined {
  const base = view.u32(0) & DELAY_RELATIVE ? 0 : header.imageBase;
  const name = view.u32(4);
  return name === 0 ? undefined : { name: name - base, lookup: view.u32(16) - base };
}

function readSymbols(image: ImageBytes, lookup: number, budget: { left: number }): PeImport['symbols'] {
  const wide = image.header.bits === 64;
  const symbols: PeImport['symbols'][number][] = [];
  for (let at = lookup; ; at += wide ? 8 : 4) {
    const view = image.smallView(at, wide ? 8 : 4, 'the list of imported symbols', 'bad-import');
    const [low, high] = [view.u32(0), wide ? view.u32(4) : view.u32(0)];
    if (low === 0 && high === 0) return symbols;
    budget.left -= 1;
    if (budget.left < 0) throw new Refused('limit', `more than ${PE_LIMITS.symbols} imported symbols`, image.header.directoriesOffset);
    if (high >>> 31 === 1) symbols.push({ ordinal: low & 0xffff });
    else symbols.push({ name: image.text((low & 0x7fffffff) + 2, 'the name of an imported symbol', 'bad-import') });
  }
}
