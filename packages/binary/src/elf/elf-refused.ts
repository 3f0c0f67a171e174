import type { BinaryRefusal } from '../elf-facts';

/** Leaves the reader from any depth; `readElf` turns it into a refusal. Never seen outside this folder. */
export class ElfRefused extends Error {
  constructor(
    readonly reason: BinaryRefusal['reason'],
    message: string,
    readonly offset: number,
  ) {
    super(message);
  }
}
