/** A wheel build from an sdist that failed. Paths are relative to the project and to the sdist's folder. */
export interface FailedBuild {
  tree: readonly string[];
  sdist: ReadonlySet<string>;
  /** What the backend printed. */
  output: string;
  /** Text of the files that say how to build. */
  settings: string;
}

/** Say how to build, in the words of one backend or another. */
export const SETTINGS_FILES = ['pyproject.toml', 'setup.py', 'setup.cfg', 'meson.build', 'CMakeLists.txt', 'Cargo.toml'];

/** In error messages more would hide the rest. */
const MOST = 20;
const PACKAGE = /^((?:(?:src|python|lib)\/)?[^/]+)\/__init__\.py$/;
/** Packages that sdists leave out as they like. */
const BESIDE = /^(?:src\/|python\/|lib\/)?(tests?|docs?|examples?|benchmarks?|tools|scripts)$/;
const NEVER_NEEDED = /(^|\/)(__pycache__\/|\.[^/]+$)|\.py[co]$/;

/**
 * Files that the sources have and the sdist lacks, so that the build may have failed for want of them: those that its output names, by path or as
 * a module; when it names none, those that the settings name, and those of packages. None when nothing that counts is missing.
 */
export function lackingFiles({ tree, sdist, output, settings }: FailedBuild): readonly string[] {
  const missing = tree.filter((path) => !sdist.has(path));
  const named = missing.filter((path) => names(output, path) || imports(output, path));
  if (named.length > 0) return named.slice(0, MOST);
  const packages = tree.flatMap((path) => PACKAGE.exec(path)?.[1] ?? []).filter((folder) => !BESIDE.test(folder));
  const inPackages = (path: string): boolean => !NEVER_NEEDED.test(path) && packages.some((folder) => path.startsWith(`${folder}/`));
  const [set, packed] = [missing.filter((path) => names(settings, path)), missing.filter(inPackages)];
  return [...new Set([...set, ...packed])].slice(0, MOST);
}

/** The path stands there whole; folders may stand before it. */
function names(text: string, path: string): boolean {
  for (let at = text.indexOf(path); at >= 0; at = text.indexOf(path, at + 1)) {
    const [before, after] = [text.slice(Math.max(0, at - 1), at), text.slice(at + path.length, at + path.length + 2)];
    if (!/[\w.-]/.test(before) && !/^(?:[\w/-]|\.\w)/.test(after)) return true;
  }
  return false;
}

/** Python's words for a module that it does not find: the file is that module, or lies in that package. */
function imports(output: string, path: string): boolean {
  const modules = [...output.matchAll(/No module named '([\w.]+)'/g)].map(([, name]) => name!.replaceAll('.', '/'));
  const plain = path.replace(/^(?:src|python|lib)\//, '');
  return path.endsWith('.py') && modules.some((module) => plain === `${module}.py` || plain.startsWith(`${module}/`));
}
