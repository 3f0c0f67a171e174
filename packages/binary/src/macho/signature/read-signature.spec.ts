import { createHash } from 'node:crypto';
import type { BinaryRefusal } from '../../binary-refusal';
import { bytesAsSource } from '../../byte-source';
import type { MachOSignature, MachOSignatureReading } from './macho-signature-facts';
import { buildMachO } from '../../testing/build-macho';
import { blob, buildSignedMachO, type SignatureRecipe, type SignedMachO, superBlob } from '../../testing/build-macho-signature';
import { readMachO } from '../read-macho';
import { readMachOSignature } from './read-signature';

function read(bytes: Uint8Array): MachOSignatureReading {
  const source = bytesAsSource(bytes);
  const reading = readMachO(source);
  if (!reading.ok) throw new Error(reading.refusal.message);
  return readMachOSignature(source, reading.facts.slices[0]!);
}

function factsOf(bytes: Uint8Array): MachOSignature {
  const reading = read(bytes);
  if (!reading.ok) throw new Error(`${reading.refusal.reason}: ${reading.refusal.message}`);
  return reading.facts;
}

function refusalOf(bytes: Uint8Array): BinaryRefusal | undefined {
  const reading = read(bytes);
  return reading.ok ? undefined : reading.refusal;
}

const RICH: SignatureRecipe = {
  identifier: 'org.example.app',
  team: 'TEAM123456',
  flags: 0x12002,
  hashTypes: [1, 2],
  entitlements: '<plist/>',
  entitlementsDer: Uint8Array.from([0x70, 0]),
  infoPlist: Buffer.from('info'),
  codeResources: Buffer.from('resources'),
  cms: () => Buffer.from('a CMS structure'),
};

describe('readMachOSignature', () => {
  it('reads every fact', () => {
    const built = buildSignedMachO({}, RICH);
    const facts = factsOf(built.bytes);
    const common = {
      version: 0x20500,
      flags: 0x12002,
      flagNames: ['adhoc', 'library-validation', 'runtime'],
      identifier: 'org.example.app',
      teamId: 'TEAM123456',
      platform: 0,
      pageSize: 4_096,
      codeLimit: built.signatureAt,
      pageCount: 3,
      executableSegment: { base: 0, limit: 4_096, flags: ['main-binary'] },
      runtimeVersion: '14.2.0',
    };
    expect(facts).toMatchObject({
      offset: built.signatureAt,
      size: 32_768,
      entitlements: '<plist/>',
      codeDirectories: [
        { slot: 0, hashType: 'sha1', ...common },
        { slot: 0x1000, hashType: 'sha256', ...common },
      ],
    });
    expect(facts.blobs.map(({ slot }) => slot)).toEqual([0, 0x1000, 2, 5, 7, 0x10000]);
    expect(Buffer.from(facts.cms!).toString()).toBe('a CMS structure');
    expect(built.bytes.indexOf(facts.cms![0]!, facts.cmsOffset)).toBe(facts.cmsOffset);
    expect([...facts.entitlementsDer!]).toEqual([0x70, 0]);
    expect([...facts.codeDirectories[0]!.specialSlots.keys()]).toEqual([1, 2, 3, 5, 7]);
    const digest = createHash('sha256').update('info').digest('hex');
    expect(facts.codeDirectories[1]!.specialSlots.get(1)).toBe(digest);
    const cdhash = createHash('sha256').update(built.directories[1]!).digest('hex').slice(0, 40);
    expect(facts.codeDirectories[1]!.cdhash).toBe(cdhash);
  });

  it.each([
    [1, 'sha1'],
    [2, 'sha256'],
    [3, 'sha256-truncated'],
    [4, 'sha384'],
  ] as const)('reads digests of type %i', (type, hashType) => {
    expect(factsOf(buildSignedMachO({}, { hashTypes: [type] }).bytes).codeDirectories).toMatchObject([{ hashType, pageCount: 3 }]);
  });

  it.each([0x20001, 0x20100, 0x20200, 0x20300, 0x20400, 0x20500])('reads directories of version %i', (version) => {
    const [directory] = factsOf(buildSignedMachO({}, { version }).bytes).codeDirectories;
    expect(directory).toMatchObject({ version, identifier: 'org.example.test' });
    expect(directory!.executableSegment !== undefined).toBe(version >= 0x20400);
  });

  it('reads one page of any length', () => {
    expect(factsOf(buildSignedMachO({}, { pagePower: 0 }).bytes).codeDirectories).toMatchObject([{ pageSize: 0, pageCount: 1 }]);
  });
});

