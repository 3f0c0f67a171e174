/** Order of the group of P-256. */
const ORDER = 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n;

const number = (bytes: Buffer): bigint => BigInt(`0x${bytes.toString('hex')}`);

/** DER of two numbers in its one form; of the two signatures that hold (s and order − s) the one with the smaller s. */
function renderEcdsa(r: bigint, s: bigint): Buffer {
  const integer = (value: bigint): Buffer => {
    const hex = value.toString(16);
    const bytes = Buffer.from(hex.length % 2 === 0 ? hex : `0${hex}`, 'hex');
    const signed = bytes[0]! >= 0x80 ? Buffer.concat([Buffer.alloc(1), bytes]) : bytes;
    return Buffer.concat([Buffer.from([2, signed.length]), signed]);
  };
  const body = Buffer.concat([integer(r), integer(s > ORDER / 2n ? ORDER - s : s)]);
  return Buffer.concat([Buffer.from([0x30, body.length]), body]);
}

/** The same signature in its one form; `undefined` when the bytes are none. */
export function inOneForm(signature: Buffer): Buffer | undefined {
  const lengthOfR = signature[3] ?? 0;
  const [r, s] = [signature.subarray(4, 4 + lengthOfR), signature.subarray(6 + lengthOfR)];
  return r.length === 0 || s.length === 0 || s.length > 33 || r.length > 33 ? undefined : renderEcdsa(number(r), number(s));
}
