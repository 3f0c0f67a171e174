import { bytesAsSource } from '../../byte-source';
import type { MachOVerification, VerifyMachORequest } from './macho-verification';
import type { SignatureProblemCode } from '../../signature-problem';
import { buildUniversal, type MachORecipe } from '../../testing/build-macho';
import { AD_HOC, blob, buildSignedMachO, type SignatureRecipe, type SignedMachO } from '../../testing/build-macho-signature';
import { type Authorities, DAY_MS, makeAuthorities, TODAY } from '../../testing/cms/make-certificate';
import { type AppleCmsRecipe, makeAppleCms } from '../../testing/cms/make-apple-cms';
import { attribute, makeTimestamp } from '../../testing/cms/make-cms';
import { readMachO } from '../read-macho';
import { universalProblems } from './universal-problems';
import { verifyMachOSignature } from './verify-signature';

const people: Authorities = makeAuthorities();
const ROOTS = [people.root.certificate];

function verifyAll(bytes: Uint8Array, request: Partial<VerifyMachORequest> = {}): MachOVerification[] {
  const source = bytesAsSource(bytes);
  const reading = readMachO(source);
  if (!reading.ok) throw new Error(reading.refusal.message);
  return reading.facts.slices.map((slice) => {
    const verified = verifyMachOSignature(source, slice, { now: TODAY, roots: ROOTS, ...request });
    if (!verified.ok) throw new Error(`${verified.refusal.reason}: ${verified.refusal.message}`);
    return verified.facts;
  });
}

const verify = (bytes: Uint8Array, request?: Partial<VerifyMachORequest>): MachOVerification => verifyAll(bytes, request)[0]!;
const codes = ({ problems }: MachOVerification): SignatureProblemCode[] => problems.map(({ code }) => code);

const appleCms = (directories: readonly Uint8Array[], recipe: AppleCmsRecipe = {}): Uint8Array => makeAppleCms(people, directories, recipe);

const SIGNED: SignatureRecipe = {
  team: 'TEAM123456',
  flags: 0x10000,
  entitlements: '<plist><dict/></plist>',
  entitlementsDer: Buffer.from('7005020101b000', 'hex'),
  cms: (directories) => appleCms(directories),
};
/** `{com.apple.security.get-task-allow: true}`. */
const DEBUGGED = Buffer.from('702c020101b02730250c20636f6d2e6170706c652e73656375726974792e6765742d7461736b2d616c6c6f770101ff', 'hex');
const signed = (recipe: SignatureRecipe = {}, file: MachORecipe = {}): SignedMachO => buildSignedMachO(file, { ...SIGNED, ...recipe });

describe('verifyMachOSignature', () => {
  it.each([
    ['one directory', [2]],
    ['two directories', [1, 2]],
  ])('holds for a signature of %s, with chain and timestamp', (_case, hashTypes) => {
    const verification = verify(signed({ hashTypes }).bytes);
    expect(verification).toMatchObject({
      kind: 'certificate',
      problems: [],
      directories: hashTypes.map(() => ({ badPages: [] })),
      signer: { trusted: true, timestamp: { time: TODAY - DAY_MS, problems: [] } },
    });
    expect(verification.signer!.chain[0]!.subject.commonName).toBe('Test Signer');
    expect(verification.slots.map(({ name, state }) => [name, state])).toEqual([
      ['requirements', 'matches'],
      ['entitlements', 'matches'],
      ['entitlements (DER)', 'matches'],
    ]);
  });

  it.each([0, 12, 14, 22])('checks pages of 2^%i bytes', (pagePower) => {
    const built = signed({ pagePower }, { codeBytes: 3_000_000 });
    expect(verify(built.bytes).problems).toEqual([]);
    built.bytes[2_500_000]! ^= 1;
    const verification = verify(built.bytes);
    expect(codes(verification)).toEqual(['page-hash']);
    expect(verification.directories[0]!.badPages).toEqual([pagePower === 0 ? 0 : Math.floor(2_500_000 / 2 ** pagePower)]);
  });

  it.each([1, 2, 3, 4])('checks digests of type %i', (type) => {
    const built = signed({ hashTypes: [type], cms: undefined, flags: AD_HOC } as never);
    const weak = type === 1 ? ['weak-digest'] : [];
    expect(codes(verify(built.bytes))).toEqual(weak);
    built.bytes[5_000]! ^= 1;
    expect(codes(verify(built.bytes))).toEqual(['page-hash', ...weak]);
  });

  it('checks each slice of a universal file by itself', () => {
    const cpu = { cpuType: 0x01000007, cpuSubtype: 3 };
    const universal = buildUniversal([
      { bytes: signed({}, cpu).bytes, ...cpu },
      { bytes: signed().bytes, cpuType: 0x0100000c },
    ]);
    expect(verifyAll(universal).map(codes)).toEqual([[], []]);
    universal[universal.length - 33_000 - 500]! ^= 1;
    expect(verifyAll(universal).map(codes)).toEqual([[], ['page-hash']]);
  });

  it('an ad-hoc signature is none of anybody: it holds, and says so', () => {
    for (const cms of [undefined, () => new Uint8Array()]) {
      const verification = verify(signed({ flags: AD_HOC, cms } as SignatureRecipe).bytes);
      expect(verification).toMatchObject({ kind: 'ad-hoc', problems: [] });
      expect(verification.signer).toBeUndefined();
    }
  });

  it('takes the bundle’s files, and the Info.plist inside of a file', () => {
    const [infoPlist, codeResources] = [Buffer.from('<plist>info</plist>'), Buffer.from('<plist>resources</plist>')];
    const { bytes } = signed({ infoPlist, codeResources });
    const states = (request?: Partial<VerifyMachORequest>): string[] =>
      verify(bytes, request)
        .slots.slice(0, 3)
        .map(({ state }) => state);
    expect(states()).toEqual(['not-given', 'matches', 'not-given']);
    expect(states({ infoPlist, codeResources })).toEqual(['matches', 'matches', 'matches']);
    const changed = verify(bytes, { infoPlist: Buffer.from('<plist>other</plist>'), codeResources });
    expect(codes(changed)).toEqual(['slot-hash']);
    const embedded = signed({ infoPlist }, { infoPlist });
    expect(verify(embedded.bytes)).toMatchObject({ problems: [], slots: [{ name: 'Info.plist', state: 'matches' }, {}, {}, {}] });
    expect(codes(verify(signed({}, { infoPlist }).bytes))).toEqual(['slot-unbound']);
  });
});

