import { sign, verify } from 'node:crypto';
import {
  SIGNATURE_SUFFIXES,
  type DetachedSignatureFormat,
  type Payload,
  type Reading,
  type SignatureFacts,
  type Verdict,
} from '../detached-signature';
import { digestPayload } from '../reading/digest-payload';
import { reading } from '../reading/signature-refused';
import { parseSshPublicKey, sshFingerprint, sshPublicKeyText, type SshPublicKey } from './ssh-keys';
import type { SshPrivateKey } from './ssh-private-key';
import { parseSshSignature, renderSshSignature, sshSignedBytes, type SshSignature } from './ssh-signature';

/** What `ssh-keygen -Y sign -n file` uses for files. */
export const SSH_NAMESPACE = 'file';

function factsOf(parsed: SshSignature, bytes: Uint8Array): SignatureFacts {
  return {
    format: 'ssh',
    claimedSigner: sshFingerprint(parsed.publicKey),
    algorithm: parsed.publicKey.type === 'ssh-ed25519' ? 'ed25519' : 'rsa',
    hash: parsed.hash,
    comment: parsed.namespace,
    canonical: parsed.reserved.length === 0 && renderSshSignature(parsed).equals(bytes),
  };
}

/** OpenSSH signatures in the namespace `file`. */
export const sshFormat: DetachedSignatureFormat = {
  id: 'ssh',
  suffix: SIGNATURE_SUFFIXES.ssh,
  parse: (signature) => reading(() => factsOf(parseSshSignature(signature), signature)),
  readPublicKey: (text) => reading(() => ({ format: 'ssh', fingerprint: sshFingerprint(parseSshPublicKey(text)) })),
  verify: verifySsh,
};

async function verifySsh(signature: Uint8Array, publicKey: string, payload: Payload): Promise<Verdict> {
  const key = reading(() => parseSshPublicKey(publicKey));
  if (!key.ok) return { ok: false, reason: 'public-key', message: key.refusal.message };
  const read = reading(() => parseSshSignature(signature));
  if (!read.ok) return { ok: false, ...read.refusal };
  return judge(read.facts, key.facts, await digestPayload(payload, read.facts.hash), signature);
}

function judge(parsed: SshSignature, key: SshPublicKey, digest: Buffer, bytes: Uint8Array): Verdict {
  if (!parsed.publicKey.blob.equals(key.blob)) {
    return { ok: false, reason: 'other-key', message: `the signature is by key ${sshFingerprint(parsed.publicKey)}, not by ${sshFingerprint(key)}` };
  }
  if (parsed.namespace !== SSH_NAMESPACE) {
    return { ok: false, reason: 'mismatch', message: `the signature is for \`${parsed.namespace}\`, not for \`${SSH_NAMESPACE}\`` };
  }
  const name = parsed.algorithm === 'ssh-ed25519' ? null : parsed.algorithm === 'rsa-sha2-512' ? 'sha512' : 'sha256';
  const holds = verify(name, sshSignedBytes(parsed, digest), key.key, parsed.signature);
  if (!holds) return { ok: false, reason: 'mismatch', message: 'the signature is over other bytes' };
  return { ok: true, fingerprint: sshFingerprint(key), signature: factsOf(parsed, bytes) };
}

/** The key that a signature brings along, as a line. It proves nothing of whose it is: compare its fingerprint (`claimedSigner`). */
export const sshKeyOfSignature = (signature: Uint8Array): Reading<string> => reading(() => sshPublicKeyText(parseSshSignature(signature).publicKey));

/** A signature over the SHA-512 `digest` of a file. The same key and digest give the same bytes. */
export function signSsh({ secret, ...publicKey }: SshPrivateKey, digest: Uint8Array): Buffer {
  const head = { namespace: SSH_NAMESPACE, reserved: Buffer.alloc(0), hash: 'sha512' as const };
  const ed25519 = publicKey.type === 'ssh-ed25519';
  const signature = sign(ed25519 ? null : 'sha512', sshSignedBytes(head, digest), secret);
  return renderSshSignature({ ...head, publicKey, algorithm: ed25519 ? 'ssh-ed25519' : 'rsa-sha2-512', signature });
}
