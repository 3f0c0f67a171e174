import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { crc32 } from 'node:zlib';
import { skipUnless } from '@waybill/core/testing';
import { toolWorks } from '@waybill/signatures/testing';
import { parseFingerprint } from '../keys/trusted-keys';
import { makeDelivery, writeDelivery } from '../testing/make-delivery';
import { minisignKey } from '../testing/signing-keys';
import { storeZip, type ZipItem } from '../testing/store-zip';
import { verifyDelivery } from '../verify-delivery';

const KEY = minisignKey(Buffer.from('12345678'));
const NAME = 'app-1.0-setup.exe';
const EVIL: ZipItem = { name: 'app-1.0-readme.exe', content: Buffer.from('MZ evil') };

let folder: string;
let items: ZipItem[];

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'waybill-zip-'));
  const { files } = await makeDelivery(folder, { project: 'app', version: '1.0', keys: [KEY] });
  mkdirSync(join(folder, 'files'));
  writeDelivery(join(folder, 'files'), files);
  items = [...files].map(([name, content]) => ({ name, content }));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

async function verify(zip: Buffer): Promise<{ verdict: string; text: string }> {
  writeFileSync(join(folder, 'delivery.zip'), zip);
  const keys = [{ ...parseFingerprint(KEY.fingerprint), required: true }];
  const { verdict, findings } = await verifyDelivery({ path: join(folder, 'delivery.zip'), keys, temporaryFolder: folder });
  return { verdict, text: findings.map(({ message }) => message).join('\n') };
}

const END_BYTES = 22;
const directoryOf = (zip: Buffer): number => zip.readUInt32LE(zip.length - 6);
/** The local part of a zip file of one file. */
const localPart = (item: ZipItem): Buffer => {
  const zip = storeZip([item]);
  return zip.subarray(0, directoryOf(zip));
};
/** With `bytes` put in at `at`, and every offset behind moved. */
function insert(zip: Buffer, at: number, bytes: Buffer): Buffer {
  const moved = Buffer.from(zip);
  const start = directoryOf(zip);
  for (let entry = start; entry < zip.length - END_BYTES; entry += 46 + zip.readUInt16LE(entry + 28)) {
    const offset = zip.readUInt32LE(entry + 42);
    if (offset >= at) moved.writeUInt32LE(offset + bytes.length, entry + 42);
  }
  moved.writeUInt32LE(start + bytes.length, zip.length - 6);
  return Buffer.concat([moved.subarray(0, at), bytes, moved.subarray(at)]);
}
/** Where the local header of a file begins. */
const localOf = (zip: Buffer, name: string): number => zip.indexOf(name) - 30;

const extraField = (id: number, data: Buffer): Buffer => Buffer.concat([Buffer.from(Uint16Array.of(id, data.length).buffer), data]);
/** The extra field that gives the name in Unicode; the sum of the other name, which some check, is right. */
const unicodeName = (name: string, other: string): Buffer => {
  const head = Buffer.alloc(5, 1);
  head.writeUInt32LE(crc32(other), 1);
  return extraField(0x7075, Buffer.concat([head, Buffer.from(name)]));
};
/** The extra field of sizes that do not fit: unpacked, packed. */
const wideSizes = (...sizes: readonly number[]): Buffer => extraField(1, Buffer.from(BigUint64Array.from(sizes.map(BigInt)).buffer));
/** With an extra field before the content of a file, and with nothing but the wide sizes there when `isWide`. */
function withExtra(zip: Buffer, name: string, extra: Buffer, isWide = false): Buffer {
  const local = localOf(zip, name);
  return changed(insert(zip, local + 30 + name.length, extra), (copy) => {
    copy.writeUInt16LE(extra.length, local + 28);
    if (isWide) copy.fill(0xff, local + 18, local + 26);
  });
}
const sizeOf = (name: string): number => items.find((item) => item.name === name)!.content.length;

function changed(zip: Buffer, change: (copy: Buffer) => unknown): Buffer {
  const copy = Buffer.from(zip);
  change(copy);
  return copy;
}