describe('readMachOSignature refuses', () => {
  /** Of the SuperBlob, or of the first code directory behind its header of 8 bytes. */
  const set =
    (where: 'signature' | 'directory', field: number, value: number, width: 1 | 4 = 4) =>
    (built: SignedMachO): Uint8Array => {
      const view = new DataView(built.bytes.buffer);
      const first = view.getUint32(built.signatureAt + 16);
      const at = built.signatureAt + (where === 'signature' ? 0 : first) + field;
      if (width === 1) view.setUint8(at, value);
      else view.setUint32(at, value);
      return built.bytes;
    };
  const cases: readonly (readonly [string, BinaryRefusal['reason'], (built: SignedMachO) => Uint8Array])[] = [
    ['another magic number', 'bad-signature', set('signature', 0, 0xfade0cc1)],
    ['a signature longer than its range', 'bad-signature', set('signature', 4, 40_000)],
    ['parts without number', 'limit', set('signature', 8, 65)],
    ['a table longer than the signature', 'bad-signature', (built) => (set('signature', 8, 60)(built), set('signature', 4, 200)(built))],
    ['a part inside the table', 'bad-signature', set('signature', 16, 4)],
    ['a part behind the end', 'bad-signature', set('signature', 16, 30_000)],
    ['a part of no bytes', 'bad-signature', set('directory', 4, 0)],
    ['a part longer than the signature', 'bad-signature', set('directory', 4, 40_000)],
    ['a part that stands twice', 'bad-signature', set('signature', 20, 0)],
    ['no code directory', 'bad-signature', set('signature', 12, 99)],
    ['a code directory of another kind', 'bad-signature', set('directory', 0, 0xfade0c01)],
    ['requirements of another kind', 'bad-signature', set('signature', 20, 5)],
    ['a version before all', 'unsupported', set('directory', 8, 0x10000)],
    ['a version of the future', 'unsupported', set('directory', 8, 0x30000)],
    ['a directory too short for its version', 'bad-signature', set('directory', 4, 90)],
    ['an unknown digest', 'bad-signature', set('directory', 37, 9, 1)],
    ['digests of another length', 'bad-signature', set('directory', 36, 20, 1)],
    ['scattered pages', 'unsupported', set('directory', 44, 96)],
    ['pages of 2^40 bytes', 'bad-signature', set('directory', 39, 40, 1)],
    ['fewer digests than pages', 'bad-signature', set('directory', 28, 2)],
    ['digests behind the end', 'bad-signature', set('directory', 16, 5_000)],
    ['special slots without number', 'limit', set('directory', 24, 65)],
    ['special slots before the end of the header', 'bad-signature', set('directory', 24, 60)],
    ['an identifier in the header', 'bad-string', set('directory', 20, 8)],
    ['an identifier behind the end', 'bad-string', set('directory', 20, 9_000)],
    ['a team behind the end', 'bad-string', set('directory', 48, 9_000)],
  ];

  it.each(cases)('%s as %s', (_case, reason, damage) => {
    expect(refusalOf(damage(buildSignedMachO({}, { team: 'TEAM123456' })))?.reason).toBe(reason);
  });

  it('a file without signature, half a signature, endless entitlements, endless names', () => {
    expect(refusalOf(buildMachO().bytes)).toMatchObject({ reason: 'not-signed' });
    expect(refusalOf(buildMachO({ signatureBytes: 8 }).bytes)?.reason).toBe('bad-signature');
    const signatureBytes = 2 * 1024 * 1024;
    const entitlements = ' '.repeat(1024 * 1024);
    expect(refusalOf(buildSignedMachO({ signatureBytes }, { entitlements }).bytes)?.reason).toBe('limit');
    expect(refusalOf(buildSignedMachO({}, { identifier: 'x'.repeat(1_025) }).bytes)?.reason).toBe('limit');
  });

  it('an alternate code directory that is none', () => {
    const built = buildSignedMachO({}, { blobs: [[0x1000, blob(0xfade0c01, new Uint8Array(60))]] });
    expect(refusalOf(built.bytes)).toMatchObject({ reason: 'bad-signature' });
  });

  it('a signature without end', () => {
    const built = buildMachO({ signatureBytes: 16 });
    const source = {
      size: 2 ** 31,
      read: (offset: number, length: number) => Buffer.concat([built.bytes.subarray(offset, offset + length)], length),
    };
    new DataView(built.bytes.buffer).setUint32(built.commandAt(0x1d) + 12, 65 * 1024 * 1024, true);
    const reading = readMachO(source);
    if (!reading.ok) throw new Error(reading.refusal.message);
    expect(readMachOSignature(source, reading.facts.slices[0]!)).toMatchObject({ ok: false, refusal: { reason: 'limit' } });
  });

  it('says where in the file', () => {
    const built = buildSignedMachO();
    built.bytes.set(superBlob([[0, blob(0xfade0c02, new Uint8Array(8))]]), built.signatureAt);
    expect(refusalOf(built.bytes)).toMatchObject({ reason: 'bad-signature', offset: built.signatureAt + 20 });
  });
});
