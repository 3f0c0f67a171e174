/** What ends a simple command of a POSIX shell, outside of quotes. */
const SEPARATOR = /[;&|(){}\n]/;
/** Words after which a command begins. */
const KEYWORDS: ReadonlySet<string> = new Set(['if', 'then', 'elif', 'else', 'while', 'until', 'do', '!', 'exec', 'command', 'export', 'time']);

/**
 * The simple commands of a shell script, word by word, without quotes, comments, here documents and the words that introduce them (`then`, `exec`, `export`). Good for finding
 * a command that is spelled out; nothing is expanded.
 */
export function shellCommands(text: string): readonly (readonly string[])[] {
  const reader = new CommandReader();
  const script = withoutHereDocuments(text);
  for (let at = 0; at < script.length; at += 1) at = reader.read(script, at);
  reader.endCommand();
  return reader.commands;
}

class CommandReader {
  readonly commands: (readonly string[])[] = [];
  private words: string[] = [];
  private word: string | undefined;
  private quote: string | undefined;

  /** Reads the character at `at`; returns the place of the last that it took. */
  read(script: string, at: number): number {
    const character = script[at]!;
    if (character === '\\' && this.quote !== "'") {
      if (script[at + 1] !== '\n') this.word = `${this.word ?? ''}${script[at + 1] ?? ''}`;
      return at + 1;
    }
    if (character === this.quote) this.quote = undefined;
    else if (this.quote !== undefined) this.word = `${this.word ?? ''}${character}`;
    else if (character === '"' || character === "'") this.open(character);
    else if (character === '#' && this.word === undefined) return endOfLine(script, at) - 1;
    else if (SEPARATOR.test(character)) this.endCommand();
    else if (character === ' ' || character === '\t' || character === '\r') this.endWord();
    else this.word = `${this.word ?? ''}${character}`;
    return at;
  }

  endCommand(): void {
    this.endWord();
    if (this.words.length > 0) this.commands.push(this.words);
    this.words = [];
  }

  private open(quote: string): void {
    this.quote = quote;
    this.word ??= '';
  }

  private endWord(): void {
    if (this.word !== undefined && (this.words.length > 0 || !KEYWORDS.has(this.word))) this.words.push(this.word);
    this.word = undefined;
  }
}

function endOfLine(text: string, at: number): number {
  const end = text.indexOf('\n', at);
  return end < 0 ? text.length : end;
}

function withoutHereDocuments(text: string): string {
  let until: string | undefined;
  const kept = text.split('\n').filter((line) => {
    if (until !== undefined) {
      if (line.trim() === until) until = undefined;
      return false;
    }
    until = /^[^#]*<<-?[ \t]*["'\\]?(\w+)/.exec(line)?.[1];
    return true;
  });
  return kept.join('\n');
}
