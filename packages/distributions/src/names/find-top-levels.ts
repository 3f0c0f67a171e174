/** Folders of `*.data` whose files land beside the modules (PEP 427). */
const DATA_MODULES = /^[^/]+\.data\/(?:purelib|platlib)\//;
const BESIDE_MODULES = /^[^/]+\.(?:data|dist-info|egg-info|libs|dylibs)\//;
const IDENTIFIER = /^[\p{L}_][\p{L}\p{N}_]*$/u;
/** Source, and extension modules with and without a tag in their names: `x.py`, `x.abi3.so`, `x.cpython-311-x86_64-linux-gnu.so`, `x.cp311-win_amd64.pyd`. */
const MODULE = /^([^.]+)(?:\.py|(?:\.[A-Za-z0-9_-]+)?\.(?:so|pyd))$/;

interface Folder {
  folders: Map<string, Folder>;
  modules: Set<string>;
}

/**
 * Modules and packages that become importable when files with these paths (of a wheel) are installed, sorted. A folder without `__init__` is a namespace:
 * what is in it is named with its dots, as `ruamel.yaml`. Folders without code, and names that no import can spell, give nothing.
 */
export function findTopLevels(paths: readonly string[]): string[] {
  const root: Folder = { folders: new Map(), modules: new Set() };
  for (const path of paths) {
    const inside = path.replace(DATA_MODULES, '');
    if (inside === path && BESIDE_MODULES.test(path)) continue;
    place(root, inside.split('/'));
  }
  return importable(root, '').sort();
}

function place(root: Folder, parts: readonly string[]): void {
  const file = parts.at(-1)!;
  const [, module] = MODULE.exec(file) ?? [];
  if (module === undefined || !IDENTIFIER.test(module) || !parts.slice(0, -1).every((part) => IDENTIFIER.test(part))) return;
  let folder = root;
  for (const part of parts.slice(0, -1)) {
    const known = folder.folders.get(part) ?? { folders: new Map(), modules: new Set() };
    folder.folders.set(part, known);
    folder = known;
  }
  folder.modules.add(module);
}

function importable(folder: Folder, prefix: string): string[] {
  const modules = [...folder.modules].filter((module) => module !== '__init__' && module !== '__main__');
  const packages = [...folder.folders].flatMap(([name, inner]) =>
    inner.modules.has('__init__') ? [`${prefix}${name}`] : importable(inner, `${prefix}${name}.`),
  );
  return [...new Set([...modules.map((module) => `${prefix}${module}`), ...packages])];
}
