import { SignatureRefused, malformed } from './signature-refused';

/** No signature or key of the formats here comes near it (RSA with 16,384 bits: 6 KiB; an OpenPGP key with a photo is refused). */
export const LARGEST_BYTES = 64 * 1024;

/** ASCII text of a signature or key. */
export function asciiText(bytes: Uint8Array, what: string): string {
  if (bytes.length > LARGEST_BYTES) throw new SignatureRefused('too-large', `${what} has more than ${LARGEST_BYTES} bytes`);
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('latin1');
  if (/[^\t\n\r\x20-\x7e]/.test(text)) malformed(`${what} holds bytes that are no plain text`);
  return text;
}

/** ASCII text but for comments: a line that begins as `commented` may hold any letters behind that, in UTF-8. No control characters, no marks that turn the direction of text. */
export function commentedText(bytes: Uint8Array, what: string, commented: RegExp): string {
  if (bytes.every((byte) => byte < 0x80)) return asciiText(bytes, what);
  if (bytes.length > LARGEST_BYTES) throw new SignatureRefused('too-large', `${what} has more than ${LARGEST_BYTES} bytes`);
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('utf8');
  if (!Buffer.from(text).equals(bytes)) malformed(`${what} holds bytes that are no UTF-8`);
  const strange = text.split('\n').some((line) => FORBIDDEN.test(line) || (!/^[\t\r -~]*$/.test(line) && !commented.test(line)));
  return strange ? malformed(`${what} holds bytes that are no plain text`) : text;
}

/** Controls of ASCII and Latin-1, line ends of Unicode, direction marks, a byte order mark. */
const FORBIDDEN = /[^\P{Cc}\t\n\r]|[\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff]/u;

/** Standard base64 with padding, in its one form. */
export function strictBase64(text: string, what: string): Buffer {
  const bytes = Buffer.from(text, 'base64');
  if (text === '' || bytes.toString('base64') !== text) malformed(`${what} is no base64`);
  return bytes;
}

export function wrapLines(text: string, width: number): string {
  return text.replace(new RegExp(`(.{${width}})(?=.)`, 'g'), '$1\n');
}

/** What stands between two lines, the rest of the text being empty. */
export function betweenLines(text: string, first: string, last: string, what: string): string {
  const trimmed = text.replaceAll('\r\n', '\n').trim();
  if (!trimmed.startsWith(`${first}\n`) || !trimmed.endsWith(`\n${last}`))
    malformed(`${what} does not begin with \`${first}\` and end with \`${last}\``);
  const body = trimmed.slice(first.length + 1, -last.length - 1);
  if (body.includes('-----')) malformed(`${what} holds more than one block`);
  return body;
}
