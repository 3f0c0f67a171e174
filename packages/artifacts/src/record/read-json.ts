import { artifactsErrors, type Origin } from '../errors/artifacts-errors';

/** The record of a release is some kilobytes, the manifest of a large bundle some megabytes. */
const LONGEST_CHARACTERS = 64 * 1024 * 1024;
const DEEPEST = 64;

/**
 * JSON from a file that anybody may have written: length and depth are bounded, and a key that stands twice in one object is refused
 * (readers differ on which of the two counts, RFC 8259 §4). Throws `RECORD_SYNTAX`.
 */
export function readJson(text: string, origin: Origin): unknown {
  const refuse = (reason: string, cause?: unknown): never => {
    throw artifactsErrors.error('RECORD_SYNTAX', { ...origin, reason }, { cause });
  };
  if (text.length > LONGEST_CHARACTERS) refuse(`it is longer than ${LONGEST_CHARACTERS} characters`);
  const fault = structureFault(text);
  if (fault) refuse(fault);
  try {
    return JSON.parse(text);
  } catch (cause) {
    return refuse(cause instanceof Error ? cause.message.replace(/[\s\p{Cc}]+/gu, ' ').slice(0, 160) : 'it does not parse', cause);
  }
}

/** Looks at brackets and keys only; whether the rest is JSON is for the parser to say. */
function structureFault(text: string): string | undefined {
  const open: (Set<string> | undefined)[] = [];
  const token = /["{}[\]]/g;
  for (let match = token.exec(text); match; match = token.exec(text)) {
    const character = match[0];
    if (character === '"') {
      const end = endOfString(text, match.index);
      if (end < 0) return 'a string does not end';
      token.lastIndex = end;
      const keys = open.at(-1);
      if (keys && isKey(text, end)) {
        const key = text.slice(match.index, end);
        const name = key.includes('\\') ? unescaped(key) : key;
        if (keys.has(name)) return `the key \`${key.slice(1, -1).slice(0, 60)}\` stands twice in one object`;
        keys.add(name);
      }
    } else if (character === '{' || character === '[') {
      if (open.push(character === '{' ? new Set() : undefined) > DEEPEST) return `it is nested deeper than ${DEEPEST} levels`;
    } else open.pop();
  }
  return undefined;
}

/** Index behind the closing quote, or -1. */
function endOfString(text: string, start: number): number {
  for (let index = start + 1; index < text.length; index += 1) {
    if (text[index] === '\\') index += 1;
    else if (text[index] === '"') return index + 1;
  }
  return -1;
}

function isKey(text: string, end: number): boolean {
  let index = end;
  while (index < text.length && ' \t\r\n'.includes(text[index]!)) index += 1;
  return text[index] === ':';
}

/** `"\u0061"` is the same key as `"a"`. What does not parse as a string stays as it is: the parser refuses it. */
function unescaped(quoted: string): string {
  try {
    return JSON.stringify(JSON.parse(quoted));
  } catch (cause) {
    return cause instanceof SyntaxError ? quoted : String(cause);
  }
}
