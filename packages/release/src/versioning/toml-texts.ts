/** Keys and positions from the root: `['project', 'dependencies', 0]`; tables of an array (`[[package]]`) have their position too. */
export type TomlPath = readonly (string | number)[];

/** A text of a TOML file and where it stands. */
export interface TomlText {
  path: TomlPath;
  /** As written between the quotes, escapes and all. */
  raw: string;
  /** Offset of `raw`, behind the opening quotes. */
  start: number;
}

/** What is put in the place of `length` characters at `start`. */
export interface TextEdit {
  start: number;
  length: number;
  text: string;
}

/** All texts of a TOML file that a reader has already found well formed, in their order: what can be changed and leave every other character as it is. */
export const tomlTexts = (text: string): readonly TomlText[] => new TomlScanner(text).run();

export const applyEdits = (text: string, edits: readonly TextEdit[]): string =>
  [...edits]
    .sort((one, other) => other.start - one.start)
    .reduce((all, { start, length, text: put }) => all.slice(0, start) + put + all.slice(start + length), text);

const MULTI_LINE = ['"""', "'''"];

class TomlScanner {
  readonly #text: string;
  #at = 0;
  readonly #found: TomlText[] = [];
  /** Position of the newest table of each array of tables, by path. */
  readonly #newest = new Map<string, number>();

  constructor(text: string) {
    this.#text = text;
  }

  run(): readonly TomlText[] {
    let table: TomlPath = [];
    for (this.#skipBlank(); this.#at < this.#text.length; this.#skipBlank()) {
      if (this.#here('[')) table = this.#header();
      else this.#keyAndValue(table);
    }
    return this.#found;
  }

  #here(mark: string): boolean {
    return this.#text.startsWith(mark, this.#at);
  }

  #skip(pattern: RegExp): string {
    const sticky = new RegExp(pattern, 'y');
    sticky.lastIndex = this.#at;
    const found = sticky.exec(this.#text)?.[0] ?? '';
    this.#at += found.length;
    return found;
  }

  /** White space, line ends and comments. */
  #skipBlank(): void {
    this.#skip(/(?:\s|\uFEFF|#[^\n]*)*/);
  }

  #header(): TomlPath {
    const brackets = this.#here('[[') ? 2 : 1;
    this.#at += brackets;
    const keys = this.#keys();
    this.#at += brackets;
    const parent = keys.slice(0, -1).reduce<TomlPath>((path, key) => this.#inNewest([...path, key]), []);
    const path = [...parent, keys.at(-1)!];
    if (brackets === 1) return this.#inNewest(path);
    const position = (this.#newest.get(path.join('\0')) ?? -1) + 1;
    this.#newest.set(path.join('\0'), position);
    return [...path, position];
  }

  #inNewest(path: TomlPath): TomlPath {
    const position = this.#newest.get(path.join('\0'));
    return position === undefined ? path : [...path, position];
  }

  #keys(): string[] {
    const keys: string[] = [];
    do {
      this.#skip(/[ \t.]*/);
      keys.push(this.#here('"') || this.#here("'") ? this.#quoted().raw : this.#skip(/[A-Za-z0-9_-]+/));
      this.#skip(/[ \t]*/);
    } while (this.#here('.'));
    return keys;
  }

  #keyAndValue(table: TomlPath): void {
    const path = [...table, ...this.#keys()];
    this.#skip(/[ \t]*=[ \t]*/);
    const before = this.#at;
    this.#value(path);
    if (this.#at === before) throw new Error(`no value at offset ${before}`);
  }

  #value(path: TomlPath): void {
    if (this.#here('"') || this.#here("'")) this.#found.push({ path, ...this.#quoted() });
    else if (this.#here('[')) this.#list(path);
    else if (this.#here('{')) this.#members('}', () => this.#keyAndValue(path));
    else this.#skip(/[^,\]}\n#]*/);
  }

  #list(path: TomlPath): void {
    let position = 0;
    this.#members(']', () => this.#value([...path, position++]));
  }

  #members(end: string, member: () => void): void {
    this.#at += 1;
    for (this.#skip(/(?:[\s,]|#[^\n]*)*/); !this.#here(end); this.#skip(/(?:[\s,]|#[^\n]*)*/)) {
      if (this.#at >= this.#text.length) throw new Error(`no \`${end}\` before the end of the file`);
      member();
    }
    this.#at += 1;
  }

  #quoted(): { raw: string; start: number } {
    const quotes = MULTI_LINE.find((mark) => this.#here(mark)) ?? this.#text[this.#at]!;
    this.#at += quotes.length;
    const start = this.#at;
    const isBasic = quotes.startsWith('"');
    while (!this.#here(quotes)) {
      if (this.#at >= this.#text.length) throw new Error(`no ${quotes} before the end of the file`);
      this.#at += isBasic && this.#here('\\') ? 2 : 1;
    }
    // A text of several lines may end with quotes of its own: `""""` is one quote and the end.
    if (quotes.length === 3) while (this.#text[this.#at + 3] === quotes[0]) this.#at += 1;
    const raw = this.#text.slice(start, this.#at);
    this.#at += quotes.length;
    return { raw, start };
  }
}
