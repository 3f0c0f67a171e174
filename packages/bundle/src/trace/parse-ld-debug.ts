/** Files that ld.so loaded, from `LD_DEBUG=files` output: the weaker evidence where strace is not at hand. */
export function parseLdDebug(text: string): string[] {
  const loaded = [...text.matchAll(/calling init: (\/.*)$/gm)].map(([, path]) => path!);
  return [...new Set(loaded)];
}
