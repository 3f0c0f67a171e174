/** What ends a simple command of a POSIX shell, outside of quotes. */
const SEPARATOR = /[;&|()\n]/;
/** Words after which a command begins. */
const KEYWORDS: ReadonlySet<string> = new Set(['if', 'then', 'elif', 'else', 'while', 'until', 'do', '!', '{', '}', 'time']);
/** `2>&1`, `>>log`, `<<-END`, `<<<word`, `&>log`; a process substitution (`<(…)`) is a word. */
const REDIRECTION = /(?:&>>?|<<<|<<-?|<>|>>|>\||[<>]&|[<>](?!\())[ \t]*/y;

/**
 * The simple commands of a shell script, word by word, without quotes, comments, redirections, here documents and the reserved words that introduce them (`then`, `{`). Nothing is
 * expanded: substitutions (`$(…)`, `${…}`, backquotes) stay in their words as they are written, with all that is in them.
 */
export function shellCommands(text: string): readonly (readonly string[])[] {
  const reader = new CommandReader(text);
  let at = 0;
  while (at < text.length) at = reader.read(at);
  reader.endCommand();
  return reader.commands;
}

class CommandReader {
  readonly commands: (readonly string[])[] = [];
  private words: string[] = [];
  private word: string | undefined;
  private quoted = false;
  /** The next word is the target of a redirection; of a here document it is the line that ends it. */
  private target: 'none' | 'file' | 'document' | 'tabbed-document' = 'none';
  private documents: { end: string; tabbed: boolean }[] = [];

  constructor(private readonly script: string) {}

  /** Reads what begins at `at`; returns the place behind it. */
  read(at: number): number {
    const character = this.script[at]!;
    const passed = this.readQuoted(at, character) ?? this.readRedirection(at);
    if (passed !== undefined) return passed;
    if (character === '#' && this.word === undefined) return endOfLine(this.script, at);
    if (SEPARATOR.test(character)) this.endCommand();
    else if (/[ \t\r]/.test(character)) this.endWord();
    else this.append(character);
    return character === '\n' && this.documents.length > 0 ? this.skipDocuments(at + 1) : at + 1;
  }

  endCommand(): void {
    this.endWord();
    this.target = 'none';
    if (this.words.length > 0) this.commands.push(this.words);
    this.words = [];
  }

  private append(text: string): void {
    this.word = `${this.word ?? ''}${text}`;
  }

  private readQuoted(at: number, character: string): number | undefined {
    if (character === '\\') {
      if (this.script[at + 1] !== '\n') this.append(this.script[at + 1] ?? '');
      return at + 2;
    }
    if (character === "'" || character === '"') {
      this.quoted = true;
      const end = character === "'" ? closing(this.script, at + 1, "'") : this.readDoubleQuoted(at + 1);
      if (character === "'") this.append(this.script.slice(at + 1, end));
      return end + 1;
    }
    return this.readSubstitution(at);
  }

  /** Takes the text up to the closing quote; returns that quote’s place. */
  private readDoubleQuoted(start: number): number {
    this.append('');
    let at = start;
    while (at < this.script.length && this.script[at] !== '"') {
      if (this.script[at] === '\\') {
        if (this.script[at + 1] !== '\n') this.append(this.script[at + 1] ?? '');
        at += 2;
        continue;
      }
      const behind = this.readSubstitution(at);
      if (behind === undefined) this.append(this.script[at]!);
      at = behind ?? at + 1;
    }
    return at;
  }

  private readSubstitution(at: number): number | undefined {
    const end = substitutionEnd(this.script, at);
    if (end !== undefined) this.append(this.script.slice(at, end));
    return end;
  }

  private readRedirection(at: number): number | undefined {
    REDIRECTION.lastIndex = at;
    const operator = REDIRECTION.exec(this.script)?.[0];
    if (operator === undefined) return undefined;
    if (this.word !== undefined && !this.quoted && /^\d+$/.test(this.word)) this.word = undefined;
    this.endWord();
    const kind = operator.trim();
    this.target = kind === '<<' ? 'document' : kind === '<<-' ? 'tabbed-document' : 'file';
    return at + operator.length;
  }

  private endWord(): void {
    const { word, quoted, target } = this;
    if (word === undefined) return;
    this.word = undefined;
    this.quoted = false;
    this.target = 'none';
    if (target === 'document' || target === 'tabbed-document') this.documents.push({ end: word, tabbed: target === 'tabbed-document' });
    else if (target === 'none' && (quoted || this.words.length > 0 || !KEYWORDS.has(word))) this.words.push(word);
  }

  private skipDocuments(start: number): number {
    let at = start;
    for (const { end, tabbed } of this.documents) {
      for (let line: string | undefined; line !== end && at < this.script.length;) {
        const stop = endOfLine(this.script, at);
        const text = this.script.slice(at, stop).replace(/\r$/, '');
        line = tabbed ? text.replace(/^\t+/, '') : text;
        at = stop + 1;
      }
    }
    this.documents = [];
    return at;
  }
}

/** The place behind `$(…)`, `${…}`, `<(…)` or a pair of backquotes that begins at `at`. */
function substitutionEnd(script: string, at: number): number | undefined {
  const opening = script[at] === '`' ? '`' : script.slice(at, at + 2);
  if (opening === '`') return closing(script, at + 1, '`') + 1;
  if (opening === '${') return closing(script, at + 2, '}') + 1;
  return /^[$<>]\($/.test(opening) ? closing(script, at + 2, ')') + 1 : undefined;
}

const OPENINGS: Readonly<Record<string, string>> = { '(': ')', '{': '}', '"': '"', "'": "'", '`': '`' };

/** The place of the character that closes what is open at `start`, or the text’s end. Nested pairs and quotes are kept on a stack: a hostile text may nest to any depth. */
function closing(script: string, start: number, close: string): number {
  const open = [close];
  for (let at = start; at < script.length; at += 1) {
    const [character, waited] = [script[at]!, open.at(-1)!];
    if (character === '\\' && waited !== "'") at += 1;
    else if (character === waited) open.pop();
    else if (waited === '"' ? character === '$' && /[({]/.test(script[at + 1] ?? '') : /[)}`]/.test(waited) && opensWithin(script, at, waited)) {
      if (character === '$') at += 1;
      open.push(OPENINGS[script[at]!]!);
    }
    if (open.length === 0) return at;
  }
  return script.length;
}

/** Within `${…}` a parenthesis or brace opens nothing unless `$` stands before it. */
function opensWithin(script: string, at: number, waited: string): boolean {
  const character = script[at]!;
  if (character === '$') return /[({]/.test(script[at + 1] ?? '');
  if (character === '"' || character === "'") return true;
  if (character === '`') return waited !== '`';
  return waited === ')' && character === '(';
}

function endOfLine(text: string, at: number): number {
  const end = text.indexOf('\n', at);
  return end < 0 ? text.length : end;
}
