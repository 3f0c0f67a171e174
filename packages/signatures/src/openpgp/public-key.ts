import { createHash } from 'node:crypto';
import { reading, unsupported, malformed } from '../reading/signature-refused';
import { commentedText } from '../reading/strict-text';
import { ARMOR_HEADER, parseArmor } from './armor';
import { holds, parseKeyPacket, type KeyPacket } from './key-packet';
import { TAG, readPackets, type Packet } from './packets';
import { SIGNATURE_TYPE, SUBPACKET, numberOf, parseSignaturePacket, signatureTypeOf, subpacketOf, type SignaturePacket } from './signature-packet';

/** A key that may sign, with what limits it. */
export interface SigningKey {
  packet: KeyPacket;
  /** Seconds since 1970; absent: never. */
  expires?: number;
}

export interface OpenPgpPublicKey {
  primary: KeyPacket;
  /** Primary and subkeys that the primary lets sign, that agree to it, and that nobody has revoked. */
  signingKeys: readonly SigningKey[];
  /** Other keys of the file, by fingerprint, with the reason. */
  unusable: ReadonlyMap<string, string>;
}

const SIGN_FLAG = 0x02;

/** One armored key as `gpg --armor --export` writes it. What its own signatures do not prove does not count. */
export function parseOpenPgpPublicKey(text: string): OpenPgpPublicKey {
  const what = 'the public key';
  const packets = readPackets(parseArmor(commentedText(Buffer.from(text), what, ARMOR_HEADER), 'PUBLIC KEY BLOCK', what), what);
  const [first, ...rest] = packets;
  if (first?.tag !== TAG.publicKey) malformed('the public key does not begin with a key');
  if (rest.some(({ tag }) => tag === TAG.publicKey)) unsupported('the file holds more than one key: export the one that signs');
  const primary = parseKeyPacket(first!.body);
  const groups = groupsOf(rest);
  const judged = [
    judgePrimary(primary, groups),
    ...groups.filter(({ head }) => head?.tag === TAG.publicSubkey).flatMap((group) => judgeSubkey(primary, group)),
  ];
  const { bindsAll, expires: end } = judged[0]!;
  const signingKeys = judged.flatMap(({ key, fault, expires = end }) => {
    if (fault !== undefined || bindsAll !== undefined) return [];
    return [{ packet: key, ...(expires !== undefined && { expires: Math.min(expires, end ?? expires) }) }];
  });
  const unusable = judged.flatMap(({ key, fault = bindsAll }) => (fault === undefined ? [] : [[key.fingerprint, fault] as const]));
  return { primary, signingKeys, unusable: new Map(unusable) };
}

/** A user id or subkey with the signatures behind it; the first group, without a head, is the primary key's own. */
interface Group {
  head?: Packet;
  signatures: readonly SignaturePacket[];
  /** Types of the signatures that cannot be read, with the reason. */
  unreadable: ReadonlyMap<number, string>;
}

function groupsOf(packets: readonly Packet[]): readonly Group[] {
  const groups: { head?: Packet; signatures: SignaturePacket[]; unreadable: Map<number, string> }[] = [{ signatures: [], unreadable: new Map() }];
  for (const packet of packets) {
    if (packet.tag !== TAG.signature) groups.push({ head: packet, signatures: [], unreadable: new Map() });
    else {
      // What others have said about the key, in any form of theirs, is not asked; a revocation is, in any form.
      const read = reading(() => parseSignaturePacket(packet.body));
      if (read.ok) groups.at(-1)!.signatures.push(read.facts);
      else groups.at(-1)!.unreadable.set(signatureTypeOf(packet.body), read.refusal.message);
    }
  }
  return groups;
}

/** Why a key may not sign, when one of its revocations cannot be read: nobody can tell that it does not hold. */
function unreadableRevocation(groups: readonly Group[], type: number): string | undefined {
  const reason = groups.map(({ unreadable }) => unreadable.get(type)).find((one) => one !== undefined);
  return reason === undefined ? undefined : `it has a revocation that cannot be read (${reason})`;
}

interface Judged {
  key: KeyPacket;
  expires?: number;
  fault?: string;
  /** Of a primary key: why none of its subkeys may sign. */
  bindsAll?: string;
}

const over = (signature: SignaturePacket, ...parts: readonly Buffer[]) => {
  const hash = createHash(signature.hash);
  for (const part of parts) hash.update(part);
  return hash;
};

