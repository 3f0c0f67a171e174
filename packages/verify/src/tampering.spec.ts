import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { seededNumbers } from '@waybill/core/testing';
import { parseFingerprint, type TrustedKey } from './keys/trusted-keys';
import { makeDelivery, writeDelivery, type Files } from './testing/make-delivery';
import { minisignKey, sshKey, type SigningKey } from './testing/signing-keys';
import { storeZip, type ZipItem } from './testing/store-zip';
import type { Verification } from './report/verification';
import { verifyDelivery } from './verify-delivery';

const TAMPERINGS = 1_000;
/** A test has its time on a slow machine too. */
const ROUND = 100;
const PINS = { project: 'app', version: '1.0' };
const SEED = 20_261_126;
const KINDS = [
  ...['bundle tar', 'bundle zip', 'wheel', 'sdist', 'installer', 'description', 'signature of a file'],
  ...['sums sha256', 'signature of sums sha256 (.minisig)', 'signature of sums sha256 (.sig)'],
  ...['sums sha512', 'signature of sums sha512 (.minisig)', 'signature of sums sha512 (.sig)'],
];

let folder: string;
let keys: readonly SigningKey[];
let trusted: readonly TrustedKey[];
let genuine: Awaited<ReturnType<typeof makeDelivery>>;
const whole: Record<string, Files> = {};
let older: Files;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'waybill-tamper-'));
  keys = [minisignKey(Buffer.from('genuine!')), sshKey()];
  trusted = keys.map(({ fingerprint }) => ({ ...parseFingerprint(fingerprint), required: true }));
  genuine = await makeDelivery(folder, { ...PINS, keys });
  older = (await makeDelivery(folder, { project: 'app', version: '0.9', keys })).files;
  whole['everything signed again by another key'] = (
    await makeDelivery(folder, { ...PINS, keys: [minisignKey(Buffer.from('another!')), sshKey()] })
  ).files;
  whole['the key id of the genuine key, another key'] = (
    await makeDelivery(folder, { ...PINS, keys: [minisignKey(Buffer.from('genuine!')), sshKey()] })
  ).files;
  whole['a genuine older release'] = older;
  whole['another project under the same key'] = (await makeDelivery(folder, { project: 'other', version: '1.0', keys })).files;
  whole['nothing at all'] = new Map();
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** mulberry32: the same numbers on every machine. */
type Random = (below: number) => number;
/** Writes a delivery in which something happened to one file; gives the path to verify. */
type Mutation = (place: string, files: Files, name: string, pick: Random) => string;

const changed =
  (change: (files: Files, name: string, pick: Random) => void): Mutation =>
  (place, files, name, pick) => {
    change(files, name, pick);
    writeDelivery(place, files);
    return place;
  };
const zipped =
  (items: (files: ZipItem[], name: string, content: Buffer, pick: Random) => ZipItem[]): Mutation =>
  (place, files, name, pick) => {
    const all = [...files].map(([path, content]): ZipItem => ({ name: path, content }));
    writeFileSync(join(place, 'delivery.zip'), storeZip(items(all, name, files.get(name)!, pick)));
    return join(place, 'delivery.zip');
  };

function flipped(bytes: Buffer, pick: Random): Buffer {
  const copy = Buffer.from(bytes);
  copy[pick(copy.length)]! ^= 1 << pick(8);
  return copy;
}
const other = (files: Files, name: string, pick: Random): string => {
  const names = [...files.keys()].filter((one) => one !== name);
  return names[pick(names.length)]!;
};
const shuffledCase = (name: string): string => (name === name.toUpperCase() ? name.toLowerCase() : name.toUpperCase());

const MUTATIONS: Readonly<Record<string, Mutation>> = {
  flip: changed((files, name, pick) => files.set(name, flipped(files.get(name)!, pick))),
  truncate: changed((files, name, pick) => files.set(name, files.get(name)!.subarray(0, pick(files.get(name)!.length)))),
  grow: changed((files, name, pick) => files.set(name, Buffer.concat([files.get(name)!, Buffer.from([10, 32, 0, 97].slice(pick(4)))]))),
  drop: changed((files, name) => files.delete(name)),
  rename: changed((files, name, pick) => {
    files.set([`${name}x`, `x${name}`, `folder/${name}`, `${name}.sig`][pick(4)]!, files.get(name)!);
    files.delete(name);
  }),
  add: changed((files, name, pick) => files.set([`${name}.exe`, `evil-${name}`, `${name}.asc.bak`, `deep/${name}`][pick(4)]!, Buffer.from('more'))),
  swap: changed((files, name, pick) => {
    const second = other(files, name, pick);
    const [one, two] = [files.get(name)!, files.get(second)!];
    files.set(name, two).set(second, one);
  }),
  'from an older release': changed((files, name) => files.set(name, older.get(name.replace('1.0', '0.9'))!)),
  symlink: (place, files, name, pick) => {
    const elsewhere = join(place, '..', `${name}.elsewhere`);
    writeFileSync(elsewhere, files.get(name)!);
    const target = [elsewhere, `../${name}.elsewhere`, other(files, name, pick)][pick(3)]!;
    files.delete(name);
    writeDelivery(place, files);
    symlinkSync(target, join(place, name));
    return place;
  },
  folder: (place, files, name) => {
    files.delete(name);
    writeDelivery(place, files);
    mkdirSync(join(place, name));
    return place;
  },
  'zip: flip': zipped((all, name, content, pick) => all.map((item) => (item.name === name ? { ...item, content: flipped(content, pick) } : item))),
  'zip: twice': zipped((all, name, content, pick) => {
    const again = { name: pick(2) === 0 ? name : `./${name}`, content: pick(2) === 0 ? content : flipped(content, pick) };
    return pick(2) === 0 ? [...all, again] : [again, ...all];
  }),
  'zip: case': zipped((all, name, content) => [...all, { name: shuffledCase(name), content }]),
  'zip: upwards': zipped((all, name, content, pick) => [...all, { name: [`../${name}`, `a/../../${name}`, `..\\${name}`][pick(3)]!, content }]),
  'zip: absolute': zipped((all, name, content, pick) => [...all, { name: [`/tmp/${name}`, `C:\\${name}`, `\\${name}`][pick(3)]!, content }]),
  'zip: link': zipped((all, name, _, pick) => {
    const target = ['/etc/passwd', '../../etc/passwd', 'release.json'][pick(3)]!;
    return all.map((item) => (item.name === name ? { name, content: Buffer.from(target), mode: 0o120777 } : item));
  }),
};

