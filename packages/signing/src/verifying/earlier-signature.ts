import { readFile } from 'node:fs/promises';
import type { DetachedSigner, SignedFile } from '../backends';

/**
 * The signature that an earlier run left at `path`, when it is the very one that is wanted: it holds for these bytes and this key, is
 * canonical and says what a new one would. So a newer version of the library that signs changes no bytes of what was signed before.
 */
export async function earlierSignature(path: string, signer: DetachedSigner, file: SignedFile): Promise<Buffer | undefined> {
  const bytes = await readFile(path).catch((cause: NodeJS.ErrnoException) => {
    if (cause.code === 'ENOENT' || cause.code === 'ENOTDIR' || cause.code === 'EISDIR') return undefined;
    throw cause;
  });
  if (bytes === undefined || !signer.format.parse(bytes).ok) return undefined;
  const verdict = await signer.format.verify(bytes, signer.publicKey, file.content());
  return verdict.ok && verdict.signature.canonical && signer.wouldSay(verdict.signature, file) ? bytes : undefined;
}
