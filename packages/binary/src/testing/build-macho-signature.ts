import { createHash } from 'node:crypto';
import { buildMachO, type BuiltMachO, type MachORecipe } from './build-macho';
import { ByteWriter } from './byte-writer';

export interface SignatureRecipe {
  identifier?: string;
  team?: string;
  flags?: number;
  /** Types of digests; one code directory each, the first in slot 0. 1 SHA-1, 2 SHA-256, 3 SHA-256 cut to 20 bytes, 4 SHA-384. */
  hashTypes?: readonly number[];
  version?: number;
  /** Power of two; 0: one page. */
  pagePower?: number;
  entitlements?: string;
  entitlementsDer?: Uint8Array;
  requirements?: Uint8Array;
  /** Bytes of the bundle's files. */
  infoPlist?: Uint8Array;
  codeResources?: Uint8Array;
  /** Bytes before the signature that the pages leave out. */
  uncovered?: number;
  /** Makes the CMS bytes from the code directories; left out: no such part. */
  cms?: (directories: readonly Uint8Array[]) => Uint8Array;
  /** Further parts: slot and whole blob. */
  blobs?: readonly (readonly [number, Uint8Array])[];
}

const HASHES: Readonly<Record<number, readonly [string, number]>> = { 1: ['sha1', 20], 2: ['sha256', 32], 3: ['sha256', 20], 4: ['sha384', 48] };
const BIG_ENDIAN = { bits: 32, little: false } as const;
export const AD_HOC = 0x2;

export const blob = (magic: number, content: Uint8Array): Uint8Array =>
  new ByteWriter(BIG_ENDIAN)
    .u32(magic, 8 + content.length)
    .raw(content)
    .bytes();

/** A requirement set without requirements. */
export const NO_REQUIREMENTS = blob(0xfade0c01, Uint8Array.from([0, 0, 0, 0]));

export interface SignedMachO extends BuiltMachO {
  /** The SuperBlob alone. */
  signature: Uint8Array;
  directories: readonly Uint8Array[];
}

/** A Mach-O file with a signature over its pages. */
export function buildSignedMachO(file: MachORecipe = {}, recipe: SignatureRecipe = {}): SignedMachO {
  const signatureBytes = file.signatureBytes ?? 32_768;
  const built = buildMachO({ ...file, signatureBytes });
  const code = built.bytes.subarray(0, built.signatureAt - (recipe.uncovered ?? 0));
  const { signature, directories } = signatureOver(code, recipe, specialParts(recipe));
  if (signature.length > signatureBytes) throw new Error(`a signature of ${signature.length} bytes, ${signatureBytes} are kept`);
  built.bytes.set(signature, built.signatureAt);
  return { ...built, signature, directories };
}

const TRAILER_BYTES = 512;
/** In the trailer of a disk image: where its signature lies, and how long it is. */
const SIGNATURE_PLACE = { offset: 0x128, size: 0x130 } as const;

/** The same over a disk image, which ends with its trailer: the signature stands before that, and covers it too. */
export function signDiskImage(image: Uint8Array, recipe: SignatureRecipe = {}): Buffer {
  const content = image.subarray(0, image.length - TRAILER_BYTES);
  const trailer = Buffer.from(image.subarray(content.length));
  trailer.writeBigUInt64BE(BigInt(content.length), SIGNATURE_PLACE.offset);
  const { signature } = signatureOver(content, recipe, new Map([[DISK_IMAGE_SLOT, Buffer.from(trailer)]]));
  trailer.writeBigUInt64BE(BigInt(signature.length), SIGNATURE_PLACE.size);
  return Buffer.concat([content, signature, trailer]);
}

/** Info.plist, CodeResources, trailer of a disk image: they lie in files of their own, or elsewhere in this one. */
const DISK_IMAGE_SLOT = 6;
const OUTSIDE: readonly number[] = [1, 3, DISK_IMAGE_SLOT];

