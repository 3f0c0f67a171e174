import { createHash } from 'node:crypto';
import { deflateSync } from 'node:zlib';
import { makeAppleCms, signDiskImage, type Authorities, type SignatureRecipe } from '@waybill/binary/testing';
import { developerId, TEAM } from './macos-bundle';

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

export interface PackageRecipe {
  content?: string;
  /** Of the table of contents. */
  style?: 'sha1' | 'sha256';
  /** Makes the CMS bytes from the digest of the table of contents; left out: not signed. */
  sign?: (digest: Uint8Array) => Uint8Array;
}

/** A package by hand, with one file. */
export function buildPackage({ content, style, sign }: PackageRecipe = {}): Buffer {
  if (!sign) return packageOf({ content, style });
  // the table says how long the signature over it is, and lengths of signatures differ by a few bytes
  for (let bytes = sign(Buffer.alloc(20)).length, tries = 0; tries < MOST_TRIES; tries += 1) {
    let made = 0;
    const built = packageOf({ content, style, bytes, sign: (digest) => recorded(sign(digest)) });
    if (made === bytes) return built;
    bytes = made;

    function recorded(cms: Uint8Array): Uint8Array {
      made = cms.length;
      return cms;
    }
  }
  throw new Error('the signature had another length each time');
}
const MOST_TRIES = 100;

interface Packed extends Pick<PackageRecipe, 'sign'> {
  content: string | undefined;
  style: PackageRecipe['style'];
  /** Of the signature. */
  bytes?: number;
}

function packageOf({ content = 'what it installs', style = 'sha1', bytes = 0, sign }: Packed): Buffer {
  const file = Buffer.from(content);
  const packed = deflateSync(file);
  const digestBytes = style === 'sha1' ? 20 : 32;
  const data = [
    `<length>${packed.length}</length><offset>${digestBytes + bytes}</offset><size>${file.length}</size><encoding style="application/x-gzip"/>`,
    `<archived-checksum style="sha1">${sha1(packed)}</archived-checksum><extracted-checksum style="sha1">${sha1(file)}</extracted-checksum>`,
  ].join('');
  const owner = '<uid>0</uid><gid>0</gid><user>root</user><group>wheel</group>';
  const entry = `<file id="1"><name>Distribution</name><type>file</type><mode>0644</mode>${owner}${TIMES}<data>${data}</data></file>`;
  const checksum = `<checksum style="${style}"><offset>0</offset><size>${digestBytes}</size></checksum>`;
  const signature = sign ? `<x-signature style="CMS"><offset>${digestBytes}</offset><size>${bytes}</size></x-signature>` : '';
  const text = Buffer.from(
    `<?xml version="1.0" encoding="UTF-8"?><xar><toc><creation-time>2020-02-02T00:00:00</creation-time>${checksum}${signature}${entry}</toc></xar>`,
  );
  const table = deflateSync(text);
  const header = Buffer.alloc(28);
  header.write('xar!');
  [28, 1].forEach((value, index) => header.writeUInt16BE(value, 4 + index * 2));
  header.writeBigUInt64BE(BigInt(table.length), 8);
  header.writeBigUInt64BE(BigInt(text.length), 16);
  header.writeUInt32BE(1, 24);
  const digest = createHash(style).update(table).digest();
  return Buffer.concat([header, table, digest, sign?.(digest) ?? Buffer.alloc(0), packed]);
}

const INSTALLER = { extension: '1.2.840.113635.100.6.1.14', purpose: '1.2.840.113635.100.4.13' } as const;

/** People with a certificate “Developer ID Installer”, which Apple has not heard of. */
export const installerId = (recipe: Parameters<typeof developerId>[0] = {}): Authorities =>
  developerId({
    ...{ commonName: `Developer ID Installer: Example Ltd (${TEAM})`, criticalExtension: INSTALLER.extension, purposes: [INSTALLER.purpose] },
    ...recipe,
  });

const stampedNow = (): number => Date.now() - 86_400_000;

/** Signed as Apple’s tools do, with a timestamp unless that is null. */
export const signedDiskImage = (people: Authorities, recipe: SignatureRecipe = {}, stampedAt: number | null = stampedNow()): Buffer =>
  signDiskImage(buildDiskImage(), {
    ...{ team: TEAM, flags: 0, cms: (directories) => makeAppleCms(people, directories, { stampedAt }) },
    ...recipe,
  });

export const signedPackage = (people: Authorities, recipe: PackageRecipe = {}, stampedAt: number | null = stampedNow()): Buffer =>
  buildPackage({ ...recipe, sign: (digest) => makeAppleCms(people, [digest], { stampedAt }) });
