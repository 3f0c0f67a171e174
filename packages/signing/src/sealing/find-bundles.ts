import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { readPropertyList, type PropertyListDictionary } from '@waybill/binary';
import { isBelow, type TreeItem } from '@waybill/core';

/** A bundle of macOS whose program is sealed with its files: an `.app`, a plug-in, a version of a framework. Paths are relative to the tree. */
export interface SealedBundle {
  /** As people call it: `App.app`, `App.app/Contents/Frameworks/Python.framework`; `''`: the tree itself. */
  path: string;
  /** What the tool that signs is given: the bundle, or the version of a framework. */
  folder: string;
  /** What paths in its seal are relative to: `Contents` of an `.app`, the version of a framework. */
  base: string;
  infoPlist: string;
  program: string;
  identifier: string;
  codeResources: string;
}

/** A bundle by its place of which the property list does not say what is needed. */
export interface UnknownBundle {
  path: string;
  infoPlist: string;
  /** An `.app` cannot do without; other bundles may be no code at all. */
  isApp: boolean;
  reason: string;
}

export interface BundlesInTree {
  /** Deepest first. */
  bundles: readonly SealedBundle[];
  unknown: readonly UnknownBundle[];
}

type Items = readonly Pick<TreeItem, 'path' | 'kind' | 'linkTarget'>[];

const APP = /^(?:(.*)\/)?Contents\/Info\.plist$/;
const FRAMEWORK = /^(.*\.framework)\/Versions\/([^/]+)\/Resources\/Info\.plist$/;
const FLAT_FRAMEWORK = /^(.*\.framework)\/Resources\/Info\.plist$/;

/** Every bundle inside of an `.app`, and each `.app` itself. Frameworks that lie bare in a folder, as wheels carry them, are no bundles to their users: their code is signed file by file. */
export function findBundles(root: string, items: Items): BundlesInTree {
  const kinds = new Map(items.map(({ path, kind }) => [path, kind]));
  const found = items.flatMap(({ path, kind }) => (kind === 'file' ? placesOf(path, kinds) : []));
  const apps = found.filter(({ isApp }) => isApp).map(({ path }) => path);
  const inApp = found.filter(({ path, isApp }) => isApp || apps.some((app) => isBelow(path, app)));
  const read = inApp.map((place) => readBundle(root, place, kinds));
  return {
    bundles: read
      .flatMap((one) => ('bundle' in one ? [one.bundle] : []))
      .sort((a, b) => depthOf(b.base) - depthOf(a.base) || (a.base < b.base ? -1 : 1)),
    unknown: read.flatMap((one) => ('unknown' in one ? [one.unknown] : [])),
  };
}

const depthOf = (path: string): number => path.split('/').length;
/** The path as seen from a folder that it is below; `''` is the tree itself. */
export const insideOf = (path: string, folder: string): string => (folder === '' ? path : path.slice(folder.length + 1));
export const joinPath = (...parts: readonly string[]): string => parts.filter((part) => part !== '').join('/');

interface Place {
  path: string;
  folder: string;
  base: string;
  /** Folder of the program, with a slash at its end. */
  programs: string;
  infoPlist: string;
  isApp: boolean;
}

type Kinds = ReadonlyMap<string, TreeItem['kind']>;

function placesOf(infoPlist: string, kinds: Kinds): readonly Place[] {
  const app = APP.exec(infoPlist);
  if (app) {
    const path = app[1] ?? '';
    const base = joinPath(path, 'Contents');
    const isApp = path === '' || path.endsWith('.app');
    // Documents and the like have a property list there too, and no code.
    return isApp || hasPrograms(kinds, `${base}/MacOS/`) ? [{ path, folder: path, base, programs: `${base}/MacOS/`, infoPlist, isApp }] : [];
  }
  const framework = FRAMEWORK.exec(infoPlist);
  if (framework) {
    const folder = `${framework[1]!}/Versions/${framework[2]!}`;
    return [{ path: framework[1]!, folder, base: folder, programs: `${folder}/`, infoPlist, isApp: false }];
  }
  const [, flat] = FLAT_FRAMEWORK.exec(infoPlist) ?? [];
  return flat === undefined ? [] : [{ path: flat, folder: flat, base: flat, programs: `${flat}/`, infoPlist, isApp: false }];
}

const hasPrograms = (kinds: Kinds, folder: string): boolean => [...kinds.keys()].some((path) => path.startsWith(folder));

function readBundle(root: string, { isApp, programs, ...place }: Place, kinds: Kinds): { bundle: SealedBundle } | { unknown: UnknownBundle } {
  const { path, infoPlist, base } = place;
  const unknown = (reason: string): { unknown: UnknownBundle } => ({ unknown: { path, infoPlist, isApp, reason } });
  const read = readPropertyList(readFileSync(join(root, infoPlist)));
  if (!read.ok) return unknown(`\`${infoPlist}\` is no property list: ${read.refusal.message}`);
  const name = textAt(read.facts, 'CFBundleExecutable');
  const identifier = textAt(read.facts, 'CFBundleIdentifier');
  if (name === undefined) return unknown(`\`${infoPlist}\` does not say what its program is (\`CFBundleExecutable\`)`);
  const program = `${programs}${name}`;
  if (kinds.get(program) !== 'file') return unknown(`\`${infoPlist}\` names the program \`${name}\`, and \`${program}\` is no file`);
  if (identifier === undefined) return unknown(`\`${infoPlist}\` has no \`CFBundleIdentifier\``);
  return { bundle: { ...place, program, identifier, codeResources: `${base}/_CodeSignature/CodeResources` } };
}

function textAt(value: unknown, key: string): string | undefined {
  const found = value instanceof Map ? (value as PropertyListDictionary).get(key) : undefined;
  return typeof found === 'string' && found.trim() !== '' ? found : undefined;
}

/** Which bundle a nested one is seen as from outside: of several versions of a framework, the current one. */
export function currentBundle(path: string, bundles: readonly SealedBundle[], items: Items): SealedBundle | undefined {
  const there = bundles.filter((bundle) => bundle.path === path);
  const current = items.find((item) => item.path === `${path}/Versions/Current`)?.linkTarget;
  return there.find(({ folder }) => folder === `${path}/Versions/${current ?? ''}`) ?? there[0];
}
