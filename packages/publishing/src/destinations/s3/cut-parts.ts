/** Pieces of exactly `partBytes`, the last one shorter; at least one. */
export async function* cutParts(source: AsyncIterable<Uint8Array>, partBytes: number): AsyncGenerator<Uint8Array> {
  let held: Uint8Array[] = [];
  let size = 0;
  let given = 0;
  for await (let chunk of source) {
    while (size + chunk.length >= partBytes) {
      const rest = partBytes - size;
      yield Buffer.concat([...held, chunk.subarray(0, rest)]);
      given += 1;
      chunk = chunk.subarray(rest);
      [held, size] = [[], 0];
    }
    held.push(chunk);
    size += chunk.length;
  }
  if (size > 0 || given === 0) yield Buffer.concat(held);
}
