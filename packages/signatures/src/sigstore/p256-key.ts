import { createHash, createPublicKey, type KeyObject } from 'node:crypto';
import { malformed, unsupported } from '../reading/signature-refused';
import { asciiText, betweenLines, strictBase64 } from '../reading/strict-text';

/** PEM of a P-256 public key, as `cosign generate-key-pair` and `openssl ec -pubout` write it. */
export function parseP256PublicKey(text: string): KeyObject {
  const body = betweenLines(
    asciiText(Buffer.from(text), 'the public key'),
    '-----BEGIN PUBLIC KEY-----',
    '-----END PUBLIC KEY-----',
    'the public key',
  );
  return checkP256(publicKeyOf(strictBase64(body.replaceAll('\n', ''), 'the public key')));
}

function publicKeyOf(der: Buffer): KeyObject {
  try {
    return createPublicKey({ key: der, format: 'der', type: 'spki' });
  } catch {
    return malformed('the public key is damaged');
  }
}

export function checkP256(key: KeyObject): KeyObject {
  const { namedCurve } = key.asymmetricKeyDetails ?? {};
  if (key.asymmetricKeyType !== 'ec' || namedCurve !== 'prime256v1') unsupported('the key is not one of the curve P-256');
  return key;
}

/** SHA-256 of the key in DER, 64 digits: `openssl ec -pubin -outform der | sha256sum`. */
export const p256Fingerprint = (key: KeyObject): string => createHash('sha256').update(derOf(key)).digest('hex');

/** How a bundle names its key: the same digest in base64, as cosign writes it. */
export const p256Hint = (key: KeyObject): string => createHash('sha256').update(derOf(key)).digest('base64');

const derOf = (key: KeyObject): Buffer => (key.type === 'public' ? key : createPublicKey(key)).export({ format: 'der', type: 'spki' });

export const p256PublicKeyText = (key: KeyObject): string =>
  String((key.type === 'public' ? key : createPublicKey(key)).export({ format: 'pem', type: 'spki' }));