const verify = (path: string, more: object = {}): Promise<Verification> =>
  verifyDelivery({ path, keys: trusted, ...PINS, temporaryFolder: folder, ...more });

async function inFolder<T>(work: (place: string) => Promise<T>): Promise<T> {
  const outer = mkdtempSync(join(folder, 'case-'));
  try {
    mkdirSync(join(outer, 'delivery'));
    return await work(join(outer, 'delivery'));
  } finally {
    rmSync(outer, { recursive: true, force: true });
  }
}

describe(`${TAMPERINGS} tamperings`, () => {
  const pick = seededNumbers(SEED);
  const met = new Map<string, number>();

  it.each(Array.from({ length: TAMPERINGS / ROUND }, (_, round) => round * ROUND))('are found, from number %i on', async (first) => {
    const pairs = Object.keys(MUTATIONS).flatMap((mutation) => [...genuine.files.keys()].map((name) => ({ mutation, name })));
    const unseen: string[] = [];
    for (let index = first; index < first + ROUND; index += 1) {
      const { mutation, name } = pairs[index % pairs.length]!;
      const result = await inFolder((place) => verify(MUTATIONS[mutation]!(place, new Map(genuine.files), name, pick)));
      const pair = `${mutation} of ${genuine.kinds.get(name)}`;
      met.set(pair, (met.get(pair) ?? 0) + 1);
      if (result.verdict !== 'failed' || result.findings.length === 0) unseen.push(`${index}: ${pair}: ${result.verdict}`);
    }
    expect(unseen).toEqual([]);
  });

  it('were of every kind, each on every kind of file', () => {
    const expected = Object.keys(MUTATIONS).flatMap((mutation) => KINDS.map((kind) => `${mutation} of ${kind}`));
    expect([...met.keys()].sort()).toEqual(expected.sort());
    expect(Math.min(...met.values())).toBeGreaterThanOrEqual(4);
  });
});

it('knows each file of the delivery by a kind of its own', () => {
  expect([...genuine.kinds.values()].sort()).toEqual([...KINDS].sort());
  expect([...genuine.kinds.keys()].sort()).toEqual([...genuine.files.keys()].sort());
});

it.each([
  ['everything signed again by another key', /^no expected key signed it$/],
  ['the key id of the genuine key, another key', /^the comment of the signature was changed, or another key made it$/],
  ['a genuine older release', /^this is another version$/],
  ['another project under the same key', /^this is a release of another project$/],
  ['nothing at all', /^no sums file is here$/],
])('finds %s', async (name, message) => {
  const result = await inFolder((place) => {
    writeDelivery(place, whole[name]!);
    return verify(place);
  });
  expect(result.verdict).toBe('failed');
  expect(result.findings.map((finding) => finding.message)).toContainEqual(expect.stringMatching(message));
});

it('never complains about an untouched delivery', async () => {
  const zip = (prefix: string): Buffer => storeZip([...genuine.files].map(([name, content]) => ({ name: `${prefix}${name}`, content })));
  const complaints: string[] = [];
  const check = async (what: string, path: string, more: object = {}, verdict = 'verified'): Promise<void> => {
    const result = await verify(path, more);
    if (result.verdict !== verdict) complaints.push(`${what}: ${result.verdict} ${JSON.stringify(result.findings)}`);
  };
  await inFolder(async (place) => {
    writeDelivery(place, genuine.files);
    writeFileSync(join(place, '..', 'flat.zip'), zip(''));
    writeFileSync(join(place, '..', 'wrapped.zip'), zip('app-1.0/'));
    await check('folder', place);
    await check('flat zip', join(place, '..', 'flat.zip'));
    await check('zip of a folder', join(place, '..', 'wrapped.zip'));
    await check('no pins', place, { project: undefined, version: undefined });
    await check('the version in another form', place, { version: '1.0.0' });
    for (const key of trusted) await check(`only ${key.format}`, place, { keys: [key] });
    await check(
      'any of several keys',
      place,
      {
        keys: [
          { ...trusted[0]!, required: false },
          { format: 'ssh', fingerprint: 'SHA256:x' },
        ],
      },
      'failed',
    );
    await check('no keys', place, { keys: [] }, 'integrity only');
  });
  for (const [name, kind] of genuine.kinds) {
    const files = [...genuine.files].filter(([file]) => file === name || /SUMS|release\.json/.test(file));
    if (/signature|sums/.test(kind)) continue;
    await inFolder(async (place) => {
      writeDelivery(place, files);
      await check(`${kind} alone`, place, { ignoreMissing: true });
    });
  }
  expect(complaints).toEqual([]);
});
