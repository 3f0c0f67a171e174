import type { BinaryRefusal } from '../../binary-refusal';
import { Refused } from '../../reading/refused';
import { DER_LIMITS } from './der-limits';

export const TAG = {
  boolean: 0x01,
  integer: 0x02,
  bitString: 0x03,
  octetString: 0x04,
  objectId: 0x06,
  utcTime: 0x17,
  generalizedTime: 0x18,
  sequence: 0x30,
  set: 0x31,
} as const;

/** `[number]`: context-specific, constructed (explicit, or implicit over SEQUENCE and SET) or primitive. */
export const contextTag = (number: number, constructed = true): number => 0x80 + (constructed ? 0x20 : 0) + number;

const CONSTRUCTED = 0x20;
const LONG_TAG = 0x1f;
const INDEFINITE = 0x80;

interface Scope {
  bytes: Uint8Array;
  /** Of `bytes`, in the file. */
  offset: number;
  elementsLeft: number;
}

/**
 * One element of DER, looked at piece by piece: nothing is decoded before it is asked for. BER's indefinite lengths and octet strings in pieces are read too, since Apple's codesign writes both;
 * other freedoms of BER are refused.
 */
export class DerElement {
  private parts: readonly DerElement[] | undefined;

  private constructor(
    private readonly scope: Scope,
    readonly tag: number,
    private readonly start: number,
    private readonly contentStart: number,
    private readonly contentEnd: number,
    private readonly end: number,
    private readonly depth: number,
  ) {}

  /** The one element that `bytes` begin with. `offset`: where they lie in the file. What follows is left alone: signature containers pad with zeros. */
  static first(bytes: Uint8Array, offset: number): DerElement {
    if (bytes.length > DER_LIMITS.bytes)
      throw new Refused('limit', `a structure of ${bytes.length} bytes, at most ${DER_LIMITS.bytes} are read`, offset);
    return DerElement.parse({ bytes, offset, elementsLeft: DER_LIMITS.elements }, 0, bytes.length, 0);
  }

  /** Elements that follow one another and fill `bytes`. */
  static all(bytes: Uint8Array, offset: number): DerElement[] {
    const scope = { bytes, offset, elementsLeft: DER_LIMITS.elements };
    const elements: DerElement[] = [];
    for (let at = 0; at < bytes.length;) {
      const element = DerElement.parse(scope, at, bytes.length, 0);
      elements.push(element);
      at = element.end;
    }
    return elements;
  }

  private static parse(scope: Scope, start: number, limit: number, depth: number): DerElement {
    const fail = (message: string, reason: BinaryRefusal['reason'] = 'bad-der'): Refused => new Refused(reason, message, scope.offset + start);
    scope.elementsLeft -= 1;
    if (scope.elementsLeft < 0) throw fail(`more than ${DER_LIMITS.elements} elements`, 'limit');
    if (depth > DER_LIMITS.depth) throw fail(`more than ${DER_LIMITS.depth} levels`, 'limit');
    if (start + 2 > limit) throw fail('an element is cut off');
    const [tag, first] = [scope.bytes[start]!, scope.bytes[start + 1]!];
    if ((tag & LONG_TAG) === LONG_TAG) throw fail('a tag number above 30, which no signature uses');
    if (first === INDEFINITE) return DerElement.parseIndefinite(scope, tag, start, limit, depth);
    let contentStart = start + 2;
    let length = first;
    if (first > INDEFINITE) {
      const digits = first & 0x7f;
      // Four bytes count to 4 GiB, far beyond the limit of a structure.
      if (digits > 4 || contentStart + digits > limit) throw fail(`a length of ${digits} bytes`);
      length = 0;
      for (let index = 0; index < digits; index += 1) length = length * 256 + scope.bytes[contentStart + index]!;
      contentStart += digits;
      if (length < 0x80 || length < 256 ** (digits - 1)) throw fail('a length that is written longer than it needs to be');
    }
    const end = contentStart + length;
    if (end > limit) throw fail(`an element of ${length} bytes where ${limit - contentStart} are left`);
    return new DerElement(scope, tag, start, contentStart, end, end, depth);
  }

  private static parseIndefinite(scope: Scope, tag: number, start: number, limit: number, depth: number): DerElement {
    if ((tag & CONSTRUCTED) === 0) throw new Refused('bad-der', 'a primitive element without length', scope.offset + start);
    const parts: DerElement[] = [];
    let at = start + 2;
    for (;;) {
      if (at + 2 > limit) throw new Refused('bad-der', 'an element of indefinite length has no end', scope.offset + start);
      if (scope.bytes[at] === 0 && scope.bytes[at + 1] === 0) break;
      const part = DerElement.parse(scope, at, limit, depth + 1);
      parts.push(part);
      at = part.end;
    }
    const element = new DerElement(scope, tag, start, start + 2, at, at + 2, depth);
    element.parts = parts;
    return element;
  }

  /** In the file. */
  get offset(): number {
    return this.scope.offset + this.start;
  }

  get contentOffset(): number {
    return this.scope.offset + this.contentStart;
  }

  /** How many bytes the element takes, tag and length too. */
  get length(): number {
    return this.end - this.start;
  }

  /** With tag and length. */
  get der(): Uint8Array {
    return this.scope.bytes.subarray(this.start, this.end);
  }

  get content(): Uint8Array {
    return this.scope.bytes.subarray(this.contentStart, this.contentEnd);
  }

  get indefinite(): boolean {
    return this.end !== this.contentEnd;
  }

  get children(): readonly DerElement[] {
    if (this.parts) return this.parts;
    if ((this.tag & CONSTRUCTED) === 0) throw this.refused('a primitive element where a list is expected');
    const parts: DerElement[] = [];
    for (let at = this.contentStart; at < this.contentEnd;) {
      const part = DerElement.parse(this.scope, at, this.contentEnd, this.depth + 1);
      parts.push(part);
      at = part.end;
    }
    return (this.parts = parts);
  }

  /** This element, if it has the tag; else a refusal that names it. */
  as(tag: number, what: string): this {
    if (this.tag !== tag) throw this.refused(`${what} has tag 0x${this.tag.toString(16)}, expected 0x${tag.toString(16)}`);
    return this;
  }

  refused(message: string, reason: BinaryRefusal['reason'] = 'bad-der'): Refused {
    return new Refused(reason, message, this.offset);
  }
}
