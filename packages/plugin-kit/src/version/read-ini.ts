/** Sections of an ini file as Python's configparser reads it: `[section] key = value`, values go on in indented lines, `#` and `;` lines are comments. */
export function readIni(text: string): Readonly<Record<string, Readonly<Record<string, string>>>> {
  const sections: Record<string, Record<string, string>> = {};
  let section: Record<string, string> = {};
  let key: string | undefined;
  for (const line of text.split(/\r?\n/)) {
    if (/^\s*([#;]|$)/.test(line)) continue;
    const head = /^\[([^\]]+)\]/.exec(line)?.[1]?.trim();
    const [, name, value] = /^([^\s=:][^=:]*?)\s*[=:]\s*(.*)$/.exec(line) ?? [];
    if (head !== undefined) {
      section = sections[head] ??= {};
      key = undefined;
    } else if (/^\s/.test(line) && key !== undefined) section[key] = `${section[key]!}\n${line.trim()}`.trim();
    else if (name !== undefined) section[(key = name.toLowerCase().replaceAll('-', '_'))] = value!.trim();
  }
  return sections;
}
