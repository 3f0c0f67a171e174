import { ByteCursor } from '../reading/byte-cursor';
import { malformed, unsupported } from '../reading/signature-refused';

export const TAG = { signature: 2, publicKey: 6, userId: 13, publicSubkey: 14, userAttribute: 17 } as const;

export interface Packet {
  tag: number;
  body: Buffer;
  /** Its length was written in as few bytes as can be. */
  shortest: boolean;
}

const MOST_PACKETS = 1_000;

/** Packets one behind the other (RFC 4880 §4.2), both header forms; lengths that are told piece by piece are not for keys and signatures. */
export function readPackets(bytes: Buffer, what: string): readonly Packet[] {
  const cursor = new ByteCursor(bytes, what);
  const packets: Packet[] = [];
  while (cursor.left > 0) {
    const first = cursor.byte();
    if ((first & 0x80) === 0) malformed(`${what} holds bytes that are no packet`);
    const modern = (first & 0x40) !== 0;
    const tag = modern ? first & 0x3f : (first >> 2) & 0x0f;
    const { length, shortest } = modern ? modernLength(cursor) : oldLength(cursor, first & 3);
    packets.push({ tag, body: cursor.take(length), shortest });
    if (packets.length > MOST_PACKETS) unsupported(`${what} holds more than ${MOST_PACKETS} packets`);
  }
  return packets;
}

/** Also the length of a signature's subpackets (§5.2.3.1), for which the partial form means a length. */
export function modernLength(cursor: ByteCursor, subpacket = false): { length: number; shortest: boolean } {
  const first = cursor.byte();
  if (first < 192) return { length: first, shortest: true };
  if (first < 224 || (subpacket && first < 255)) return { length: ((first - 192) << 8) + cursor.byte() + 192, shortest: true };
  if (first !== 255) return unsupported('a packet does not tell its length');
  const length = cursor.uint32();
  return { length, shortest: length > (subpacket ? 16_319 : 8_383) };
}

function oldLength(cursor: ByteCursor, kind: number): { length: number; shortest: boolean } {
  if (kind === 0) return { length: cursor.byte(), shortest: true };
  if (kind === 3) return unsupported('a packet does not tell its length');
  const length = kind === 1 ? cursor.uint16() : cursor.uint32();
  return { length, shortest: length > (kind === 1 ? 0xff : 0xffff) };
}

/** A number behind its length in bits; only the shortest form is one. */
export function readMpi(cursor: ByteCursor): Buffer {
  const bits = cursor.uint16();
  const bytes = cursor.take((bits + 7) >> 3);
  if (bits > 0 && Math.clz32(bytes[0]!) - 24 !== (8 - (bits % 8)) % 8) malformed(`a number of ${cursor.what} is not in its shortest form`);
  return bytes;
}

/** A number as exactly `length` bytes; `undefined` when it is longer. */
export const padded = (number: Buffer, length: number): Buffer | undefined =>
  number.length > length ? undefined : Buffer.concat([Buffer.alloc(length - number.length), number]);
