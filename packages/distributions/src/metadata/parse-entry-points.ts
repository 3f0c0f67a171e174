import type { EntryPoint } from './core-metadata';

const GROUP = /^\[([^\]]+)\]$/;
const TARGET = /^(?<target>[^\s[\]]+)\s*(?:\[[^\]]*\])?$/;

/**
 * Reads entry_points.txt (https://packaging.python.org/specifications/entry-points): groups in brackets, `name = module:object`, `#` and `;` begin comments.
 * Never throws: what is none of these is in `faults`.
 */
export function parseEntryPoints(text: string): { entryPoints: readonly EntryPoint[]; faults: readonly string[] } {
  const entryPoints: EntryPoint[] = [];
  const faults: string[] = [];
  let group: string | undefined;
  text
    .replace(/^\uFEFF/, '')
    .split(/\r\n|\n|\r/)
    .forEach((raw, index) => {
      const line = raw.trim();
      if (line === '' || /^[#;]/.test(line)) return;
      const [, named] = GROUP.exec(line) ?? [];
      if (named !== undefined) {
        group = named.trim();
        return;
      }
      const equals = line.indexOf('=');
      const name = line.slice(0, Math.max(equals, 0)).trim();
      const value = line.slice(equals + 1);
      const comment = value.search(/\s[#;]/);
      const target = TARGET.exec((comment < 0 ? value : value.slice(0, comment)).trim())?.groups?.target;
      if (group === undefined || name === '' || target === undefined) faults.push(`line ${index + 1} is no entry point of a group`);
      else entryPoints.push({ group, name, target });
    });
  return { entryPoints, faults };
}
