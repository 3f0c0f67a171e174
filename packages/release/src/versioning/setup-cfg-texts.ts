import type { TomlText } from './toml-texts';

/** Of setup.cfg: lists of requirements. All extras of `[options.extras_require]` are such lists too. */
const LISTS = new Set(['install_requires', 'setup_requires', 'tests_require']);

/** The requirements in a setup.cfg and where they stand: one a line, or all behind the key with semicolons between (setuptools' `list-semi`). */
export function setupCfgTexts(text: string): readonly TomlText[] {
  const found: TomlText[] = [];
  let section = '';
  let key = '';
  let start = 0;
  for (const line of text.split('\n')) {
    const [, header] = /^\[([^\]]*)\]/.exec(line) ?? [];
    const [before, named] = /^([^\s#;=:[][^=:]*?)\s*[=:]\s*/.exec(line) ?? [];
    if (header !== undefined) [section, key] = [header.trim(), ''];
    else if (named !== undefined) key = named.trim().replaceAll('-', '_');
    const isList = section === 'options.extras_require' ? key !== '' : section === 'options' && LISTS.has(key);
    if (isList && header === undefined && !/^\s*[#;]/.test(line)) {
      const at = before?.length ?? 0;
      const parts = before === undefined ? [line] : line.slice(at).split(';');
      let offset = start + at;
      for (const part of parts) {
        const raw = part.replace(/(^|\s)#.*$/, '').trimEnd();
        if (raw.trim() !== '') found.push({ path: [section, key], raw, start: offset });
        offset += part.length + 1;
      }
    }
    start += line.length + 1;
  }
  return found;
}
