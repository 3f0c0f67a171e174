/** From 3.11.0a1 on a code object has `localsplusnames` and `localspluskinds` in place of varnames, freevars and cellvars. */
const FIRST_LOCALSPLUS_MAGIC = 3450;
/** From 3.8.0a4 on it has a number of positional-only arguments. */
const FIRST_POSONLY_MAGIC = 3410;
/** Of Python 3.14; what later ones write is not known yet. */
const LAST_KNOWN_MAGIC = 3649;
const MOST_OBJECTS = 2_000_000;
const FLAG_REF = 0x80;

/** Objects that are no text. A text is the place of its first byte. */
const OTHER = -1;
type Value = number;
/** Thrown, always the same ones, to end a walk: an error of its own for each of hundreds of modules costs more than the walk. */
const STOP = new Error('stop');
const DAMAGED = new Error('damaged');

/** Types that most objects are of. */
const CODE = { z: 0x7a, Z: 0x5a, a: 0x61, A: 0x41, u: 0x75, t: 0x74, r: 0x72, i: 0x69, s: 0x73, ')': 0x29, c: 0x63 } as const;

export interface MarshalledCode {
  /** `co_filename` of the first code object that is complete, which is that of the whole module. */
  fileName?: string;
  /** It ends early, more follows behind it, or it holds what marshal does not write. */
  damaged: boolean;
}

/** Walks what marshal wrote, to its end. Format: `Python/marshal.c` of CPython 3.7 to 3.14; what later ones write is never called damaged. Never throws, and ends after `MOST_OBJECTS` objects. */
export function readMarshalledCode(bytes: Buffer, magic: number): MarshalledCode {
  const walker = new MarshalWalker(bytes, magic);
  const damaged = endsEarly(walker) && magic <= LAST_KNOWN_MAGIC;
  return { ...(walker.fileName !== undefined && { fileName: walker.fileName }), damaged };
}

function endsEarly(walker: MarshalWalker): boolean {
  try {
    walker.value();
    return !walker.isAtEnd;
  } catch (error) {
    if (error === STOP) return false;
    if (error === DAMAGED || error instanceof RangeError) return true;
    throw error;
  }
}

class MarshalWalker {
  fileName: string | undefined;
  private offset = 0;
  private objects = 0;
  private readonly references: Value[] = [];
  private readonly localsPlus: boolean;

  constructor(
    private readonly bytes: Buffer,
    private readonly magic: number,
  ) {
    this.localsPlus = magic >= FIRST_LOCALSPLUS_MAGIC;
  }

  get isAtEnd(): boolean {
    return this.offset === this.bytes.length;
  }

  /** Reads one object. */
  value(): Value {
    if ((this.objects += 1) > MOST_OBJECTS) throw STOP;
    const start = this.offset;
    const flagged = this.byte();
    const type = flagged & ~FLAG_REF;
    if ((flagged & FLAG_REF) === 0) return this.body(type, start);
    const slot = this.references.push(OTHER) - 1;
    const value = this.body(type, start);
    this.references[slot] = value;
    return value;
  }

  private body(type: number, start: number): Value {
    switch (type) {
      case CODE.z:
      case CODE.Z:
        this.advance(this.byte());
        return start;
      case CODE.a:
      case CODE.A:
      case CODE.u:
      case CODE.t:
        this.advance(this.length());
        return start;
      case CODE.r:
        return this.reference();
      case CODE.i:
        return this.skip(4);
      case CODE.s:
        return this.skip(this.length());
      case CODE[')']:
        return this.values(this.byte());
      case CODE.c:
        return this.code();
      default:
        return this.rare(type);
    }
  }

  private rare(type: number): Value {
    switch (String.fromCharCode(type)) {
      case '0':
      case 'N':
      case 'F':
      case 'T':
      case 'S':
      case '.':
        return OTHER;
      case 'I':
      case 'g':
        return this.skip(8);
      case 'y':
        return this.skip(16);
      case 'f':
        return this.skip(this.byte());
      case 'l':
        return this.skip(Math.abs(this.length()) * 2);
      case '(':
      case '[':
      case '<':
      case '>':
        return this.values(this.length());
      case ':':
        return this.values(3);
      case '{':
        while (this.bytes[this.offset] !== 0x30) this.value();
        return this.skip(1);
      default:
        throw DAMAGED;
    }
  }

  private reference(): Value {
    const value = this.references[this.length()];
    if (value === undefined) throw DAMAGED;
    return value;
  }

  /** Numbers, code, consts, names, names of variables; the file name; names of its own, the first line, tables. */
  private code(): Value {
    this.skip((!this.localsPlus && this.magic >= FIRST_POSONLY_MAGIC ? 6 : 5) * 4);
    this.values(this.localsPlus ? 5 : 6);
    const fileName = this.value();
    this.fileName ??= fileName === OTHER ? undefined : this.textAt(fileName);
    this.values(this.localsPlus ? 2 : 1);
    this.skip(4);
    return this.values(this.localsPlus ? 2 : 1);
  }

  private values(count: number): Value {
    if (count > this.bytes.length - this.offset) throw DAMAGED;
    for (let index = 0; index < count; index += 1) this.value();
    return OTHER;
  }

  private textAt(start: number): string {
    const type = this.bytes[start]! & ~FLAG_REF;
    const isShort = type === CODE.z || type === CODE.Z;
    const from = start + (isShort ? 2 : 5);
    const length = isShort ? this.bytes[start + 1]! : this.bytes.readInt32LE(start + 1);
    return this.bytes.toString(type === CODE.u || type === CODE.t ? 'utf8' : 'latin1', from, from + length);
  }

  private skip(length: number): Value {
    this.advance(length);
    return OTHER;
  }

  private advance(length: number): void {
    if (length < 0 || this.offset + length > this.bytes.length) throw DAMAGED;
    this.offset += length;
  }

  private byte(): number {
    const at = this.offset;
    if (at >= this.bytes.length) throw DAMAGED;
    this.offset = at + 1;
    return this.bytes[at]!;
  }

  private length(): number {
    const at = this.offset;
    this.advance(4);
    return this.bytes[at]! | (this.bytes[at + 1]! << 8) | (this.bytes[at + 2]! << 16) | (this.bytes[at + 3]! << 24);
  }
}
