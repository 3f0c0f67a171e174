import { type DerElement, TAG } from './der-element';
import { DER_LIMITS } from './der-limits';

/** Dotted numbers. */
export function oidOf(element: DerElement, what: string): string {
  const bytes = element.as(TAG.objectId, what).content;
  if (bytes.length === 0 || bytes.length > DER_LIMITS.oidBytes) throw element.refused(`${what} is an object identifier of ${bytes.length} bytes`);
  if (bytes[bytes.length - 1]! & 0x80) throw element.refused(`${what} ends inside a number`);
  const arcs: bigint[] = [];
  let arc = 0n;
  for (const byte of bytes) {
    arc = arc * 128n + BigInt(byte & 0x7f);
    if (byte & 0x80) continue;
    arcs.push(arc);
    arc = 0n;
  }
  const first = arcs[0]! < 80n ? arcs[0]! / 40n : 2n;
  return [first, arcs[0]! - first * 40n, ...arcs.slice(1)].join('.');
}

export function hexOf(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('hex');
}

/** Lower-case hex of the number's bytes, without the zero byte that keeps it positive. */
export function integerHexOf(element: DerElement, what: string): string {
  const bytes = element.as(TAG.integer, what).content;
  if (bytes.length === 0) throw element.refused(`${what} has no digits`);
  return hexOf(bytes.length > 1 && bytes[0] === 0 ? bytes.subarray(1) : bytes);
}

/** A number that is small by its nature, such as a version or a path length. */
export function smallIntegerOf(element: DerElement, what: string): number {
  const bytes = element.as(TAG.integer, what).content;
  if (bytes.length === 0 || bytes.length > 4 || bytes[0]! & 0x80) throw element.refused(`${what} is no small number`);
  return bytes.reduce((value, byte) => value * 256 + byte, 0);
}

export function booleanOf(element: DerElement, what: string): boolean {
  const { content } = element.as(TAG.boolean, what);
  if (content.length !== 1) throw element.refused(`${what} is no boolean`);
  return content[0] !== 0;
}

/** Content of an octet string, its pieces joined. */
export function octetsOf(element: DerElement, what: string): Uint8Array {
  if (element.tag !== (TAG.octetString | 0x20)) return element.as(TAG.octetString, what).content;
  return Buffer.concat(element.children.map((piece) => octetsOf(piece, what)));
}

/** Bits of a bit string that fills whole bytes, as signatures and keys do. */
export function bitStringOf(element: DerElement, what: string): Uint8Array {
  const { content } = element.as(TAG.bitString, what);
  if (content.length === 0 || content[0]! > 7) throw element.refused(`${what} is no bit string`);
  return content.subarray(1);
}

const UTC = /^(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)Z$/;
const GENERALIZED = /^(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)(?:\.(\d{1,9}))?Z$/;

/** Milliseconds since 1970. UTCTime's years 50 to 99 are those of the last century (RFC 5280 §4.1.2.5.1). */
export function timeOf(element: DerElement, what: string): number {
  const text = Buffer.from(element.content).toString('latin1');
  const match = element.tag === TAG.utcTime ? UTC.exec(text) : element.as(TAG.generalizedTime, what) && GENERALIZED.exec(text);
  if (!match) throw element.refused(`${what} is no time: ${JSON.stringify(text.slice(0, 40))}`);
  const [year, month, day, hour, minute, second] = match.slice(1, 7).map(Number) as [number, number, number, number, number, number];
  const full = element.tag === TAG.utcTime ? year + (year < 50 ? 2000 : 1900) : year;
  const milliseconds = Math.floor(Number(`0.${match[7] ?? 0}`) * 1000);
  const time = Date.UTC(full, month - 1, day, hour, minute, second, milliseconds);
  const back = new Date(time);
  // Date takes 31 February for 3 March.
  if (back.getUTCMonth() !== month - 1 || back.getUTCDate() !== day || hour > 23 || minute > 59 || second > 59) {
    throw element.refused(`${what} is no time: ${JSON.stringify(text)}`);
  }
  return time;
}

const TEXT_ENCODINGS: Readonly<Record<number, 'utf8' | 'latin1' | 'utf16be'>> = {
  0x0c: 'utf8',
  0x12: 'latin1',
  0x13: 'latin1',
  0x14: 'latin1',
  0x16: 'latin1',
  0x1a: 'latin1',
  0x1e: 'utf16be',
};

/** A text of any of the string types; of an unknown one `#` and its hex, as RFC 4514 writes it. */
export function textOf(element: DerElement): string {
  const encoding = TEXT_ENCODINGS[element.tag];
  if (encoding === undefined) return `#${hexOf(element.content)}`;
  if (encoding !== 'utf16be') return Buffer.from(element.content).toString(encoding);
  const { content } = element;
  return Buffer.from(content.subarray(0, content.length - (content.length % 2)))
    .swap16()
    .toString('utf16le');
}
