/** From 3.11.0a1 on a code object has `localsplusnames` and `localspluskinds` in place of varnames, freevars and cellvars. */
const FIRST_LOCALSPLUS_MAGIC = 3450;
const MOST_OBJECTS = 200_000;
const FLAG_REF = 0x80;

/** Objects that are not strings or code. */
const OTHER = Symbol('other');
type Value = string | typeof OTHER;
/** Thrown, always the same one, to end a walk: an error of its own for each of hundreds of modules costs more than the walk. */
const STOP = new Error('stop');

/**
 * `co_filename` of the first code object that is complete, which is that of the whole module. Format: `Python/marshal.c` of CPython 3.7
 * to 3.15. `undefined` when the bytes are not what marshal writes; never throws, and ends after `MOST_OBJECTS` objects.
 */
export function readCodeFileName(bytes: Buffer, magic: number): string | undefined {
  const walker = new MarshalWalker(bytes, magic);
  try {
    walker.value();
    return undefined;
  } catch (error) {
    if (error === STOP) return walker.fileName;
    if (error instanceof RangeError) return undefined;
    throw error;
  }
}

class MarshalWalker {
  /** Of the first code object that is complete. */
  fileName: string | undefined;
  private offset = 0;
  private objects = 0;
  private readonly references: Value[] = [];

  constructor(
    private readonly bytes: Buffer,
    private readonly magic: number,
  ) {}

  /** Reads one object; ends the walk with `STOP` as soon as a code object's file name is known. */
  value(): Value {
    if ((this.objects += 1) > MOST_OBJECTS) throw STOP;
    const flagged = this.byte();
    const slot = flagged & FLAG_REF ? this.references.push(OTHER) - 1 : undefined;
    const value = this.body(String.fromCharCode(flagged & ~FLAG_REF));
    if (slot !== undefined) this.references[slot] = value;
    return value;
  }

  private body(type: string): Value {
    const text = this.text(type);
    if (text !== undefined) return text;
    switch (type) {
      case '0':
      case 'N':
      case 'F':
      case 'T':
      case 'S':
      case '.':
        return OTHER;
      case 'i':
        return this.skip(4);
      case 'I':
      case 'g':
        return this.skip(8);
      case 'y':
        return this.skip(16);
      case 'f':
        return this.skip(this.byte());
      case 'l':
        return this.skip(Math.abs(this.int32()) * 2);
      case 's':
        return this.skip(this.length());
      case 'r':
        return this.references[this.length()] ?? OTHER;
      default:
        return this.container(type);
    }
  }

  private text(type: string): string | undefined {
    if (type === 'z' || type === 'Z') return this.latin1(this.byte());
    if (type === 'a' || type === 'A') return this.latin1(this.length());
    if (type !== 'u' && type !== 't') return undefined;
    const length = this.length();
    const start = this.advance(length);
    return this.bytes.toString('utf8', start, start + length);
  }

  private container(type: string): Value {
    if (type === 'c') return this.code();
    if (type === ')') return this.values(this.byte());
    if (type === '(' || type === '[' || type === '<' || type === '>') return this.values(this.length());
    if (type === ':') return this.values(3);
    if (type !== '{') throw STOP;
    while (this.bytes[this.offset] !== 0x30) this.value();
    this.offset += 1;
    return OTHER;
  }

  /** Five or six numbers, code, consts, names, then the names of variables, then the file name. */
  private code(): Value {
    const localsPlus = this.magic >= FIRST_LOCALSPLUS_MAGIC;
    this.skip((localsPlus ? 5 : this.magic >= 3410 ? 6 : 5) * 4);
    this.values(localsPlus ? 5 : 6);
    const fileName = this.value();
    this.fileName = fileName === OTHER ? undefined : fileName;
    throw STOP;
  }

  private values(count: number): Value {
    for (let index = 0; index < count; index += 1) this.value();
    return OTHER;
  }

  private latin1(length: number): string {
    const start = this.advance(length);
    return this.bytes.toString('latin1', start, start + length);
  }

  private skip(length: number): Value {
    this.advance(length);
    return OTHER;
  }

  private advance(length: number): number {
    const start = this.offset;
    if (length < 0 || start + length > this.bytes.length) throw STOP;
    this.offset += length;
    return start;
  }

  private byte(): number {
    return this.bytes[this.advance(1)]!;
  }

  private int32(): number {
    return this.bytes.readInt32LE(this.advance(4));
  }

  private length(): number {
    return this.int32();
  }
}
