import { folderOf, type TreeIndex } from '../linkage/tree-index';
import { shellCommands } from './shell-commands';

const ASSIGNMENT = /\bLD_LIBRARY_PATH=(?:"([^"\n]*)"|'([^'\n]*)'|([^\s;"'\n]*))/g;
/** Launchers are some kilobytes; patterns over a hostile text of any size would take any time. */
const MOST_CHARACTERS = 65_536;
/** A variable or command that stands for the launcher's folder, and the path behind it. */
const ELEMENT = /^(?:\$\{?\w+\}?|\$\(.*\))\/([\w./+-]+)$/;

/** Folders of the bundle that a shell launcher puts on LD_LIBRARY_PATH. Its variables are taken for its own folder; only folders that are there count. */
export function launcherFolders(launcher: string | undefined, index: TreeIndex): string[] {
  const text = launcher === undefined ? undefined : index.entry(launcher)?.text;
  if (launcher === undefined || text === undefined) return [];
  const folders: string[] = [];
  for (const match of text.slice(0, MOST_CHARACTERS).matchAll(ASSIGNMENT)) {
    for (const element of (match[1] ?? match[2] ?? match[3] ?? '').split(':')) {
      const path = ELEMENT.exec(element)?.[1];
      const walk = path === undefined ? undefined : index.walk(`${folderOf(launcher)}/${path}`);
      if (walk?.kind === 'found' && index.isFolder(walk.path)) folders.push(walk.path);
    }
  }
  return [...new Set(folders)];
}

/** Does a shell launcher take LD_LIBRARY_PATH away from what it starts: `unset`, an empty value, or `env -u`. */
export function clearsLibraryPath(text: string | undefined): boolean {
  if (text === undefined) return false;
  return shellCommands(text.slice(0, MOST_CHARACTERS)).some(clears);
}

function clears(words: readonly string[]): boolean {
  const assignments = words.findIndex((word) => !/^\w+=/.test(word));
  if (words.slice(0, assignments < 0 ? words.length : assignments).includes('LD_LIBRARY_PATH=')) return true;
  const [command = '', ...rest] = assignments < 0 ? [] : words.slice(assignments);
  if (command === 'unset') return rest.includes('LD_LIBRARY_PATH');
  if (!/^(?:.*\/)?env$/.test(command)) return false;
  return rest.some(
    (word, index) =>
      /^(?:-u|--unset=)LD_LIBRARY_PATH$|^LD_LIBRARY_PATH=$/.test(word) ||
      (word === 'LD_LIBRARY_PATH' && /^(?:-u|--unset)$/.test(rest[index - 1] ?? '')),
  );
}
