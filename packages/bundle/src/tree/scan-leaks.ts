import type { LeakHit, LeakToken } from '@waybill/relocation';
import { base64Words, decodings } from './base64-words';

const EXCERPT_BYTES = 160;
/** Hits kept for one file: enough to act on. */
export const MOST_HITS = 40;

/** Every token is an absolute path: one search for this byte, which few files hold often, serves all of them. */
const SLASH = 0x2f;

type Encoding = Exclude<LeakHit['encoding'], 'base64'>;

/** Bytes of one character. */
const WIDTHS: Readonly<Record<Encoding, number>> = { utf8: 1, utf16le: 2, utf32le: 4 };

interface Pattern {
  encoding: Encoding;
  bytes: Buffer;
  /** Tokens that begin with these bytes, longest first. */
  tokens: readonly { id: LeakToken['id']; bytes: Buffer; generic: boolean }[];
}

/** Where a piece of a longer content stands in it; see `LeakScanner.scanWindow`. */
interface LeakWindow {
  base: number;
  seenTo: number;
  isLast: boolean;
}

function encode(text: string, encoding: Encoding): Buffer {
  if (encoding === 'utf8') return Buffer.from(text, 'utf8');
  if (encoding === 'utf16le') return Buffer.from(text, 'utf16le');
  const bytes = Buffer.alloc([...text].length * 4);
  [...text].forEach((character, index) => bytes.writeUInt32LE(character.codePointAt(0)!, index * 4));
  return bytes;
}

/** As a path stands in text where slashes are escaped (JSON of PHP and of some loggers). */
const escaped = (path: string): string => `/${path.slice(1).replaceAll('/', '\\/')}`;

/**
 * Finds paths of the building machine in bytes, as UTF-8 (with `\\/` for slashes too), UTF-16 and UTF-32 of both byte orders, and in base64.
 * Tokens below another token are searched with it in one pass. A hit must end where a name ends (`/work/app` is not in `/work/apples`); a
 * token of one part (`/root`) must also begin where a path begins, because it stands by chance in `x/root`.
 */
export class LeakScanner {
  private readonly patterns: readonly Pattern[];
  /** Patterns by the byte behind the slash, which tells most slashes apart. */
  private readonly patternsByNext: readonly (readonly Pattern[] | undefined)[];
  /** Bytes that two neighbouring windows must share, so that nothing at their border is lost. */
  readonly overlapBytes: number;

  constructor(tokens: readonly LeakToken[]) {
    const paths = [...new Map(tokens.map((token) => [token.path, token])).values()].filter(({ path }) => path.length > 1);
    const roots = paths.filter(({ path }) => !paths.some((other) => other.path !== path && `${path}/`.startsWith(`${other.path}/`)));
    const plain = (['utf8', 'utf16le', 'utf32le'] as const).flatMap((encoding) =>
      roots.map((root) => ({ encoding, bytes: encode(root.path, encoding), tokens: tokensBelow(root.path, paths, encoding) })),
    );
    const inText = paths.filter(({ path }) => path.lastIndexOf('/') > 0).map((token) => ({ ...token, path: escaped(token.path) }));
    const rootsInText = inText.filter(({ path }) => roots.some((root) => escaped(root.path) === path));
    this.patterns = [
      ...plain,
      ...rootsInText.map(({ path }) => ({ encoding: 'utf8' as const, bytes: encode(path, 'utf8'), tokens: tokensBelow(path, inText, 'utf8') })),
    ];
    this.patternsByNext = Array.from({ length: 256 }, (_, next) => {
      const candidates = this.patterns.filter(({ bytes }) => bytes[1] === next);
      return candidates.length === 0 ? undefined : candidates;
    });
    const longest = Math.max(0, ...paths.map(({ path }) => encode(path, 'utf32le').length));
    this.overlapBytes = longest + 4 + EXCERPT_BYTES;
  }

  get isEmpty(): boolean {
    return this.patterns.length === 0;
  }

  /** Hits in a buffer that is the whole content. */
  scan(bytes: Buffer, member?: string): LeakHit[] {
    return this.scanWindow(bytes, { base: 0, seenTo: 0, isLast: true }, member);
  }

  /**
   * Hits in one window of a longer content. `base` is the offset of the window; what ends before `seenTo` was reported with the window
   * before; what ends at the window's end is left to the next one unless this is the last.
   */
  scanWindow(bytes: Buffer, window: LeakWindow, member?: string): LeakHit[] {
    const hits = this.plainHits(bytes, window);
    if (hits.length < MOST_HITS) hits.push(...this.hitsInBase64(bytes, window));
    return member === undefined ? hits : hits.map((hit) => ({ ...hit, member }));
  }

  private plainHits(bytes: Buffer, window: LeakWindow): LeakHit[] {
    const hits: LeakHit[] = [];
    for (let at = bytes.indexOf(SLASH); at !== -1 && hits.length < MOST_HITS; at = bytes.indexOf(SLASH, at + 1)) {
      const candidates = this.patternsByNext[bytes[at + 1] ?? 0];
      if (candidates === undefined) continue;
      for (const pattern of candidates) {
        const hit = this.hitAt(bytes, at, pattern, window);
        if (hit !== undefined) hits.push(hit);
      }
    }
    return hits;
  }

