import type { BundleEntry } from '../bundle-facts';
import type { FindingList } from '../checks/finding-list';
import { asObject, parseJson } from '../layout/manifest-hints';
import { baseName, folderOf, type TreeIndex } from '../linkage/tree-index';
import { isGenericPath, isNeutralPath } from '../policy/generic-paths';
import { joinInBundle } from './recorded-paths';

/** `.pth`, `.egg-link`, `__editable__*`, `direct_url.json`, `pyvenv.cfg`: files that tie a folder of packages to a place. */
export function auditSiteFile(entry: BundleEntry, index: TreeIndex, list: FindingList): void {
  const name = baseName(entry.path);
  if (name === 'pyvenv.cfg') auditVenv(entry, list);
  else if (name === 'direct_url.json') auditOrigin(entry, list);
  else if (name.endsWith('.egg-link'))
    list.error(entry.path, 'The package is a link to the folder of its sources', { fix: 'install the package as a wheel' });
  else if (name.startsWith('__editable__'))
    list.error(entry.path, 'The package is installed as editable: its code is in the folder of its sources', {
      fix: 'install the package as a wheel, without `-e`',
    });
  else if (name.endsWith('.pth')) auditPth(entry, index, list);
}

/** A virtual environment names the interpreter that it was made with by an absolute path, and silently runs another when that is gone. */
function auditVenv({ path, text }: BundleEntry, list: FindingList): void {
  const home = homeOf(text ?? '');
  if (home !== undefined && home !== '' && !isAbsolute(home)) return;
  list.error(path, 'The folder is a virtual environment, which cannot be moved', {
    ...(home === undefined ? {} : { actual: `home = ${home}` }),
    fix: 'install the packages with `--target`, without a virtual environment',
  });
}

/** As getpath.py reads it: the first `home`, in any case, up to the end of its line. */
function homeOf(text: string): string | undefined {
  for (const line of text.split(/\r\n|\n|\r/)) {
    const equals = line.indexOf('=');
    if (equals >= 0 && line.slice(0, equals).trim().toLowerCase() === 'home') return line.slice(equals + 1).trim();
  }
  return undefined;
}

const isAbsolute = (path: string): boolean => /^(?:[\\/]|[A-Za-z]:[\\/])/.test(path);

function auditOrigin({ path, text }: BundleEntry, list: FindingList): void {
  const origin = asObject(parseJson(text));
  const url = typeof origin['url'] === 'string' ? origin['url'] : undefined;
  const editable = asObject(origin['dir_info'])['editable'] === true;
  if (editable || url?.startsWith('file:')) {
    list.error(path, `The package was installed from a ${editable ? 'folder, as editable' : 'path'} of the building machine`, {
      ...(url === undefined ? {} : { actual: url }),
      fix: 'remove the file and its row in RECORD',
    });
  }
}

/** Code that site.py runs at every start: an absolute path in it is one of the building machine, or of every machine alike. */
function auditCode({ path }: BundleEntry, line: string, list: FindingList): void {
  const place = [...line.matchAll(/(["'])((?:\/|[A-Za-z]:\\)(?:(?!\1).)+)\1/g)]
    .map(([, , literal]) => literal!)
    .find((literal) => !isNeutralPath(literal) && !isGenericPath(literal));
  if (place === undefined) return;
  list.error(path, 'The file runs code at every start that names an absolute path', {
    actual: place,
    fix: 'remove the file, or compute the path from `__file__` or `sys.prefix`',
  });
}

/** Each line is a folder to add to sys.path, or code that starts with `import` (site.py, `addpackage`). */
function auditPth(entry: BundleEntry, index: TreeIndex, list: FindingList): void {
  for (const raw of (entry.text ?? '').split(/\r?\n/)) {
    const line = raw.trim();
    if (line === '' || line.startsWith('#')) continue;
    if (/^import[ \t]/.test(line)) {
      auditCode(entry, line, list);
      continue;
    }
    if (isAbsolute(line)) {
      list.error(entry.path, 'The file adds an absolute folder to sys.path', {
        expected: 'a folder relative to the file',
        actual: line,
        fix: 'remove the file, or write the folder relative',
      });
      continue;
    }
    const target = joinInBundle(folderOf(entry.path), line);
    if (target === undefined)
      list.error(entry.path, 'The file adds a folder outside of the bundle to sys.path', { actual: line, fix: 'remove the file' });
    else if (index.walk(target).kind !== 'found')
      list.warning(entry.path, 'The file adds a folder to sys.path that is not there', { actual: line, fix: 'remove the file' });
  }
}
