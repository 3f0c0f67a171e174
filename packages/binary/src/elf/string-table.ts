import type { FileBytes } from '../reading/file-bytes';
import { DT } from './elf-constants';
import { ELF_LIMITS } from './elf-limits';
import { Refused } from '../reading/refused';
import type { Dynamic } from './read-dynamic';
import type { AddressMap } from './read-segments';

/** DT_STRTAB. All names of a file are decoded through one table, which counts their bytes. */
export class StringTable {
  private readonly table: Buffer;
  private readonly tableOffset: number;
  private decodedBytes = 0;

  constructor(bytes: FileBytes, dynamic: Dynamic, map: AddressMap) {
    const address = dynamic.values.get(DT.strtab);
    const length = dynamic.values.get(DT.strSize) ?? 0;
    if (address === undefined) {
      this.table = Buffer.alloc(0);
      this.tableOffset = dynamic.offset;
      return;
    }
    this.tableOffset = map.offsetOf(address, length, 'the string table');
    const table = bytes.read(this.tableOffset, length, 'the string table');
    this.table = Buffer.from(table.buffer, table.byteOffset, table.byteLength);
  }

  /** The text at an offset of the table. Empty names are empty texts; a text that does not end inside the table is a refusal. */
  text(offset: number, what: string): string {
    const end = offset < this.table.length ? this.table.indexOf(0, offset) : -1;
    if (end < 0) {
      throw new Refused(
        'bad-string',
        `${what} begins at ${offset} of a string table of ${this.table.length} bytes and has no end in it`,
        this.tableOffset,
      );
    }
    this.decodedBytes += end - offset;
    if (this.decodedBytes > ELF_LIMITS.decodedNameBytes) {
      throw new Refused('limit', `names of more than ${ELF_LIMITS.decodedNameBytes} bytes together`, this.tableOffset);
    }
    return this.table.toString('utf8', offset, end);
  }
}