const newest = (signatures: readonly SignaturePacket[]): SignaturePacket | undefined =>
  [...signatures].sort((one, other) => other.created - one.created)[0];

function expiryOf(key: KeyPacket, signature: SignaturePacket): { expires?: number } {
  const seconds = numberOf(signature.hashed, SUBPACKET.keyExpires);
  return seconds === undefined || seconds === 0 ? {} : { expires: key.created + seconds };
}

function judgePrimary(primary: KeyPacket, groups: readonly Group[]): Judged {
  const own = groups.flatMap(({ head, signatures }) => signatures.filter((signature) => isSelfSignature(primary, head, signature)));
  if (own.some(({ type }) => type === SIGNATURE_TYPE.keyRevocation)) {
    return { key: primary, fault: 'it was revoked', bindsAll: 'its primary key was revoked' };
  }
  const unread = unreadableRevocation(groups, SIGNATURE_TYPE.keyRevocation);
  if (unread !== undefined) return { key: primary, fault: unread, bindsAll: `of its primary key: ${unread}` };
  const current = newest(own);
  if (!current) return { key: primary, fault: 'it has no signature of its own', bindsAll: 'its primary key has no signature of its own' };
  const flags = subpacketOf(current.hashed, SUBPACKET.keyFlags);
  const fault = flags !== undefined && ((flags[0] ?? 0) & SIGN_FLAG) === 0 ? 'it is not for signing files' : undefined;
  return { key: primary, ...expiryOf(primary, current), ...(fault !== undefined && { fault }) };
}

function isSelfSignature(primary: KeyPacket, head: Packet | undefined, signature: SignaturePacket): boolean {
  if (signature.issuerFingerprint !== undefined && signature.issuerFingerprint !== primary.fingerprint) return false;
  if (!head) {
    const known: readonly number[] = [SIGNATURE_TYPE.direct, SIGNATURE_TYPE.keyRevocation];
    return known.includes(signature.type) && holds(signature, primary, over(signature, primary.hashed));
  }
  if (head.tag !== TAG.userId && head.tag !== TAG.userAttribute) return false;
  if (!(SIGNATURE_TYPE.certifications as readonly number[]).includes(signature.type)) return false;
  const prefix = Buffer.alloc(5);
  prefix[0] = head.tag === TAG.userId ? 0xb4 : 0xd1;
  prefix.writeUInt32BE(head.body.length, 1);
  return holds(signature, primary, over(signature, primary.hashed, prefix, head.body));
}

function judgeSubkey(primary: KeyPacket, group: Group): readonly Judged[] {
  const { head, signatures } = group;
  const read = reading(() => parseKeyPacket(head!.body));
  // A key for encryption, of an algorithm that signs nothing here.
  if (!read.ok) return [];
  const key = read.facts;
  const own = signatures.filter((signature) => holds(signature, primary, over(signature, primary.hashed, key.hashed)));
  if (own.some(({ type }) => type === SIGNATURE_TYPE.subkeyRevocation)) return [{ key, fault: 'it was revoked' }];
  const unread = unreadableRevocation([group], SIGNATURE_TYPE.subkeyRevocation);
  if (unread !== undefined) return [{ key, fault: unread }];
  const binding = newest(own.filter(({ type }) => type === SIGNATURE_TYPE.subkeyBinding));
  if (!binding) return [{ key, fault: 'its primary key does not vouch for it' }];
  const flags = subpacketOf(binding.hashed, SUBPACKET.keyFlags);
  if (((flags?.[0] ?? 0) & SIGN_FLAG) === 0) return [{ key, fault: 'it is not for signing files' }];
  if (!agrees(primary, key, binding)) return [{ key, fault: 'it does not itself confirm its primary key' }];
  return [{ key, ...expiryOf(key, binding) }];
}

/** The subkey's own signature, without which anybody could adopt somebody's key as theirs. */
function agrees(primary: KeyPacket, key: KeyPacket, binding: SignaturePacket): boolean {
  const embedded = subpacketOf(binding.hashed, SUBPACKET.embedded) ?? subpacketOf(binding.unhashed, SUBPACKET.embedded);
  if (embedded === undefined) return false;
  const back = reading(() => parseSignaturePacket(embedded));
  return back.ok && back.facts.type === SIGNATURE_TYPE.primaryBinding && holds(back.facts, key, over(back.facts, primary.hashed, key.hashed));
}
