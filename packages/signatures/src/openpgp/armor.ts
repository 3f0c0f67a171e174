import { malformed } from '../reading/signature-refused';
import { betweenLines, strictBase64, wrapLines } from '../reading/strict-text';

export type ArmorKind = 'SIGNATURE' | 'PUBLIC KEY BLOCK';
const WIDTH = 64;
/** `Comment: …` */
export const ARMOR_HEADER = /^[A-Za-z]+: /;

/** CRC-24 of RFC 4880 §6.1. */
function crc24(bytes: Uint8Array): Buffer {
  let crc = 0xb704ce;
  for (const byte of bytes) {
    crc ^= byte << 16;
    for (let bit = 0; bit < 8; bit += 1) crc = crc & 0x800000 ? (crc << 1) ^ 0x1864cfb : crc << 1;
  }
  return Buffer.from([(crc >> 16) & 0xff, (crc >> 8) & 0xff, crc & 0xff]);
}

const dashes = (word: string, kind: ArmorKind): string => `-----${word} PGP ${kind}-----`;

/** The bytes in an armor. Header lines (`Version:`, `Comment:`) are allowed, a checksum may be missing but not wrong. */
export function parseArmor(text: string, kind: ArmorKind, what: string): Buffer {
  const body = betweenLines(text, dashes('BEGIN', kind), dashes('END', kind), what);
  const blank = body.startsWith('\n') ? 0 : body.search(/\n[ \t]*\n/) + 1;
  const headers = body.slice(0, blank);
  if (blank === 0 && !body.startsWith('\n')) malformed(`${what} has no empty line behind its first`);
  if (headers !== '' && !/^([A-Za-z]+: .*\n)+$/.test(headers)) malformed(`${what} has header lines that are none`);
  const lines = body
    .slice(blank)
    .split('\n')
    .map((line) => line.trimEnd())
    .filter((line) => line !== '');
  const checksum = lines.at(-1)?.startsWith('=') ? lines.pop()!.slice(1) : undefined;
  const bytes = strictBase64(lines.join(''), what);
  if (checksum !== undefined && checksum !== crc24(bytes).toString('base64')) malformed(`${what} does not fit its checksum`);
  return bytes;
}

/** Canonical armor: no header lines, 64 characters a line, checksum, LF. */
export function renderArmor(bytes: Uint8Array, kind: ArmorKind): string {
  const body = wrapLines(Buffer.from(bytes).toString('base64'), WIDTH);
  return `${dashes('BEGIN', kind)}\n\n${body}\n=${crc24(bytes).toString('base64')}\n${dashes('END', kind)}\n`;
}
