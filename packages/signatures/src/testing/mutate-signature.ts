const BASE64_LINE = /^[A-Za-z0-9+/]{8,}={0,2}$/;

/** One mutated copy of a text with base64 in it: half of the time the bytes inside the base64 are changed and packed again, so that they are reached. */
export function mutateSignature(text: string, random: () => number): Buffer {
  if (random() < 0.4) return mutate(Buffer.from(text), random);
  const lines = text.split('\n');
  const first = lines.findIndex((line) => BASE64_LINE.test(line));
  if (first < 0) return mutate(Buffer.from(text), random);
  const count = lines.slice(first).findIndex((line) => !BASE64_LINE.test(line));
  const bytes = Buffer.from(lines.slice(first, first + count).join(''), 'base64');
  const packed =
    mutate(bytes, random)
      .toString('base64')
      .match(/.{1,64}/g) ?? [];
  const rest = lines.slice(first + count).filter((line) => !line.startsWith('=') || random() < 0.1);
  return Buffer.from([...lines.slice(0, first), ...packed, ...rest].join('\n'));
}

function mutate(original: Buffer, random: () => number): Buffer {
  const pick = (limit: number): number => Math.floor(random() * limit);
  let bytes = Buffer.from(original);
  for (let round = 1 + pick(4); round > 0 && bytes.length > 0; round -= 1) {
    const at = pick(bytes.length);
    const kind = pick(5);
    if (kind === 0 && pick(4) === 0) bytes = bytes.subarray(0, at);
    else if (kind === 1) bytes[at] = bytes[at]! ^ (1 << pick(8));
    else if (kind === 2) bytes[at] = [0, 1, 0x7f, 0x80, 0xc0, 0xff][pick(6)]!;
    else if (kind === 3) bytes.copyWithin(at, pick(bytes.length), pick(bytes.length));
    else bytes = Buffer.concat([bytes.subarray(0, at), bytes.subarray(at, at + pick(16)), bytes.subarray(at)]);
  }
  return bytes;
}
