export interface Header {
  name: string;
  /** Folded lines are joined by `\n`, with their indentation as written. */
  value: string;
}

/** A text in the format of e-mail headers, as METADATA, PKG-INFO and WHEEL are. */
export interface HeaderText {
  headers: readonly Header[];
  /** What follows the first empty line; `undefined` when nothing does. */
  body?: string;
  /** What is no header, with its line. */
  faults: readonly string[];
}

const NAME = /^([!-9;-~]+)[ \t]*:[ \t]*(.*)$/;

/**
 * Reads headers as Python's `email.parser` does for core metadata: names are ASCII, lines that begin with white space continue the value before them, the
 * first empty line ends the headers. Never throws; a line that fits nothing is a fault and is passed over.
 */
export function readHeaders(text: string): HeaderText {
  const lines = text.replace(/^\uFEFF/, '').split(/\r\n|\n|\r/);
  const headers: Header[] = [];
  const faults: string[] = [];
  const end = lines.findIndex((line) => line === '');
  const own = end < 0 ? lines : lines.slice(0, end);
  own.forEach((line, index) => {
    const last = headers.at(-1);
    if (/^[ \t]/.test(line)) {
      if (last === undefined) faults.push(`line ${index + 1} continues a value, and there is none before it`);
      else last.value += `\n${line}`;
      return;
    }
    const [, name, value] = NAME.exec(line) ?? [];
    if (name === undefined) faults.push(`line ${index + 1} is no header \`Name: value\``);
    else headers.push({ name, value: value! });
  });
  const body = end < 0 ? '' : lines.slice(end + 1).join('\n');
  return { headers, ...(body.trim() === '' ? {} : { body }), faults };
}

/** Values of a header in their order; names are equal in any case. */
export function headerValues(headers: readonly Header[], name: string): string[] {
  const wanted = name.toLowerCase();
  return headers.filter((header) => header.name.toLowerCase() === wanted).map(({ value }) => value);
}

/** One value on one line: folding is white space. */
export const unfold = (value: string): string =>
  value
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '')
    .join(' ');
