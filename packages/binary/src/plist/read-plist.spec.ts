import { spawnSync } from 'node:child_process';
import { skipUnless } from '@waybill/core/testing';
import type { ByteSource } from '../byte-source';
import { FUZZ_INPUTS, fuzzReader } from '../testing/fuzz-reader';
import type { PropertyListValue } from './property-list';
import { readPropertyList } from './read-plist';

const xml = (inner: string): Uint8Array =>
  Buffer.from(
    `<?xml version="1.0" encoding="UTF-8"?>\n<!DOCTYPE plist PUBLIC "-//Apple//DTD PLIST 1.0//EN" "x.dtd">\n<plist version="1.0">${inner}</plist>\n`,
  );
const facts = (bytes: Uint8Array): PropertyListValue => {
  const read = readPropertyList(bytes);
  if (!read.ok) throw new Error(read.refusal.message);
  return read.facts;
};
const refusalOf = (bytes: Uint8Array): string => {
  const read = readPropertyList(bytes);
  return read.ok ? 'none' : `${read.refusal.reason}: ${read.refusal.message}`;
};

/** Python writes the same value in both kinds. */
const PYTHON = `import plistlib, sys, datetime, base64
value = {'CFBundleExecutable': 'App', 'long': 'x' * 400, 'text': 'Grüße & <b> "q" 🚀', 'list': [1, -2, 300, 70000, 2**40, 2**62, True, False, 1.5],
 'data': bytes(range(256)), 'date': datetime.datetime(2020, 2, 2, 3, 4, 5), 'deep': {'a': {'b': [{'c': ''}]}}, 'none': [], 'no': {},
 **{f'k{i}': i for i in range(400)}}
for fmt in (plistlib.FMT_XML, plistlib.FMT_BINARY): print(base64.b64encode(plistlib.dumps(value, fmt=fmt)).decode())`;
const python = spawnSync('python3', ['-c', PYTHON], { encoding: 'utf8' });
const [fromXml, fromBinary] = (python.stdout ?? '').split('\n').map((line) => Buffer.from(line, 'base64'));

skipUnless(python.status === 0, 'python3 is not installed')('reads what Python writes, the same in both kinds', async () => {
  const read = facts(fromXml!) as ReadonlyMap<string, PropertyListValue>;
  expect(read.get('text')).toBe('Grüße & <b> "q" 🚀');
  expect(read.get('list')).toEqual([1, -2, 300, 70000, 2 ** 40, 2n ** 62n, true, false, 1.5]);
  expect(Buffer.from(read.get('data') as Uint8Array).toString('hex')).toBe(Buffer.from(Array.from({ length: 256 }, (_, n) => n)).toString('hex'));
  expect([read.get('date'), read.get('none'), read.size]).toEqual(['2020-02-02T03:04:05Z', [], 409]);
  const plain = (value: PropertyListValue): unknown =>
    value instanceof Map
      ? [...value].map(([key, one]) => [key, plain(one)]).sort()
      : value instanceof Uint8Array
        ? [...value]
        : Array.isArray(value)
          ? value.map(plain)
          : value;
  expect(plain(facts(fromBinary!))).toEqual(plain(read));
});

it('takes what people write: comments, CDATA, entities, attributes, an empty element', () => {
  const written = '<!-- a --><dict><!-- b --><key>a&#x20;b</key><string><![CDATA[<x>]]>&amp;</string><key/><true></true></dict>';
  expect(facts(xml(written))).toEqual(
    new Map<string, PropertyListValue>([
      ['a b', '<x>&'],
      ['', true],
    ]),
  );
});

