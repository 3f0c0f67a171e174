import { malformed, unsupported } from '../reading/signature-refused';
import { commentedText, strictBase64 } from '../reading/strict-text';

/** The first line of every signature that Waybill makes: nobody signs it, so it must not differ. */
export const UNTRUSTED_COMMENT = 'untrusted comment: signature from minisign secret key';
const TRUSTED = 'trusted comment: ';
/** Of signatures and keys. */
export const COMMENT_LINE = /^(un)?trusted comment: /;

/** https://jedisct1.github.io/minisign/ , "Signature format", algorithm `ED` (BLAKE2b-512 of the file is signed). */
export interface MinisignSignature {
  keyId: Buffer;
  /** Over the digest of the file. */
  signature: Buffer;
  trustedComment: string;
  /** Over signature and trusted comment. */
  globalSignature: Buffer;
  untrustedComment: string;
}

export function parseMinisignSignature(bytes: Uint8Array): MinisignSignature {
  const text = commentedText(bytes, 'the signature', COMMENT_LINE);
  const [untrustedComment = '', body = '', trusted = '', last = '', end, ...more] = text.replaceAll('\r\n', '\n').split('\n');
  if (!untrustedComment.startsWith('untrusted comment: ')) malformed('the signature does not begin with `untrusted comment: `');
  if (!trusted.startsWith(TRUSTED)) malformed('line 3 of the signature does not begin with `trusted comment: `');
  if ((end ?? '') !== '' || more.length > 0) malformed('the signature has more than four lines');
  const packed = strictBase64(body, 'line 2 of the signature');
  const globalSignature = strictBase64(last, 'line 4 of the signature');
  const algorithm = packed.subarray(0, 2).toString('latin1');
  if (packed.length !== 74) malformed(`line 2 of the signature holds ${packed.length} bytes instead of 74`);
  if (globalSignature.length !== 64) malformed(`line 4 of the signature holds ${globalSignature.length} bytes instead of 64`);
  if (algorithm === 'Ed') unsupported('the signature is of the legacy kind, over the file instead of its hash');
  if (algorithm !== 'ED') malformed('the signature has an unknown algorithm');
  return {
    keyId: packed.subarray(2, 10),
    signature: packed.subarray(10),
    trustedComment: trusted.slice(TRUSTED.length),
    globalSignature,
    untrustedComment,
  };
}

export function renderMinisignSignature({ keyId, signature, trustedComment, globalSignature, untrustedComment }: MinisignSignature): Buffer {
  const packed = Buffer.concat([Buffer.from('ED'), keyId, signature]).toString('base64');
  return Buffer.from(`${untrustedComment}\n${packed}\n${TRUSTED}${trustedComment}\n${globalSignature.toString('base64')}\n`);
}

/** Key ids are shown as minisign shows them. */
export const keyIdText = (keyId: Buffer): string => Buffer.from(keyId).reverse().toString('hex').toUpperCase();
