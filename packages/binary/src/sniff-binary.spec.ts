import { sniffBinary } from './sniff-binary';

function dos(peOffset: number, length: number, magic = 'PE\0\0'): Uint8Array {
  const bytes = Buffer.alloc(length);
  bytes.write('MZ', 0);
  bytes.writeUInt32LE(peOffset, 0x3c);
  if (peOffset + 4 <= length) bytes.write(magic, peOffset, 'latin1');
  return bytes;
}

describe('sniffBinary', () => {
  it.each([
    ['ELF', Uint8Array.from([0x7f, 0x45, 0x4c, 0x46, 2]), 'elf'],
    ['Mach-O, 64 bit, little endian', Uint8Array.from([0xcf, 0xfa, 0xed, 0xfe]), 'mach-o'],
    ['Mach-O, 32 bit, big endian', Uint8Array.from([0xfe, 0xed, 0xfa, 0xce]), 'mach-o'],
    ['universal Mach-O', Uint8Array.from([0xca, 0xfe, 0xba, 0xbe, 0, 0, 0, 2]), 'mach-o'],
    ['a Java class', Uint8Array.from([0xca, 0xfe, 0xba, 0xbe, 0, 0, 0, 52]), undefined],
    ['PE', dos(0x80, 256), 'pe'],
    ['PE whose header lies behind the head', dos(0x200, 256), 'pe'],
    ['a DOS program', dos(0x80, 256, 'NE\0\0'), undefined],
    ['text that begins with MZ', Buffer.from('MZ is a pair of letters, and then there is more text behind it, here'), undefined],
    ['a short MZ', Buffer.from('MZ..'), undefined],
    ['a script', Buffer.from('#!/bin/sh\n'), undefined],
    ['nothing', new Uint8Array(), undefined],
  ])('%s', (_case, head, expected) => {
    expect(sniffBinary(head)).toBe(expected);
  });
});
