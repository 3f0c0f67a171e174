export type BinaryKind = 'elf' | 'mach-o' | 'pe';
/** What native format the first bytes of a file (64 suffice; PE needs its header's offset + 4, at most 1,024) are of. */
export function sniffBinary(_head: Uint8Array): BinaryKind | undefined {
  throw new Error('not yet');
}
