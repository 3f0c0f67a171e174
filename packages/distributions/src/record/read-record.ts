/** One row of a RECORD (https://packaging.python.org/specifications/recording-installed-packages): path, hash, size. */
export interface RecordRow {
  path: string;
  /** `sha256=<base64url without padding>`; empty for RECORD itself and byte code. */
  hash: string;
  size: string;
  line: number;
}

/**
 * CSV with `,` and `"`, as Python's csv module writes it. A row that is no CSV or has another number of fields is a fault with its line, and so is a
 * size that is no number of bytes.
 */
export function readRecord(text: string): { rows: RecordRow[]; faults: string[] } {
  const rows: RecordRow[] = [];
  const faults: string[] = [];
  text.split(/\r?\n/).forEach((content, position) => {
    if (content === '') return;
    const fields = splitRow(content);
    if (!fields || fields.length !== 3 || fields[0] === '') faults.push(`line ${position + 1} is no row of path, hash and size`);
    else {
      if (!/^\d*$/.test(fields[2]!)) faults.push(`line ${position + 1} gives the size \`${fields[2]!}\`, which is no number of bytes`);
      rows.push({ path: fields[0]!, hash: fields[1]!, size: fields[2]!, line: position + 1 });
    }
  });
  return { rows, faults };
}

/** Names with line breaks are not supported: no file name of a wheel may hold one. */
function splitRow(row: string): string[] | undefined {
  const fields: string[] = [];
  let rest = row;
  for (;;) {
    const match = /^(?:"((?:[^"]|"")*)"|([^",]*))(,|$)/.exec(rest);
    if (!match) return undefined;
    fields.push(match[1] === undefined ? match[2]! : match[1].replaceAll('""', '"'));
    if (match[3] === '') return fields;
    rest = rest.slice(match[0].length);
  }
}
