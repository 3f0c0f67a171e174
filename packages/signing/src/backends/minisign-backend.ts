import { minisignFormat, minisignPublicKeyText, readMinisignSecretKey, signMinisign, type MinisignSecretKey } from '@waybill/signatures';
import { signingErrors } from '../errors/signing-errors';
import type { DetachedSigner, KeySource, SigningBackend } from './detached-signer';
import { digestContent } from './digest-content';

const MAKE = '`minisign -G -s release.key -p release.pub`, then the text of `release.key`';

export const minisignBackend: SigningBackend = { make: MAKE, open: async (source) => signerOf(openKey(source), source) };

function openKey({ key, password, variable, passwordVariable }: KeySource): MinisignSecretKey {
  const read = readMinisignSecretKey(key.reveal(), password?.reveal());
  if (!read.ok) {
    if (minisignFormat.readPublicKey(key.reveal()).ok) throw signingErrors.error('SIGN_KEY_PUBLIC', { variable, make: MAKE });
    throw signingErrors.error('SIGN_KEY_FORMAT', { variable, backend: 'minisign', reason: read.refusal.message, make: MAKE });
  }
  if (read.facts.state === 'open') return read.facts.key;
  if (read.facts.state === 'password-missing') throw signingErrors.error('SIGN_PASSWORD_MISSING', { variable, passwordVariable });
  throw signingErrors.error('SIGN_PASSWORD_WRONG', { variable, passwordVariable: passwordVariable! });
}

function signerOf(key: MinisignSecretKey, { sourceDateEpoch }: KeySource): DetachedSigner {
  // What minisign itself writes there, with the date of the release instead of the time of day.
  const commentFor = (name: string): string => `timestamp:${sourceDateEpoch}\tfile:${name}\thashed`;
  return {
    format: minisignFormat,
    publicKey: minisignPublicKeyText(key),
    fingerprint: minisignPublicKeyText(key),
    sign: async (file) => signMinisign(key, await digestContent(file.content(), 'blake2b512'), commentFor(file.name)),
    wouldSay: ({ comment }, { name }) => comment === commentFor(name),
  };
}
