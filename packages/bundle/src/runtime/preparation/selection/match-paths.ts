import { matchGlob } from '@waybill/relocation';

const isModuleName = (entry: string): boolean => /^[A-Za-z_][A-Za-z0-9_.]*$/.test(entry);

/** Globs of what a user's entry means: a glob over the home, or a module's name and so its package, file and extension. */
function globsOf(entry: string, stdlib: string): string[] {
  if (!isModuleName(entry)) return [entry.replace('{stdlib}', stdlib).replace(/\/$/, '')];
  const path = entry.replaceAll('.', '/');
  return [`${stdlib}/${path}`, `${stdlib}/${path}.py`, `${stdlib}/lib-dynload/${entry}.*so`, `${stdlib}/lib-dynload/_${entry}.*so`];
}

/** Does a path, or a folder above it, fit one of the entries. */
export function pathMatcher(entries: readonly string[], stdlib: string): (path: string) => boolean {
  const globs = entries.flatMap((entry) => globsOf(entry, stdlib));
  if (globs.length === 0) return () => false;
  return (path) => {
    for (let part = path; part !== ''; part = part.slice(0, Math.max(0, part.lastIndexOf('/')))) {
      if (globs.some((glob) => matchGlob(glob, part))) return true;
    }
    return false;
  };
}

/** Entries that fit nothing of what was left out, and lie in nothing that was. `pruned` are paths in the home. */
export function unusedEntries(entries: readonly string[], stdlib: string, pruned: readonly string[]): string[] {
  return entries.filter((entry) => {
    const globs = globsOf(entry, stdlib);
    const fits = pathMatcher([entry], stdlib);
    return !pruned.some((path) => fits(path) || globs.some((glob) => glob.startsWith(`${path}/`)));
  });
}