function signatureOver(
  code: Uint8Array,
  recipe: SignatureRecipe,
  parts: ReadonlyMap<number, Uint8Array>,
): Pick<SignedMachO, 'signature' | 'directories'> {
  const directories = (recipe.hashTypes ?? [2]).map((type) => buildCodeDirectory(code, recipe, parts, type));
  const cms = recipe.cms?.(directories);
  const blobs: (readonly [number, Uint8Array])[] = [
    ...directories.map((directory, index) => [index === 0 ? 0 : 0xfff + index, directory] as const),
    ...[...parts].filter(([slot]) => !OUTSIDE.includes(slot)),
    ...(cms ? [[0x10000, blob(0xfade0b01, cms)] as const] : []),
    ...(recipe.blobs ?? []),
  ];
  return { signature: superBlob(blobs), directories };
}

/** What special slots cover. */
function specialParts(recipe: SignatureRecipe): Map<number, Uint8Array> {
  const parts = new Map<number, Uint8Array>();
  if (recipe.infoPlist) parts.set(1, recipe.infoPlist);
  parts.set(2, recipe.requirements ?? NO_REQUIREMENTS);
  if (recipe.codeResources) parts.set(3, recipe.codeResources);
  if (recipe.entitlements !== undefined) parts.set(5, blob(0xfade7171, Buffer.from(recipe.entitlements)));
  if (recipe.entitlementsDer) parts.set(7, blob(0xfade7172, recipe.entitlementsDer));
  return parts;
}

function buildCodeDirectory(code: Uint8Array, recipe: SignatureRecipe, parts: ReadonlyMap<number, Uint8Array>, hashType: number): Uint8Array {
  const [algorithm, width] = HASHES[hashType]!;
  const digest = (bytes: Uint8Array): Uint8Array => createHash(algorithm).update(bytes).digest().subarray(0, width);
  const power = recipe.pagePower ?? 12;
  const pageBytes = power === 0 ? Math.max(code.length, 1) : 2 ** power;
  const pages: Uint8Array[] = [];
  for (let at = 0; at < code.length; at += pageBytes) pages.push(digest(code.subarray(at, at + pageBytes)));
  const special = Math.max(0, ...parts.keys());
  const slots = Array.from({ length: special }, (_, index) => {
    const part = parts.get(special - index);
    return part ? digest(part) : new Uint8Array(width);
  });
  const version = recipe.version ?? 0x20500;
  const fixedBytes =
    version >= 0x20500 ? 96 : version >= 0x20400 ? 88 : version >= 0x20300 ? 64 : version >= 0x20200 ? 52 : version >= 0x20100 ? 48 : 44;
  const names = Buffer.from(`${recipe.identifier ?? 'org.example.test'}\0${recipe.team === undefined ? '' : `${recipe.team}\0`}`);
  const hashOffset = fixedBytes + names.length + special * width;
  const teamOffset = recipe.team === undefined ? 0 : fixedBytes + names.indexOf(0) + 1;
  const writer = new ByteWriter(BIG_ENDIAN)
    .u32(version, recipe.flags ?? AD_HOC, hashOffset, fixedBytes, special, pages.length, code.length)
    .raw([width, hashType, 0, power])
    .u32(0, 0, teamOffset, 0)
    .number(0, 8)
    .number(0, 8)
    .number(4_096, 8)
    .number(1, 8)
    .u32(0xe0200, 0);
  const fixed = writer.bytes().subarray(0, fixedBytes - 8);
  return blob(0xfade0c02, Buffer.concat([fixed, names, ...slots, ...pages]));
}

export function superBlob(blobs: readonly (readonly [number, Uint8Array])[]): Uint8Array {
  const tableEnd = 12 + blobs.length * 8;
  const size = tableEnd + blobs.reduce((sum, [, bytes]) => sum + bytes.length, 0);
  const writer = new ByteWriter(BIG_ENDIAN).u32(0xfade0cc0, size, blobs.length);
  let at = tableEnd;
  for (const [slot, bytes] of blobs) {
    writer.u32(slot, at);
    at += bytes.length;
  }
  for (const [, bytes] of blobs) writer.raw(bytes);
  return writer.bytes();
}