describe('a zip file from which others could unpack something else', () => {
  it.each<[string, (zip: Buffer) => Buffer, string]>([
    ['a file before all others', (zip) => insert(zip, 0, localPart(EVIL)), 'something lies before'],
    ['a program before it', (zip) => insert(zip, 0, Buffer.from('#!/bin/sh\n')), 'ARCHIVE_FORMAT'],
    ['a file between others', (zip) => insert(zip, localOf(zip, NAME), localPart(EVIL)), 'something lies behind'],
    ['a file before the directory', (zip) => insert(zip, directoryOf(zip), localPart(EVIL)), 'something lies behind'],
    [
      'another name before the content',
      (zip) => changed(zip, (copy) => copy.write('app-1.0-setup.com', localOf(zip, NAME) + 30)),
      'has another name before its content',
    ],
    [
      'a shorter file before the content',
      (zip) => changed(zip, (copy) => copy.writeUInt32LE(1, localOf(zip, NAME) + 18)),
      'has another size or packing before its content',
    ],
    [
      'another packing before the content',
      (zip) => changed(zip, (copy) => copy.writeUInt16LE(8, localOf(zip, NAME) + 8)),
      'has another size or packing before its content',
    ],
    ['another name in Unicode before the content', (zip) => withExtra(zip, NAME, unicodeName('x.y', NAME)), 'has a second name, `x.y`'],
    [
      'another name in Unicode in the directory',
      (zip) => {
        const extra = unicodeName('x.y', items[0]!.name);
        const start = directoryOf(zip);
        return changed(insert(zip, start + 46 + zip.readUInt16LE(start + 28), extra), (copy) => {
          copy.writeUInt16LE(extra.length, start + 30);
          copy.writeUInt32LE(start, copy.length - 6);
          copy.writeUInt32LE(zip.readUInt32LE(zip.length - 10) + extra.length, copy.length - 10);
        });
      },
      'has a second name, `x.y`',
    ],
    [
      'another wide size before the content',
      (zip) => withExtra(zip, NAME, wideSizes(sizeOf(NAME), 1), true),
      'has another size or packing before its content',
    ],
    [
      'no wide size before the content where it should be',
      (zip) => withExtra(zip, NAME, Buffer.alloc(0), true),
      'has another size or packing before its content',
    ],
    [
      'another wide size beside the right one before the content',
      (zip) => withExtra(zip, NAME, wideSizes(sizeOf(NAME), 1)),
      'has another size or packing before its content',
    ],
    [
      'two wide sizes before the content',
      (zip) => withExtra(zip, NAME, Buffer.concat([wideSizes(1, 1), wideSizes(sizeOf(NAME), sizeOf(NAME))]), true),
      'has the same extra field twice',
    ],
    [
      'a second zip file in its comment',
      (zip) => {
        const comment = storeZip([EVIL]);
        return insert(
          comment,
          0,
          changed(zip, (copy) => copy.writeUInt16LE(comment.length, zip.length - 2)),
        );
      },
      'something lies before `app-1.0-readme.exe`',
    ],
    ['a second zip file behind it', (zip) => insert(storeZip([EVIL]), 0, zip), 'something lies before `app-1.0-readme.exe`'],
    ['bytes behind it', (zip) => Buffer.concat([zip, Buffer.from('more')]), 'extra bytes at the end'],
    [
      'a file that its directory counts, and does not name',
      (zip) => changed(zip, (copy) => copy.writeUInt16LE(items.length + 1, zip.length - 12)),
      'unexpected EOF',
    ],
    [
      'a file that its directory names, and does not count',
      (zip) => changed(zip, (copy) => copy.writeUInt16LE(items.length - 1, zip.length - 12)),
      'its directory has another number of files than its end says',
    ],
  ])('%s is refused', async (_, change, reason) => {
    const { verdict, text } = await verify(change(storeZip(items)));
    expect(verdict).toBe('failed');
    expect(text).toContain(reason);
  });
});

describe('a zip file as other programs write it is taken', () => {
  it('with its sizes and its name in extra fields before the content too', async () => {
    const extra = Buffer.concat([wideSizes(sizeOf(NAME), sizeOf(NAME)), unicodeName(NAME, NAME)]);
    expect(await verify(withExtra(storeZip(items), NAME, extra, true))).toEqual({ verdict: 'verified', text: '' });
  });

  const IN_PYTHON = `
import sys, zipfile, os
class Pipe:
    def __init__(self, f): self.f = f
    def write(self, b): return self.f.write(b)
    def flush(self): self.f.flush()
streamed, wide = sys.argv[2] == 'streamed', sys.argv[2] == 'wide'
with open(sys.argv[1], 'wb') as f:
    with zipfile.ZipFile(Pipe(f) if streamed else f, 'w', zipfile.ZIP_DEFLATED) as z:
        for name in sorted(os.listdir('files')):
            with z.open(zipfile.ZipInfo.from_file('files/' + name, name), 'w', force_zip64=wide) as entry:
                entry.write(open('files/' + name, 'rb').read())
        z.comment = b'made for app 1.0'
`;
  const made = async (program: string, args: readonly string[]): Promise<string> => {
    rmSync(join(folder, 'made.zip'), { force: true });
    execFileSync(program, args, { cwd: folder, stdio: 'pipe' });
    const { verdict, text } = await verify(readFileSync(join(folder, 'made.zip')));
    return `${verdict} ${text}`;
  };
  const python = skipUnless(toolWorks('python3', ['--version']), 'python3 is not installed');
  for (const kind of ['seekable', 'streamed', 'wide']) {
    python(`${kind}, by Python`, async () => expect(await made('python3', ['-c', IN_PYTHON, 'made.zip', kind])).toBe('verified '));
  }
  python('with a folder around, by its command', async () => {
    expect(await made('python3', ['-m', 'zipfile', '-c', 'made.zip', 'files'])).toBe('verified ');
  });
});