  /** Hits in what long words of base64 decode to; their place is that of the word. What ended before `seenTo` was looked at with the window before. */
  private hitsInBase64(bytes: Buffer, { base, seenTo }: LeakWindow): LeakHit[] {
    const hits: LeakHit[] = [];
    if (this.isEmpty) return hits;
    for (const { start, end } of base64Words(bytes)) {
      if (base + end <= seenTo || hits.length >= MOST_HITS) continue;
      const [found] = decodings(bytes, start, end).flatMap((decoded) => this.plainHits(decoded, { base: 0, seenTo: 0, isLast: true }));
      if (found !== undefined) hits.push({ ...found, offset: base + start, encoding: 'base64' });
    }
    return hits;
  }

  private hitAt(bytes: Buffer, at: number, pattern: Pattern, { base, seenTo, isLast }: LeakWindow): LeakHit | undefined {
    const { encoding } = pattern;
    const token = pattern.tokens.find((candidate) => standsAlone(bytes, at, candidate, encoding));
    if (token === undefined) return undefined;
    const end = base + at + this.reach(pattern);
    const complete = isLast || end <= base + bytes.length;
    if (!complete || end <= seenTo) return undefined;
    return { token: token.id, offset: base + at, encoding, excerpt: excerpt(bytes, at, encoding) };
  }

  /** Bytes behind a hit's start that decide about it: the longest token of the pattern and the character behind. */
  private reach(pattern: Pattern): number {
    return (pattern.tokens[0]?.bytes.length ?? pattern.bytes.length) + WIDTHS[pattern.encoding];
  }
}

/** Collects the hits of a content that comes in pieces of any size. */
export class LeakStream {
  readonly hits: LeakHit[] = [];
  private tail = Buffer.alloc(0);
  private position = 0;

  constructor(
    private readonly scanner: LeakScanner,
    private readonly member?: string,
  ) {}

  push(chunk: Buffer, isLast = false): void {
    const bytes = this.tail.length === 0 ? chunk : Buffer.concat([this.tail, chunk]);
    const base = this.position - this.tail.length;
    if (this.hits.length < MOST_HITS) {
      this.hits.push(...this.scanner.scanWindow(bytes, { base, seenTo: this.position === 0 ? 0 : this.position, isLast }, this.member));
    }
    this.position = base + bytes.length;
    if (isLast) return;
    this.tail = Buffer.from(bytes.subarray(Math.max(0, bytes.length - this.scanner.overlapBytes)));
  }
}

function tokensBelow(root: string, paths: readonly LeakToken[], encoding: Encoding): Pattern['tokens'] {
  return paths
    .filter(({ path }) => path === root || path.startsWith(`${root}/`) || path.startsWith(`${root}\\/`))
    .sort((one, other) => other.path.length - one.path.length)
    .map(({ id, path }) => ({ id, bytes: encode(path, encoding), generic: path.lastIndexOf('/') === 0 }));
}

function standsAlone(bytes: Buffer, at: number, token: Pattern['tokens'][number], encoding: Encoding): boolean {
  const width = WIDTHS[encoding];
  // From a slash on, UTF-16 and UTF-32 of the other byte order read as these; at the end of the bytes they lack the last, which are zero.
  const length = token.bytes.length - width + 1;
  if (at + length > bytes.length) return false;
  if (bytes.compare(token.bytes, 0, length, at, at + length) !== 0) return false;
  const after = unitAt(bytes, at + token.bytes.length, width);
  if (isNameByte(after)) return false;
  if (!token.generic) return true;
  const before = unitAt(bytes, at - width, width);
  if (before === LESS && after === GREATER) return false;
  if (before === QUESTION && after !== SLASH) return false;
  if (before === SLASH && unitAt(bytes, at - 2 * width, width) === COLON) return false;
  return !isNameByte(before) && before !== 0x2e && before !== 0x7d && before !== 0x29 ? true : isCompilerFlag(bytes, at, width);
}

/** `</root>` closes an element of XML, and `//root` behind a colon is the user or the host of an address. */
const [LESS, GREATER, COLON] = [0x3c, 0x3e, 0x3a];
/** Pygments’ state `block?/root` is no path; a text of Rust that ends with `?` may stand right before one. */
const QUESTION = 0x3f;

/** `-I/root/include`, `-L/root/lib`: the letter before the path belongs to an option. */
function isCompilerFlag(bytes: Buffer, at: number, width: number): boolean {
  return unitAt(bytes, at - 2 * width, width) === 0x2d && [0x49, 0x4c, 0x42].includes(unitAt(bytes, at - width, width));
}

const unitAt = (bytes: Buffer, at: number, width: number): number => {
  if (at < 0 || at + width > bytes.length) return -1;
  return bytes.readUIntLE(at, width);
};

const isNameByte = (unit: number): boolean =>
  (unit >= 0x30 && unit <= 0x39) || (unit >= 0x41 && unit <= 0x5a) || (unit >= 0x61 && unit <= 0x7a) || unit === 0x5f || unit === 0x2d;

function excerpt(bytes: Buffer, at: number, encoding: Encoding): string {
  const width = WIDTHS[encoding];
  const start = Math.max(0, at - 40 * width);
  const text = bytes
    .subarray(start + ((at - start) % width), Math.min(bytes.length, at + EXCERPT_BYTES))
    .toString('latin1')
    .replaceAll('\0', width === 1 ? '·' : '');
  return text.replace(/[^\x20-\x7e]+/g, '·').slice(0, EXCERPT_BYTES);
}
