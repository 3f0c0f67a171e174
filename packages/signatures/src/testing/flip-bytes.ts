import type { DetachedSignatureFormat } from '../detached-signature';

/** Positions at which a changed byte goes unnoticed: the signature holds, and its bytes are canonical. */
export async function unnoticedFlips(
  format: DetachedSignatureFormat,
  signature: Buffer,
  publicKey: string,
  payload: Uint8Array,
): Promise<readonly number[]> {
  const unnoticed: number[] = [];
  for (let at = 0; at < signature.length; at += 1) {
    for (const mask of [0x01, 0x20]) {
      const flipped = Buffer.from(signature);
      flipped[at] = flipped[at]! ^ mask;
      const verdict = await format.verify(flipped, publicKey, [payload]);
      if (verdict.ok && verdict.signature.canonical) unnoticed.push(at);
    }
  }
  return unnoticed;
}
