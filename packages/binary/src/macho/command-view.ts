import { type NumberFormat, View } from '../reading/file-bytes';
import { Refused } from '../reading/refused';
import { MACHO_LIMITS } from './macho-limits';

/** One load command. Positions count from its beginning; the caller has made sure that `fixedBytes` of it are there. */
export class CommandView extends View {
  constructor(
    private readonly bytes: Uint8Array,
    format: NumberFormat,
    /** In the file. */
    readonly offset: number,
  ) {
    super(bytes, format);
  }

  get command(): number {
    return this.u32(0);
  }

  /** A command that is shorter than its kind is malformed. */
  needs(fixedBytes: number, name: string): this {
    if (this.length < fixedBytes) throw this.refused(`${name} of ${this.length} bytes, at least ${fixedBytes} are needed`);
    return this;
  }

  refused(message: string): Refused {
    return new Refused('bad-load-command', message, this.offset);
  }

  raw(at: number, length: number): Uint8Array {
    return this.bytes.subarray(at, at + length);
  }

  /** A path behind the fixed part, whose position stands at `at` (`union lc_str`). It ends inside the command: dyld refuses a path that runs into the next one. */
  path(at: number, fixedBytes: number, name: string): string {
    const start = this.needs(fixedBytes, name).u32(at);
    if (start < fixedBytes || start >= this.length) throw this.refused(`the text of ${name} begins at ${start} of ${this.length} bytes`);
    const end = this.bytes.indexOf(0, start);
    if (end < 0) throw new Refused('bad-string', `the text of ${name} has no end`, this.offset + start);
    if (end - start > MACHO_LIMITS.pathBytes) {
      throw new Refused('limit', `the text of ${name} has ${end - start} bytes, at most ${MACHO_LIMITS.pathBytes} are read`, this.offset + start);
    }
    return this.text(start, end - start);
  }

  /** A name of fixed width, filled with NUL. */
  name(at: number, width: number): string {
    const end = this.bytes.subarray(at, at + width).indexOf(0);
    return this.text(at, end < 0 ? width : end);
  }

  private text(at: number, length: number): string {
    return Buffer.from(this.bytes.buffer, this.bytes.byteOffset + at, length).toString('utf8');
  }
}
