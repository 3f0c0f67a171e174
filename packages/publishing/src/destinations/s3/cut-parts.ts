/** Pieces of exactly `partBytes`, the last one shorter; at least one. Of a part no more is in memory than itself. */
export async function* cutParts(source: AsyncIterable<Uint8Array>, partBytes: number): AsyncGenerator<Uint8Array> {
  let part: Uint8Array | undefined;
  let size = 0;
  let given = 0;
  for await (const chunk of source) {
    for (let at = 0; at < chunk.length;) {
      part ??= Buffer.allocUnsafe(partBytes);
      const taken = chunk.subarray(at, at + partBytes - size);
      part.set(taken, size);
      size += taken.length;
      at += taken.length;
      if (size < partBytes) continue;
      yield part;
      given += 1;
      [part, size] = [undefined, 0];
    }
  }
  if (size > 0 || given === 0) yield (part ?? Buffer.alloc(0)).subarray(0, size);
}
