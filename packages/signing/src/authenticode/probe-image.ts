const PE_OFFSET = 0x40;
const OPTIONAL = PE_OFFSET + 24;
const HEADER_BYTES = 0x200;
const DIRECTORIES = 16;

/** The smallest PE file that signers take: headers, one section of zeros, no code. What a key can do is tried on it. */
export function makeProbeImage(): Buffer {
  const image = Buffer.alloc(2 * HEADER_BYTES);
  image.write('MZ', 0, 'latin1');
  image.writeUInt32LE(PE_OFFSET, 0x3c);
  image.write('PE\0\0', PE_OFFSET, 'latin1');
  const coff = PE_OFFSET + 4;
  image.writeUInt16LE(0x8664, coff);
  image.writeUInt16LE(1, coff + 2);
  image.writeUInt16LE(112 + DIRECTORIES * 8, coff + 16);
  image.writeUInt16LE(0x2022, coff + 18);
  image.writeUInt16LE(0x20b, OPTIONAL);
  image.writeBigUInt64LE(0x140000000n, OPTIONAL + 24);
  image.writeUInt32LE(0x1000, OPTIONAL + 32);
  image.writeUInt32LE(HEADER_BYTES, OPTIONAL + 36);
  image.writeUInt16LE(6, OPTIONAL + 48);
  image.writeUInt32LE(0x2000, OPTIONAL + 56);
  image.writeUInt32LE(HEADER_BYTES, OPTIONAL + 60);
  image.writeUInt16LE(3, OPTIONAL + 68);
  image.writeUInt32LE(DIRECTORIES, OPTIONAL + 108);
  const section = OPTIONAL + 112 + DIRECTORIES * 8;
  image.write('.rdata', section, 'latin1');
  image.writeUInt32LE(HEADER_BYTES, section + 8);
  image.writeUInt32LE(0x1000, section + 12);
  image.writeUInt32LE(HEADER_BYTES, section + 16);
  image.writeUInt32LE(HEADER_BYTES, section + 20);
  image.writeUInt32LE(0x40000040, section + 36);
  return image;
}
