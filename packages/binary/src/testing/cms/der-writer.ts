/** Encoders of DER, for structures that tests make and damage. */
export type Der = Uint8Array;

export function element(tag: number, ...contents: readonly Uint8Array[]): Der {
  const content = Buffer.concat(contents);
  return Buffer.concat([Uint8Array.from([tag]), lengthOf(content.length), content]);
}

function lengthOf(length: number): Uint8Array {
  if (length < 0x80) return Uint8Array.from([length]);
  const digits: number[] = [];
  for (let rest = length; rest > 0; rest = Math.floor(rest / 256)) digits.unshift(rest % 256);
  return Uint8Array.from([0x80 + digits.length, ...digits]);
}

/** BER: a constructed element whose end is marked. */
export const indefinite = (tag: number, ...contents: readonly Uint8Array[]): Der =>
  Buffer.concat([Uint8Array.from([tag | 0x20, 0x80]), ...contents, Uint8Array.from([0, 0])]);

export const sequence = (...contents: readonly Uint8Array[]): Der => element(0x30, ...contents);
/** DER sorts the elements of a SET. */
export const set = (...contents: readonly Uint8Array[]): Der => element(0x31, ...[...contents].sort(Buffer.compare));
export const octets = (bytes: Uint8Array): Der => element(0x04, bytes);
export const bits = (bytes: Uint8Array): Der => element(0x03, Uint8Array.from([0]), bytes);
export const integer = (value: number | Uint8Array): Der => element(0x02, typeof value === 'number' ? Uint8Array.from([value]) : value);
export const boolean = (value: boolean): Der => element(0x01, Uint8Array.from([value ? 0xff : 0]));
export const nothing = (): Der => element(0x05);
export const text = (value: string): Der => element(0x0c, Buffer.from(value));
/** `[number]`, constructed. */
export const context = (number: number, ...contents: readonly Uint8Array[]): Der => element(0xa0 + number, ...contents);

export function oid(dotted: string): Der {
  const [first, second, ...rest] = dotted.split('.').map(Number);
  return element(0x06, Uint8Array.from([first! * 40 + second!, ...rest.flatMap(base128)]));
}

function base128(value: number): number[] {
  const digits = [value % 128];
  for (let left = Math.floor(value / 128); left > 0; left = Math.floor(left / 128)) digits.unshift((left % 128) + 0x80);
  return digits;
}

const digitsOf = (time: number): string => new Date(time).toISOString().replace(/[-:T]|\.\d+/g, '');
export const utcTime = (time: number): Der => element(0x17, Buffer.from(digitsOf(time).slice(2)));
export const generalizedTime = (time: number): Der => element(0x18, Buffer.from(digitsOf(time)));
