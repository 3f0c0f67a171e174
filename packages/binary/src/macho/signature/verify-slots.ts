import { createHash } from 'node:crypto';
import type { ByteSource } from '../../byte-source';
import type { CodeDirectory } from './macho-signature-facts';
import type { SignedRange, SlotState, VerifyMachORequest } from './macho-verification';
import type { SignatureProblem } from '../../signature-problem';
import type { ParsedSignature } from './read-signature';
import { HASH_OF_TYPE, LAST_SPECIAL_SLOT, SLOT, SLOT_NAMES } from './signature-constants';

/** Bytes of an Info.plist inside the file. Real ones have 1 to 8 KiB. */
const MOST_PLIST_BYTES = 1024 * 1024;

/** What each special slot should cover: a part of the signature, or a file of the bundle. */
export function coveredBytes(source: ByteSource, slice: SignedRange, parsed: ParsedSignature, request: VerifyMachORequest): Map<number, Uint8Array> {
  const covered = new Map<number, Uint8Array>();
  for (const blob of parsed.facts.blobs) if (blob.slot >= 1 && blob.slot <= LAST_SPECIAL_SLOT) covered.set(blob.slot, parsed.bytesOf(blob));
  const infoPlist = request.infoPlist ?? embeddedPlist(source, slice);
  if (infoPlist) covered.set(SLOT.infoPlist, infoPlist);
  if (request.codeResources) covered.set(SLOT.resources, request.codeResources);
  return covered;
}

/** Executables outside of a bundle carry their Info.plist in a section, and slot 1 covers that. */
function embeddedPlist(source: ByteSource, slice: SignedRange): Uint8Array | undefined {
  const text = slice.segments.find(({ name }) => name === '__TEXT');
  const section = text?.sections.find(({ name, size }) => name === '__info_plist' && size <= MOST_PLIST_BYTES);
  return section && source.read(slice.offset + section.offset, section.size);
}

export function verifySlots(directory: CodeDirectory, covered: ReadonlyMap<number, Uint8Array>): SlotState[] {
  const numbers = [...new Set([...covered.keys(), ...directory.specialSlots.keys()])].sort((a, b) => a - b);
  return numbers.map((slot) => ({ slot, name: SLOT_NAMES[slot] ?? `slot ${slot}`, state: stateOf(directory, slot, covered.get(slot)) }));
}

function stateOf(directory: CodeDirectory, slot: number, bytes: Uint8Array | undefined): SlotState['state'] {
  const expected = directory.specialSlots.get(slot);
  if (expected === undefined) return 'unbound';
  if (!bytes) return slot === SLOT.infoPlist || slot === SLOT.resources ? 'not-given' : 'missing';
  const hash = HASH_OF_TYPE[directory.hashType];
  return createHash(hash.node)
    .update(bytes)
    .digest('hex')
    .slice(0, hash.bytes * 2) === expected
    ? 'matches'
    : 'differs';
}

const PROBLEMS: Readonly<Record<SlotState['state'], ((name: string) => SignatureProblem) | undefined>> = {
  matches: undefined,
  'not-given': undefined,
  differs: (name) => ({ code: 'slot-hash', message: `${name}: other bytes than those that are signed` }),
  unbound: (name) => ({ code: 'slot-unbound', message: `${name}: not covered by the signature` }),
  missing: (name) => ({ code: 'slot-missing', message: `${name}: signed, but not there` }),
};

export function slotProblems(slots: readonly SlotState[]): SignatureProblem[] {
  return slots.flatMap(({ name, state }) => PROBLEMS[state]?.(name) ?? []);
}