it('the rest of an older signature behind the present one, as codesign leaves it, is no fault', () => {
  const built = signed();
  built.bytes.fill(7, built.signatureAt + built.signature.length + 5, built.signatureAt + built.signature.length + 900);
  expect(verify(built.bytes).problems).toEqual([]);
});

describe('verifyMachOSignature finds', () => {
  const other = signed({ identifier: 'org.example.other' });
  const stranger = makeAuthorities({ organizationalUnit: 'OTHERTEAM1' });
  const flip = (built: SignedMachO, at: number): Uint8Array => {
    built.bytes[at]! ^= 1;
    return built.bytes;
  };
  const indexOf = (built: SignedMachO, text: string): number => Buffer.from(built.bytes.buffer).indexOf(text, built.signatureAt);
  const planted: readonly (readonly [string, SignatureProblemCode, () => Uint8Array])[] = [
    ['a flipped byte of code', 'page-hash', () => flip(signed(), 5_000)],
    ['a flipped byte of a load command', 'page-hash', () => flip(signed(), 40)],
    ['the CMS structure of another file', 'content-digest', () => signed({ cms: () => appleCms(other.directories) }).bytes],
    ['entitlements that were changed', 'slot-hash', () => ((built) => flip(built, indexOf(built, '<plist>')))(signed())],
    [
      'entitlements that were added',
      'slot-unbound',
      () => signed({ entitlementsDer: undefined, blobs: [[7, blob(0xfade7172, Buffer.from('7005020101b000', 'hex'))]] } as never).bytes,
    ],
    ['requirements that were taken away', 'slot-missing', () => withoutSlot(signed(), 2)],
    ['an ad-hoc signature that is not marked as one', 'no-certificate', () => signed({ cms: undefined } as never).bytes],
    ['an ad-hoc signature with an empty CMS part', 'no-certificate', () => signed({ cms: () => new Uint8Array() }).bytes],
    ['an ad-hoc signature that borrows a certificate', 'certificate-on-ad-hoc', () => signed({ flags: AD_HOC }).bytes],
    ['a CMS structure without signer', 'signer-count', () => signed({ cms: (all) => appleCms(all, { signers: 0 }) }).bytes],
    ['a CMS structure of two signers', 'signer-count', () => signed({ cms: (all) => appleCms(all, { signers: 2 }) }).bytes],
    [
      'the certificate of another team',
      'team-differs',
      () => signed({ cms: (all) => appleCms(all, { signer: stranger.signer, certificates: [] }) }).bytes,
    ],
    [
      'the certificate of a stranger',
      'untrusted',
      () => signed({ cms: (all) => appleCms(all, { signer: stranger.signer, certificates: [stranger.intermediate] }) }).bytes,
    ],
    [
      'a second directory that the certificate did not sign',
      'directory-unsigned',
      () => signed({ hashTypes: [1, 2], cms: (all) => appleCms(all, { named: all.slice(0, 1) }) }).bytes,
    ],
    [
      'a second directory without any list',
      'directory-unsigned',
      () => signed({ hashTypes: [1, 2], cms: (all) => appleCms(all, { moreAttributes: [] }) }).bytes,
    ],
    ['directories that disagree', 'directories-differ', () => signed({ blobs: [[0x1000, other.directories[0]!]] }).bytes],
    ['code that no page covers', 'code-uncovered', () => signed({ uncovered: 4_096 }).bytes],
    ['data behind the signature', 'data-behind-signature', () => Buffer.concat([signed().bytes, Buffer.from('more')])],
    ['entitlements that say something else as DER', 'entitlements-differ', () => signed({ entitlementsDer: DEBUGGED }).bytes],
    ['entitlements as DER alone', 'entitlements-differ', () => signed({ entitlements: undefined, entitlementsDer: DEBUGGED } as never).bytes],
    ['entitlements as DER that are none', 'entitlements-differ', () => signed({ entitlementsDer: Buffer.from('3000', 'hex') }).bytes],
    [
      'entitlements of which one stands twice as DER',
      'entitlements-differ',
      () =>
        signed({
          entitlements: '<plist><dict><key>a</key><false/></dict></plist>',
          entitlementsDer: Buffer.from('7015020101b01030060c01610101ff30060c0161010100', 'hex'),
        }).bytes,
    ],
    ['entitlements that are no property list', 'entitlements-differ', () => signed({ entitlements: '<plist>' }).bytes],
    ['data between the parts of the signature', 'data-behind-signature', () => withGap(signed())],
    ['a part that nothing covers', 'slot-unbound', () => signed({ blobs: [[0x777, blob(0xfade0b01, Buffer.from('payload'))]] }).bytes],
    ['a timestamp of the future', 'timestamp', () => signed({ cms: (all) => appleCms(all, { stampedAt: TODAY + 30 * DAY_MS }) }).bytes],
    ['a timestamp of another signature', 'timestamp', () => signed({ cms: (all) => appleCms(all, otherStamp()) }).bytes],
  ];

  function otherStamp(): AppleCmsRecipe {
    const stamp = { stamper: people.stamper, certificates: [people.root], time: TODAY - DAY_MS, stampOther: true };
    return { unsigned: (signature) => [attribute('1.2.840.113549.1.9.16.2.14', makeTimestamp(signature, stamp))] };
  }

  it('of a universal file what lies between its slices and behind them', () => {
    const cpu = { cpuType: 0x01000007, cpuSubtype: 3 };
    const universal = Buffer.concat([
      buildUniversal([
        { bytes: signed({}, cpu).bytes, ...cpu },
        { bytes: signed().bytes, cpuType: 0x0100000c },
      ]),
      new Uint8Array(8),
    ]);
    const problemsOf = (bytes: Uint8Array): SignatureProblemCode[] => {
      const source = bytesAsSource(bytes);
      const reading = readMachO(source);
      if (!reading.ok) throw new Error(reading.refusal.message);
      return universalProblems(source, reading.facts).map(({ code }) => code);
    };
    expect(problemsOf(universal)).toEqual([]);
    for (const at of [100, universal.length - 1]) {
      const hidden = Buffer.from(universal);
      hidden[at] = 1;
      expect(problemsOf(hidden)).toEqual(['data-behind-signature']);
    }
    expect(problemsOf(Buffer.concat([signed().bytes, Buffer.from('x')]))).toEqual([]);
  });

  it.each(planted)('%s: %s', (_case, code, make) => {
    expect(codes(verify(make()))).toContain(code);
  });

  it('a CMS part that is no CMS: refused, so never taken for a signature', () => {
    const source = bytesAsSource(signed({ cms: () => Buffer.from('no CMS structure') }).bytes);
    const reading = readMachO(source);
    if (!reading.ok) throw new Error(reading.refusal.message);
    expect(verifyMachOSignature(source, reading.facts.slices[0]!, { now: TODAY })).toMatchObject({ ok: false, refusal: { reason: 'bad-der' } });
  });
});

/** Says of the last part, CMS, that it begins 16 bytes later, and hides something there. */
function withGap(built: SignedMachO): Uint8Array {
  const view = new DataView(built.bytes.buffer);
  const start = built.signatureAt;
  const entry = start + 12 + (view.getUint32(start + 8) - 1) * 8;
  const at = view.getUint32(entry + 4);
  built.bytes.copyWithin(start + at + 16, start + at, start + view.getUint32(start + 4));
  built.bytes.set(Buffer.from('payload of 16 by'), start + at);
  view.setUint32(entry + 4, at + 16);
  view.setUint32(start + 4, view.getUint32(start + 4) + 16);
  return built.bytes;
}

/** Renames a part's entry in the table, so that nothing stands in its slot. */
function withoutSlot(built: SignedMachO, slot: number): Uint8Array {
  const view = new DataView(built.bytes.buffer);
  for (let at = built.signatureAt + 12; ; at += 8) {
    if (view.getUint32(at) !== slot) continue;
    view.setUint32(at, 0x999);
    return built.bytes;
  }
}
