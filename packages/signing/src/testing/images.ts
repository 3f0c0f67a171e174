import { createHash } from 'node:crypto';
import { deflateSync } from 'node:zlib';

/** A disk image by hand: content, then a trailer that says where nothing is. */
export function buildDiskImage(content = 'disk image '.repeat(4_096)): Buffer {
  const trailer = Buffer.alloc(512);
  trailer.write('koly');
  [4, 512, 1].forEach((value, index) => trailer.writeUInt32BE(value, 4 + index * 4));
  trailer.writeBigUInt64BE(BigInt(content.length), 0x20);
  const list = Buffer.from(
    '<?xml version="1.0"?><plist version="1.0"><dict><key>resource-fork</key><dict><key>blkx</key><array/></dict></dict></plist>',
  );
  trailer.writeBigUInt64BE(BigInt(content.length), 0xd8);
  trailer.writeBigUInt64BE(BigInt(list.length), 0xe0);
  return Buffer.concat([Buffer.from(content), list, trailer]);
}

const sha1 = (bytes: Uint8Array): string => createHash('sha1').update(bytes).digest('hex');
const TIMES = ['atime', 'mtime', 'ctime'].map((name) => `<${name}>2020-02-02T00:00:00Z</${name}>`).join('');

/** A package by hand, with one file. */
export function buildPackage(content = 'what it installs'): Buffer {
  const file = Buffer.from(content);
  const packed = deflateSync(file);
  const data = [
    `<length>${packed.length}</length><offset>20</offset><size>${file.length}</size><encoding style="application/x-gzip"/>`,
    `<archived-checksum style="sha1">${sha1(packed)}</archived-checksum><extracted-checksum style="sha1">${sha1(file)}</extracted-checksum>`,
  ].join('');
  const owner = '<uid>0</uid><gid>0</gid><user>root</user><group>wheel</group>';
  const entry = `<file id="1"><name>Distribution</name><type>file</type><mode>0644</mode>${owner}${TIMES}<data>${data}</data></file>`;
  const checksum = '<checksum style="sha1"><offset>0</offset><size>20</size></checksum>';
  const text = Buffer.from(
    `<?xml version="1.0" encoding="UTF-8"?><xar><toc><creation-time>2020-02-02T00:00:00</creation-time>${checksum}${entry}</toc></xar>`,
  );
  const table = deflateSync(text);
  const header = Buffer.alloc(28);
  header.write('xar!');
  [28, 1].forEach((value, index) => header.writeUInt16BE(value, 4 + index * 2));
  header.writeBigUInt64BE(BigInt(table.length), 8);
  header.writeBigUInt64BE(BigInt(text.length), 16);
  header.writeUInt32BE(1, 24);
  return Buffer.concat([header, table, createHash('sha1').update(table).digest(), packed]);
}
