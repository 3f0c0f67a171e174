import { Readable } from 'node:stream';
import type { ReadableStream } from 'node:stream/web';
import { openPgpFormat, renderArmor } from '@waybill/signatures';
import type { PrivateKey } from 'openpgp';
import { signingErrors } from '../errors/signing-errors';
import type { DetachedSigner, KeySource, SignedFile, SigningBackend } from './detached-signer';

const MAKE = '`gpg --armor --export-secret-keys <fingerprint>`';
type OpenPgp = typeof import('openpgp');

/** openpgp.js: no agent, no home, no file that a key could be left in. Loaded only when it signs (17 MB on disk). */
export const gpgBackend: SigningBackend = {
  make: MAKE,
  open: async (source) => {
    const library = await import('openpgp');
    return signerOf(library, await openKey(library, source), source);
  },
};

const reasonOf = (cause: unknown): string => (cause instanceof Error ? cause.message.replace(/\.$/, '') : String(cause));

async function openKey(library: OpenPgp, source: KeySource): Promise<PrivateKey> {
  const { variable, passwordVariable, password } = source;
  const key = await readKey(library, source);
  if (!key.isPrivate()) throw signingErrors.error('SIGN_KEY_PUBLIC', { variable, make: MAKE });
  if (key.isDecrypted()) return key;
  if (password === undefined) throw signingErrors.error('SIGN_PASSWORD_MISSING', { variable, passwordVariable });
  return library.decryptKey({ privateKey: key, passphrase: password.reveal() }).catch((cause: unknown) => {
    if (reasonOf(cause).includes('passphrase')) throw signingErrors.error('SIGN_PASSWORD_WRONG', { variable, passwordVariable: passwordVariable! });
    throw signingErrors.error('SIGN_KEY_FORMAT', { variable, backend: 'gpg', reason: reasonOf(cause), make: MAKE });
  });
}

async function readKey(library: OpenPgp, { key, variable }: KeySource): Promise<PrivateKey> {
  const armored = key.reveal();
  const refuse = (reason: string): never => {
    throw signingErrors.error('SIGN_KEY_FORMAT', { variable, backend: 'gpg', reason, make: MAKE });
  };
  // The library reads the first block and is silent about what follows.
  const blocks = armored.match(/-----BEGIN /g)?.length ?? 0;
  if (blocks > 1) return refuse(`it holds ${blocks} blocks instead of one`);
  const keys = await library.readKeys({ armoredKeys: armored }).catch((cause: unknown) => refuse(reasonOf(cause)));
  return keys.length === 1 ? (keys[0] as PrivateKey) : refuse(`it holds ${keys.length} keys instead of one`);
}

async function signerOf(library: OpenPgp, key: PrivateKey, { variable, sourceDateEpoch }: KeySource): Promise<DetachedSigner> {
  const refuse = (reason: string): never => {
    throw signingErrors.error('SIGN_KEY_UNUSABLE', { variable, reason });
  };
  const signingKey = await key.getSigningKey().catch((cause: unknown) => refuse(reasonOf(cause)));
  const publicKey = renderArmor(Buffer.from(key.toPublic().write()), 'PUBLIC KEY BLOCK');
  const read = openPgpFormat.readPublicKey(publicKey);
  if (!read.ok) return refuse(read.refusal.message);
  const date = signatureDate(key, signingKey, sourceDateEpoch);
  const config = {
    nonDeterministicSignaturesViaNotation: false,
    preferredHashAlgorithm: library.enums.hash.sha512,
  };
  return {
    format: openPgpFormat,
    publicKey,
    fingerprint: read.facts.fingerprint,
    sign: async (file) => {
      const message = await library.createMessage({ binary: streamOf(file) });
      const signature = await library.sign({ message, signingKeys: key, detached: true, format: 'binary', date: new Date(date * 1_000), config });
      return Buffer.from(renderArmor(await bytesOf(signature), 'SIGNATURE'));
    },
    wouldSay: ({ time }) => time === date,
  };
}

type SigningKey = Awaited<ReturnType<PrivateKey['getSigningKey']>>;

/**
 * The date of the release, but none before key and its own signatures were made: nobody would take a signature that is older than its key.
 * Depends on date and key alone, so that every machine makes the same bytes.
 */
function signatureDate(key: PrivateKey, signingKey: SigningKey, sourceDateEpoch: number): number {
  const bindings = 'bindingSignatures' in signingKey ? signingKey.bindingSignatures : [];
  const { directSignatures = [] } = key as { directSignatures?: readonly { created: Date | null }[] };
  const own = [...directSignatures, ...key.users.flatMap(({ selfCertifications }) => selfCertifications), ...bindings];
  const dates = [key.getCreationTime(), signingKey.getCreationTime(), ...own.map(({ created }) => created)];
  return Math.max(sourceDateEpoch, ...dates.map((date) => Math.floor((date?.getTime() ?? 0) / 1_000)));
}

const streamOf = (file: SignedFile): ReadableStream<Uint8Array> => Readable.toWeb(Readable.from(file.content())) as ReadableStream<Uint8Array>;

async function bytesOf(stream: unknown): Promise<Buffer> {
  const pieces: Uint8Array[] = [];
  for await (const piece of stream as AsyncIterable<Uint8Array>) pieces.push(piece);
  return Buffer.concat(pieces);
}
