import { lstatSync, readdirSync } from 'node:fs';
import { join } from 'node:path';

/** Folders for temporary files that programs know by name, whatever TMPDIR says. Windows has none. */
const FOLDERS: Readonly<Record<string, readonly string[]>> = { darwin: ['/private/tmp', '/private/var/tmp'], win32: [] };

export const temporaryFolders = (system: string): readonly string[] => FOLDERS[system] ?? ['/tmp', '/var/tmp'];

/**
 * Remembers what this user has at the top of such folders; the call that comes back gives the absolute paths of what is new or has changed since. Other
 * programs write there at any time: who did it is for `namedIn` to tell.
 */
export function watchTemporary(folders: readonly string[]): () => readonly string[] {
  const before = ownIn(folders);
  return () => [...ownIn(folders)].filter(([path, state]) => before.get(path) !== state).map(([path]) => path);
}

function ownIn(folders: readonly string[]): ReadonlyMap<string, string> {
  const state = new Map<string, string>();
  for (const path of folders.flatMap(entriesOf)) {
    const stats = lstatSync(path, { throwIfNoEntry: false });
    if (stats?.uid === process.getuid?.()) state.set(path, [stats!.ino, stats!.size, stats!.mtimeMs].join(' '));
  }
  return state;
}

/** None of a folder that is not there, and of one that nobody but root may list. */
function entriesOf(folder: string): string[] {
  try {
    return readdirSync(folder).map((name) => join(folder, name));
  } catch (cause) {
    if (!['ENOENT', 'EACCES'].includes((cause as NodeJS.ErrnoException).code ?? '')) throw cause;
    return [];
  }
}

/** `/tmp/name`, `'/tmp', 'name'`, `Path("/tmp") / "name"`; behind it what says whether the name goes on. */
const PLACE = /\btmp(?:['"`]\)?\s*[/,]\s*[a-z]?['"`]|\/)(?<name>[\w.-]{2,})(?<behind>[^\w.-]|$)/gi;
const GOES_ON = /[{%$*'"`]/;
/** A shorter beginning is one of names that anybody chooses. */
const SHORTEST_BEGINNING = 5;

/** Those of the paths that one of the texts names, whole or by how they begin. */
export function namedIn(texts: readonly string[], paths: readonly string[]): readonly string[] {
  if (paths.length === 0) return [];
  const named = texts.flatMap((text) => [...text.matchAll(PLACE)].map(({ groups }) => ({ name: groups!['name']!, behind: groups!['behind']! })));
  const fits = (path: string): boolean => {
    const last = path.slice(path.lastIndexOf('/') + 1);
    return named.some(({ name, behind }) => last === name || (name.length >= SHORTEST_BEGINNING && GOES_ON.test(behind) && last.startsWith(name)));
  };
  return paths.filter(fits);
}
