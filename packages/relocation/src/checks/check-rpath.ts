import type { BundleEntry, LeakToken } from '../bundle-facts';
import type { CheckOutcome, StaticCheck } from '../check-result';
import { splitSearchPath, type SearchElement } from '../linkage/expand-tokens';
import { folderOf, TreeIndex } from '../linkage/tree-index';
import { recordedPaths } from '../metadata/recorded-paths';
import { FindingList } from './finding-list';

/** Where our packages put carried libraries. It is absent when nothing is carried, and search paths name it all the same. */
const LIBRARY_FOLDER = 'lib';

/** Where the images of manylinux and musllinux have their Pythons (`/opt/_internal`, `/opt/python`). */
const OF_BUILD_CONTAINERS = /^\/opt\/(_internal|python)\//;

/** Check 3: search paths are relative and stay in the bundle. */
export const checkRpath: StaticCheck = (facts, { leakTokens }): CheckOutcome => {
  const list = new FindingList('rpath');
  const index = new TreeIndex(facts.entries);
  const recorded = recordedPaths(facts);
  const architecture = facts.platform.split('-')[1] ?? '';
  const paths: Record<string, number> = {};
  for (const entry of facts.entries) {
    if (!entry.elf) continue;
    for (const [kind, value] of [
      ['RPATH', entry.elf.rpath],
      ['RUNPATH', entry.elf.runpath],
    ] as const) {
      if (value === undefined) continue;
      paths[`${kind} ${value}`] = (paths[`${kind} ${value}`] ?? 0) + 1;
      const context = { entry, kind, index, list, leakTokens, fromWheel: recorded.has(entry.path) };
      for (const element of splitSearchPath(value, folderOf(entry.path), architecture)) checkElement(element, context);
    }
    if (entry.elf.rpath !== undefined && entry.elf.runpath !== undefined) {
      list.warning(entry.path, 'The file has DT_RPATH and DT_RUNPATH; the first is ignored', {
        fix: `patchelf --force-rpath --set-rpath '${entry.elf.rpath}'`,
      });
    }
  }
  return { findings: list.findings, evidence: { searchPaths: paths } };
};

interface ElementContext {
  entry: BundleEntry;
  kind: 'RPATH' | 'RUNPATH';
  index: TreeIndex;
  list: FindingList;
  leakTokens: readonly LeakToken[];
  /** Unchanged in the RECORD of its package: relative paths to packages that are not there are the wheel's own affair. */
  fromWheel: boolean;
}

function checkElement(element: SearchElement, context: ElementContext): void {
  const { entry, kind, list } = context;
  const fix = `patchelf --force-rpath --set-rpath '$ORIGIN/…' (\`${entry.path}\`)`;
  const wrong = (message: string): void =>
    list.error(entry.path, message, { expected: '`$ORIGIN/…` inside the bundle', actual: `DT_${kind} element \`${element.text}\``, fix });
  if (element.text === '') return wrong(`DT_${kind} has an empty element, which stands for the working folder`);
  if (element.unknownTokens.length > 0) return wrong(`DT_${kind} holds \`$${element.unknownTokens[0]}\`, which ld.so does not know`);
  for (const place of element.alternatives) {
    if (place.where === 'absolute') return reportAbsolute(place.path, context, wrong);
    if (place.where === 'working-folder') return wrong(`DT_${kind} depends on the working folder: \`${place.path}\``);
    const walk = context.index.walk(place.path);
    if (walk.kind === 'outside') return wrong(`DT_${kind} leaves the bundle: \`${element.text}\``);
    if (walk.kind !== 'found' || !context.index.isFolder(walk.path))
      return reportDangling(element, walk.kind === 'found' ? walk.path : normal(place.path), context);
  }
  if (element.tokens.includes('LIB') || element.tokens.includes('PLATFORM')) {
    list.warning(entry.path, `DT_${kind} element \`${element.text}\` means another folder on another distribution`, { fix });
  }
}

/**
 * auditwheel leaves folders of the container in some files (scipy): on a user’s machine they are not there, and what the file needs is found without them. A folder of this machine, or one
 * that anybody may make, is worse.
 */
function reportAbsolute(path: string, { entry, kind, list, leakTokens, fromWheel }: ElementContext, wrong: (message: string) => void): void {
  const message = `DT_${kind} is absolute: \`${path}\``;
  const ofThisMachine = leakTokens.some((token) => `${path}/`.startsWith(`${token.path}/`));
  if (!fromWheel || ofThisMachine || !OF_BUILD_CONTAINERS.test(path)) return wrong(message);
  list.warning(entry.path, message, {
    expected: '`$ORIGIN/…` inside the bundle',
    actual: path,
    fix: 'tell the wheel’s makers; nothing on the user’s machine depends on it',
  });
}

function reportDangling(element: SearchElement, folder: string, { entry, kind, list, fromWheel }: ElementContext): void {
  const message = `DT_${kind} element \`${element.text}\` leads to \`${folder}\`, which is not there`;
  if (folder === LIBRARY_FOLDER) list.info(entry.path, `${message}: nothing is carried`);
  else
    list.add(fromWheel ? 'warning' : 'error', entry.path, message, { fix: `patchelf --shrink-rpath, or remove the element from \`${entry.path}\`` });
}

/** `..` and `.` taken out, as text. */
function normal(path: string): string {
  const parts: string[] = [];
  for (const part of path.split('/')) {
    if (part === '..') parts.pop();
    else if (part !== '' && part !== '.') parts.push(part);
  }
  return parts.join('/');
}
