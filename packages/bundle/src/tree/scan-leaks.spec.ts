import type { LeakToken } from '@waybill/relocation';
import { LeakScanner, LeakStream } from './scan-leaks';

const WORKSPACE: LeakToken = { id: 'workspace', path: '/work/app' };
const PREFIX: LeakToken = { id: 'runtime-origin', path: '/work/app/python' };
const HOME: LeakToken = { id: 'home', path: '/root' };
const scanner = new LeakScanner([WORKSPACE, PREFIX, HOME]);
const found = (text: string | Buffer): string[] =>
  scanner.scan(Buffer.from(text as string)).map(({ token, offset, encoding }) => `${token}@${offset}${encoding === 'utf8' ? '' : ' utf16'}`);

it.each([
  ['x /work/app/src y', ['workspace@2']],
  ['x /work/app', ['workspace@2']],
  ['file:///work/app/x', ['workspace@7']],
  ['/work/apples', []],
  ['/work/app-old', []],
  ['/work/app/python/lib', ['runtime-origin@0']],
  ['/work/app/pythons', ['workspace@0']],
  ['prefix=/root/x', ['home@7']],
  ['a/root/x', []],
  ['-I/root/include -L/root/lib', ['home@2', 'home@18']],
  ['${x}/root/y', []],
  ['/rootfs', []],
  ['<root><a/></root>', []],
  ["('block?/root', 'more')", []],
  ['ok?/root/.cargo/x', ['home@3']],
  ['</root/x>', ['home@1']],
  ['mysql://root@localhost https://root.example/', []],
  ['file:///root/x', ['home@7']],
  ['"/work/app"\0/work/app', ['workspace@1', 'workspace@12']],
])('%j', (text, hits) => {
  expect(found(text)).toEqual(hits);
});

it('finds UTF-16, at any alignment', () => {
  expect(found(Buffer.concat([Buffer.from([1]), Buffer.from('C:/work/app/x', 'utf16le')]))).toEqual(['workspace@5 utf16']);
});

it('finds UTF-16 of the other byte order, at the end of a file too', () => {
  const swapped = (text: string): Buffer => Buffer.from(text, 'utf16le').swap16();
  expect([found(swapped('x /work/app')), found(swapped('x /work/app/y'))]).toEqual([['workspace@5 utf16'], ['workspace@5 utf16']]);
  expect([found(swapped('/work/apples')), found(swapped('a/root'))]).toEqual([[], []]);
});

it('finds UTF-32 of both byte orders, at the end of a file too', () => {
  const utf32 = (text: string, swap: boolean): Buffer => {
    const bytes = Buffer.alloc(text.length * 4);
    [...text].forEach((character, index) => bytes.writeUInt32LE(character.charCodeAt(0), index * 4));
    return swap ? bytes.swap32() : bytes;
  };
  for (const swap of [false, true]) {
    const hits = (text: string) => scanner.scan(utf32(text, swap)).map(({ token, encoding }) => `${token} ${encoding}`);
    expect([hits('x /work/app'), hits('x /work/app/y')]).toEqual([['workspace utf32le'], ['workspace utf32le']]);
    expect([hits('/work/apples'), hits('a/root')]).toEqual([[], []]);
  }
});

it('finds paths whose slashes are escaped', () => {
  expect(found('{"a":"\\/work\\/app\\/x"}')).toEqual(['workspace@7']);
  expect(found('{"a":"\\/work\\/app\\/python\\/x"}')).toEqual(['runtime-origin@7']);
  expect(found('\\/work\\/apples')).toEqual([]);
});

describe('base64', () => {
  const encoded = (text: string): string => Buffer.from(text).toString('base64');
  const inBase64 = (text: string) => scanner.scan(Buffer.from(text)).map(({ token, offset, encoding }) => `${token}@${offset} ${encoding}`);

  it.each(['', '.', '..', '...'])('finds a path behind %j in a word', (before) => {
    expect(inBase64(`{"a": "${encoded(`${before}made in /work/app/src by`)}"}`)).toEqual(['workspace@7 base64']);
  });

  it('in lines of any length, with another word in front', () => {
    for (const width of [20, 64, 76]) {
      const lines = encoded(`${'q'.repeat(60)} /work/app/src`).replace(new RegExp(`.{${width}}`, 'g'), '$&\r\n');
      for (const front of ['', 'ab\n', 'abc\n', 'abcd\n', 'abcde\n']) expect(inBase64(`${front}${lines}`)).toEqual(['workspace@0 base64']);
    }
  });

  it('and nothing in a path that is another one, or in what is none', () => {
    expect(inBase64(`${encoded('made in /work/apples/src by')} ${'abcdefghijklmnopqrstuvwxyz'.repeat(9)}`)).toEqual([]);
  });

  it('once, in pieces of any size', () => {
    const text = Buffer.from(`${'.'.repeat(500)}"${encoded(`${'q'.repeat(90)} /work/app/src`)}"${'.'.repeat(500)}`);
    for (const size of [64, 299, 512, 2000]) {
      const stream = new LeakStream(scanner);
      for (let at = 0; at < text.length; at += size) stream.push(text.subarray(at, at + size));
      stream.push(Buffer.alloc(0), true);
      expect(stream.hits.map(({ token, encoding }) => `${token} ${encoding}`)).toEqual(['workspace base64']);
    }
  });
});

it('shows what stands round a hit, printable', () => {
  const [hit] = scanner.scan(Buffer.from(`\0\x01before /work/app/behind\0${'z'.repeat(500)}`));
  expect(hit!.excerpt).toContain('before /work/app/behind');
  expect(hit!.excerpt.length).toBeLessThanOrEqual(160);
});

it('without tokens nothing is looked for', () => {
  expect(new LeakScanner([]).isEmpty).toBe(true);
  expect(new LeakScanner([{ id: 'home', path: '/' }]).isEmpty).toBe(true);
});

it('windows of any size find each hit once', () => {
  const text = Buffer.from(`${'.'.repeat(300)}/work/app/python/a${'.'.repeat(217)}/work/app/b${'.'.repeat(401)}/work/app`);
  const whole = scanner.scan(text).map(({ token, offset }) => ({ token, offset }));
  expect(whole).toHaveLength(3);
  for (const size of [1, 2, 3, 7, 64, 299, 301, 310, 500, 2000]) {
    const stream = new LeakStream(scanner);
    for (let at = 0; at < text.length; at += size) stream.push(text.subarray(at, at + size));
    stream.push(Buffer.alloc(0), true);
    expect(stream.hits.map(({ token, offset }) => ({ token, offset }))).toEqual(whole);
  }
});
