import { formatIdOfName, type DetachedSignatureFormat, type SignatureFormatId } from './detached-signature';
import { minisignFormat } from './minisign/minisign-format';
import { openPgpFormat } from './openpgp/openpgp-format';
import { sigstoreFormat } from './sigstore/sigstore-format';
import { sshFormat } from './ssh/ssh-format';

/** Every format of detached signatures, by id. */
export const detachedSignatureFormats: Readonly<Record<SignatureFormatId, DetachedSignatureFormat>> = {
  minisign: minisignFormat,
  ssh: sshFormat,
  gpg: openPgpFormat,
  sigstore: sigstoreFormat,
};

/** The format that a file name's ending tells: `app.tar.gz.asc` is `gpg`. */
export function formatOfName(name: string): DetachedSignatureFormat | undefined {
  const id = formatIdOfName(name);
  return id && detachedSignatureFormats[id];
}
