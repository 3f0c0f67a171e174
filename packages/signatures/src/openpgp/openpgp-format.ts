import { SIGNATURE_SUFFIXES, type DetachedSignatureFormat, type Payload, type SignatureFacts, type Verdict } from '../detached-signature';
import { hashPayload } from '../reading/digest-payload';
import { malformed, reading } from '../reading/signature-refused';
import { commentedText } from '../reading/strict-text';
import { ARMOR_HEADER, parseArmor, renderArmor } from './armor';
import { holds } from './key-packet';
import { TAG, readPackets } from './packets';
import { parseOpenPgpPublicKey, type OpenPgpPublicKey, type SigningKey } from './public-key';
import { SIGNATURE_TYPE, SUBPACKET, parseSignaturePacket, type SignaturePacket } from './signature-packet';

interface DetachedOpenPgp {
  packet: SignaturePacket;
  issuerFingerprint: string;
  canonical: boolean;
}

/** One armored signature over bytes, that names its key. */
function parseDetached(bytes: Uint8Array): DetachedOpenPgp {
  const packed = parseArmor(commentedText(bytes, 'the signature', ARMOR_HEADER), 'SIGNATURE', 'the signature');
  const [only, ...more] = readPackets(packed, 'the signature');
  if (only?.tag !== TAG.signature) malformed('the armor holds no signature');
  if (more.length > 0) malformed('the armor holds more than one signature');
  const packet = parseSignaturePacket(only!.body);
  if (packet.type !== SIGNATURE_TYPE.binary) malformed('the signature is not over the bytes of a file');
  const issuerFingerprint = packet.issuerFingerprint ?? malformed('the signature does not name the fingerprint of its key');
  const armored = Buffer.from(renderArmor(packed, 'SIGNATURE')).equals(bytes);
  return { packet, issuerFingerprint, canonical: armored && only!.shortest && packet.shortest && bindsEverything(packet, issuerFingerprint) };
}

/** What is not hashed could be changed by anybody: there may stand only the key id, and it must be right. */
function bindsEverything({ unhashed }: SignaturePacket, fingerprint: string): boolean {
  return (
    unhashed.length <= 1 &&
    unhashed.every(({ type, body }) => type === SUBPACKET.issuer && body.toString('hex').toUpperCase() === fingerprint.slice(-16))
  );
}

const factsOf = ({ packet, issuerFingerprint, canonical }: DetachedOpenPgp): SignatureFacts => ({
  format: 'gpg',
  claimedSigner: issuerFingerprint,
  algorithm: packet.algorithm,
  hash: packet.hash,
  time: packet.created,
  canonical,
});

/** OpenPGP: armored detached signatures of version 4, RSA or Ed25519 (EdDSA). */
export const openPgpFormat: DetachedSignatureFormat = {
  id: 'gpg',
  suffix: SIGNATURE_SUFFIXES.gpg,
  parse: (signature) => reading(() => factsOf(parseDetached(signature))),
  readPublicKey: (text) => reading(() => ({ format: 'gpg', fingerprint: parseOpenPgpPublicKey(text).primary.fingerprint })),
  verify: verifyOpenPgp,
};

async function verifyOpenPgp(signature: Uint8Array, publicKey: string, payload: Payload): Promise<Verdict> {
  const key = reading(() => parseOpenPgpPublicKey(publicKey));
  if (!key.ok) return { ok: false, reason: 'public-key', message: key.refusal.message };
  const read = reading(() => parseDetached(signature));
  if (!read.ok) return { ok: false, ...read.refusal };
  const { packet, issuerFingerprint } = read.facts;
  const signer = key.facts.signingKeys.find((candidate) => candidate.packet.fingerprint === issuerFingerprint);
  if (!signer) return notASigner(key.facts, issuerFingerprint);
  const expired = outOfTime(packet, signer);
  if (expired !== undefined) return { ok: false, reason: 'key', message: expired };
  const hash = await hashPayload(payload, packet.hash);
  if (!holds(packet, signer.packet, hash)) return { ok: false, reason: 'mismatch', message: 'the signature is over other bytes' };
  return { ok: true, fingerprint: key.facts.primary.fingerprint, signature: factsOf(read.facts) };
}

function notASigner({ primary, unusable }: OpenPgpPublicKey, issuer: string): Verdict {
  const fault = unusable.get(issuer);
  if (fault !== undefined) return { ok: false, reason: 'key', message: `key ${issuer} may not sign: ${fault}` };
  return { ok: false, reason: 'other-key', message: `the signature is by key ${issuer}, which is not of ${primary.fingerprint}` };
}

function outOfTime({ created, hashed }: SignaturePacket, { packet, expires }: SigningKey): string | undefined {
  if (created < packet.created) return `the signature says that it is older than key ${packet.fingerprint}`;
  if (expires !== undefined && created >= expires) return `key ${packet.fingerprint} had expired when it signed`;
  if (hashed.some(({ type }) => type === SUBPACKET.signatureExpires)) return 'the signature has an end: signatures of releases hold for ever';
  return undefined;
}
