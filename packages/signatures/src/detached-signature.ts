export const SIGNATURE_FORMATS = ['minisign', 'ssh', 'gpg', 'sigstore'] as const;
export type SignatureFormatId = (typeof SIGNATURE_FORMATS)[number];

/** Behind the signed file's name. */
export const SIGNATURE_SUFFIXES: Readonly<Record<SignatureFormatId, string>> = {
  minisign: '.minisig',
  ssh: '.sig',
  gpg: '.asc',
  sigstore: '.sigstore.json',
};

/** The format that a file name's ending tells: `app.tar.gz.asc` is `gpg`. */
export const formatIdOfName = (name: string): SignatureFormatId | undefined =>
  SIGNATURE_FORMATS.find((id) => name.endsWith(SIGNATURE_SUFFIXES[id]) && name.length > SIGNATURE_SUFFIXES[id].length);

/** What a signature says of itself. Nothing of it is proved before `verify` held. */
export interface SignatureFacts {
  format: SignatureFormatId;
  /** Whose it claims to be: minisign key id (16 digits), SSH key (`SHA256:…`), OpenPGP key that signed (40 digits), sigstore SHA-256 of the key. */
  claimedSigner: string;
  /** `ed25519`, `rsa`, `ecdsa-p256`. */
  algorithm: string;
  /** Hash over the signed file: `blake2b-512`, `sha256`, `sha512`. */
  hash: string;
  /** Seconds since 1970, in formats that sign a time (minisign: its comment). */
  time?: number;
  /** Signed comment of minisign, namespace of SSH. */
  comment?: string;
  /** These are the only bytes that say this: fixed comments, shortest lengths, nothing unsigned that could be changed. */
  canonical: boolean;
  /** Not canonical, and in a form that other programs write: spaces and order of its fields are not protected, all that it says is. */
  foreign?: true;
}

export interface Refusal {
  reason: 'malformed' | 'unsupported' | 'too-large';
  /** A sentence without full stop. */
  message: string;
}
export type Reading<T> = { ok: true; facts: T } | { ok: false; refusal: Refusal };

export interface PublicKeyFacts {
  format: SignatureFormatId;
  /** What pins this key: minisign the key itself in base64 (its id alone can be forged), SSH `SHA256:…`, OpenPGP 40 upper-case digits of the primary key, sigstore SHA-256 of the key in DER. */
  fingerprint: string;
}

export type Verdict =
  | {
      ok: true;
      /** Of the key that was given, in the form of `PublicKeyFacts`. */
      fingerprint: string;
      signature: SignatureFacts;
    }
  | {
      ok: false;
      /** `mismatch`: other bytes or a forged signature. `other-key`: made by another key. `key`: this key may not sign that (expired, revoked, not bound). */
      reason: Refusal['reason'] | 'public-key' | 'other-key' | 'mismatch' | 'key';
      message: string;
    };

/** The signed file, in pieces of any size. */
export type Payload = Iterable<Uint8Array> | AsyncIterable<Uint8Array>;

/** One format of detached signatures: bytes to facts, and is it right? Never throws for what the bytes are. */
export interface DetachedSignatureFormat {
  id: SignatureFormatId;
  /** Behind the signed file's name. */
  suffix: string;
  parse(signature: Uint8Array): Reading<SignatureFacts>;
  /** `publicKey` is the text of the key file as its tool writes it. */
  readPublicKey(publicKey: string): Reading<PublicKeyFacts>;
  verify(signature: Uint8Array, publicKey: string, payload: Payload): Promise<Verdict>;
}
