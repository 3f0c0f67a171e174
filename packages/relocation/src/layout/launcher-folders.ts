import { folderOf, type TreeIndex } from '../linkage/tree-index';
import { readLauncherScript } from './read-launcher-script';

/** A variable or command that stands for the launcher's folder, and the path behind it. */
const ELEMENT = /^(?:\$\{?\w+\}?|\$\(.*\)|`.*`)\/([\w./+-]+)$/s;
/** What the caller had, if anything: `${LD_LIBRARY_PATH:+:$LD_LIBRARY_PATH}`. */
const INHERITED = /\$\{LD_LIBRARY_PATH:?[-+][^}]*\}|\$LD_LIBRARY_PATH\b|\$\{LD_LIBRARY_PATH\}/g;

/** Folders of the bundle that a shell launcher puts on LD_LIBRARY_PATH. Its variables are taken for its own folder; only folders that are there count. */
export function launcherFolders(launcher: string | undefined, index: TreeIndex): string[] {
  const text = launcher === undefined ? undefined : index.entry(launcher)?.text;
  if (launcher === undefined || text === undefined) return [];
  const folders: string[] = [];
  for (const value of readLauncherScript(text).values) {
    for (const element of value.replace(INHERITED, ':').split(':')) {
      const path = ELEMENT.exec(element)?.[1];
      const walk = path === undefined ? undefined : index.walk(`${folderOf(launcher)}/${path}`);
      if (walk?.kind === 'found' && index.isFolder(walk.path)) folders.push(walk.path);
    }
  }
  return [...new Set(folders)];
}

/** Does a shell launcher take the caller's LD_LIBRARY_PATH away from the program: `unset`, an empty value or folders of its own alone, `env -u`, `env -i`. */
export function clearsLibraryPath(text: string | undefined): boolean {
  return text !== undefined && readLauncherScript(text).cleared;
}