/** One object after another, then their table, then the trailer. */
function binary(objects: readonly Buffer[], change: { count?: number; top?: number; width?: number } = {}): Buffer {
  let at = 8;
  const offsets = objects.map((object) => (at += object.length) - object.length);
  const trailer = Buffer.alloc(32);
  trailer.set([change.width ?? 1, 1], 6);
  trailer.writeBigUInt64BE(BigInt(change.count ?? objects.length), 8);
  trailer.writeBigUInt64BE(BigInt(change.top ?? 0), 16);
  trailer.writeBigUInt64BE(BigInt(at), 24);
  return Buffer.concat([Buffer.from('bplist00'), ...objects, Buffer.from(offsets), trailer]);
}
const KEY = Buffer.from([0x51, 0x61]);

it.each<[string, Uint8Array, string]>([
  ['nothing', Buffer.of(), 'bad-plist: no element'],
  ['the old text form', Buffer.from('{ a = b; }'), 'bad-plist: no element'],
  ['a key that stands twice', xml('<dict><key>a</key><true/><key>a</key><false/></dict>'), 'bad-plist: `a` stands twice'],
  ['something behind it', Buffer.concat([xml('<true/>'), Buffer.from('<true/>')]), 'bad-plist: something behind'],
  ['data that are none', xml('<data>a*</data>'), 'bad-plist: data that are not in base64'],
  ['an element that does not end', xml('<dict><key>a</key><string>b'), 'bad-plist: <string> that does not end'],
  ['an unknown entity', xml('<string>&x;</string>'), 'bad-plist: an entity that is none'],
  ['an entity that is declared', Buffer.from('<!DOCTYPE plist [<!ENTITY a "b">]><plist><string>&a;</string></plist>'), 'bad-plist: no element'],
  ['a number that is none', xml('<integer>1.5</integer>'), 'bad-plist: `1.5` is no integer'],
  ['very deep lists', xml(`${'<array>'.repeat(100)}${'</array>'.repeat(100)}`), 'limit: values more than 64 deep'],
  ['half a binary one', Buffer.from('bplist00\x00'), 'bad-plist: a binary property list of 9 bytes'],
  ['an object in itself', binary([Buffer.from([0xa1, 0x00])]), 'bad-plist: object 0 lies in itself'],
  ['an object that is not there', binary([Buffer.from([0xa1, 0x07])]), 'bad-plist: object 7 of 1'],
  ['a table that reaches too far', binary([KEY], { count: 500 }), 'bad-plist: a table of 500 objects'],
  ['numbers of no width', binary([KEY], { width: 0 }), 'bad-plist: numbers of 0 bytes'],
  ['a binary key twice', binary([Buffer.from([0xd2, 1, 1, 2, 2]), KEY, Buffer.from([0x09])]), 'bad-plist: `a` stands twice'],
  ['a binary key that is no text', binary([Buffer.from([0xd1, 1, 1]), Buffer.from([0x09])]), 'bad-plist: a key that is no text'],
  ['a kind that nobody knows', binary([Buffer.from([0x70])]), 'bad-plist: an object of kind 0x70'],
  ['a text that reaches too far', binary([Buffer.from([0x5f, 0x10, 0xff])]), 'bad-plist: an object that ends at'],
])('refuses %s', (_, bytes, said) => expect(refusalOf(bytes)).toContain(said));

it('shared lists cannot multiply without end', () => {
  const lists = Array.from({ length: 30 }, (_, index) => Buffer.from([0xa2, index + 1, index + 1]));
  expect(refusalOf(binary([...lists, Buffer.from([0x09])]))).toContain('limit: more than');
});

it(`answers ${FUZZ_INPUTS} mutated inputs with facts or a typed refusal, soon`, () => {
  const originals = [
    xml('<dict><key>a</key><array><data>AAAA</data><integer>-5</integer><real>1.5</real></array></dict>'),
    ...(python.status === 0 ? [fromBinary!] : []),
  ];
  const seen = fuzzReader(originals, (source: ByteSource) => readPropertyList(source.read(0, source.size)), 20_261_127);
  expect([...seen.keys()]).toEqual(expect.arrayContaining(['facts', 'bad-plist']));
});
