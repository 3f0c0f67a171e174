import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
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

function changed(zip: Buffer, change: (copy: Buffer) => unknown): Buffer {
  const copy = Buffer.from(zip);
  change(copy);
  return copy;
}

describe('a zip file from which others could unpack something else', () => {
  it.each<[string, (zip: Buffer) => Buffer, string]>([
    ['a file before all others', (zip) => insert(zip, 0, localPart(EVIL)), 'something lies before'],
    ['a program before it', (zip) => insert(zip, 0, Buffer.from('#!/bin/sh\n')), ''],
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
    [
      'a second zip file in its comment',
      (zip) => {
        const comment = storeZip([EVIL]);
        return Buffer.concat([changed(zip, (copy) => copy.writeUInt16LE(comment.length, zip.length - 2)), comment]);
      },
      '',
    ],
    ['a second zip file behind it', (zip) => Buffer.concat([zip, storeZip([EVIL])]), ''],
    ['bytes behind it', (zip) => Buffer.concat([zip, Buffer.from('more')]), ''],
    ['a file that its directory counts, and does not name', (zip) => changed(zip, (copy) => copy.writeUInt16LE(99, zip.length - 12)), ''],
  ])('%s is refused', async (_, change, reason) => {
    const { verdict, text } = await verify(change(storeZip(items)));
    expect(verdict).toBe('failed');
    expect(text).toContain(reason);
  });

  it('a second name in Unicode is refused', async () => {
    const zip = storeZip(items);
    const start = directoryOf(zip);
    const extra = Buffer.concat([Buffer.from([0x75, 0x70, 5 + 3, 0, 1, 0, 0, 0, 0]), Buffer.from('x.y')]);
    const nameEnd = start + 46 + zip.readUInt16LE(start + 28);
    const copy = Buffer.concat([zip.subarray(0, nameEnd), extra, zip.subarray(nameEnd)]);
    copy.writeUInt16LE(extra.length, start + 30);
    copy.writeUInt32LE(zip.readUInt32LE(zip.length - 10) + extra.length, copy.length - 10);
    expect((await verify(copy)).verdict).toBe('failed');
  });
});

describe('a zip file as other programs write it is taken', () => {
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
