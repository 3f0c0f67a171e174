import { posix } from 'node:path';
import { isBelow, type TreeItem } from '@waybill/core';
import { currentBundle, insideOf, type BundlesInTree, type SealedBundle } from './find-bundles';
import { sealKindOf } from './seal-rules';

interface Tree {
  items: readonly TreeItem[];
  found: BundlesInTree;
}

/** Path in the tree, and what is wrong there. */
export interface OutsideProblem {
  path: string;
  message: string;
}

/** What the Finder and the like lay there; macOS takes it unless it is a program. */
const BESIDE_CONTENTS = /^(\.DS_Store|\.LSOverride|\.SoftwareDepot\.tracking|Icon\r)$/;
const UNSEALED = ['_CodeSignature', '_MASReceipt'];
const BESIDE_VERSIONS = /^(\.DS_Store|module\.map|Versions\/\.DS_Store)$/;
/** Absolute links that macOS takes. */
const OF_THE_SYSTEM = /^\/(System|Library)\//;

/**
 * What no seal can speak of: things outside of `Contents`, at the top of a framework with versions, beside the seal itself, and links that lead out of the
 * outermost bundle. macOS refuses them too, but for those beside the seal, which it never looks at: whatever is laid there would go unseen.
 */
export function outsideProblems(tree: Tree, bundle: SealedBundle): readonly OutsideProblem[] {
  return [...(isSealedAsFiles(tree, bundle) ? [] : [...unsealedParts(tree, bundle), ...besideSeal(tree, bundle)]), ...leavingLinks(tree, bundle)];
}

/** Of `_MASReceipt` the shop writes the one file. */
function besideSeal(tree: Tree, { base, codeResources }: SealedBundle): readonly OutsideProblem[] {
  const known = [codeResources, `${base}/_MASReceipt/receipt`];
  return tree.items
    .filter(({ path, kind }) => UNSEALED.some((folder) => isBelow(path, `${base}/${folder}`)) && !(known.includes(path) && kind === 'file'))
    .map(({ path }) => ({ path, message: 'it lies beside the seal, where no seal reaches and macOS never looks' }));
}

/** Below `Contents/Resources` a bundle is files like others to the bundle around it, whose seal names all of them. */
const isSealedAsFiles = ({ found }: Tree, { path }: SealedBundle): boolean =>
  found.bundles.some(({ base }) => isBelow(path, base) && ['resource', 'optional'].includes(sealKindOf(insideOf(path, base))));

function unsealedParts(tree: Tree, bundle: SealedBundle): readonly OutsideProblem[] {
  if (bundle.base === bundle.path) return [];
  if (bundle.folder === bundle.path) {
    const beside = itemsBelow(tree, bundle.path).filter(({ inside, item }) => !inside.includes('/') && !isBesideContents(inside, item));
    return beside.map(({ item: { path } }) => ({ path, message: 'it lies beside `Contents`, where macOS takes nothing else and no seal reaches' }));
  }
  return atTopOfFramework(tree, bundle);
}

const isPlain = ({ kind, mode }: TreeItem): boolean => kind === 'file' && (mode & 0o111) === 0;

const isBesideContents = (inside: string, item: TreeItem): boolean =>
  inside === 'Contents' ? item.kind === 'directory' : BESIDE_CONTENTS.test(inside) && isPlain(item);

/** One without the link `Versions/Current`, as wheels carry them, is no framework with versions to macOS. */
function atTopOfFramework(tree: Tree, { path, folder }: SealedBundle): readonly OutsideProblem[] {
  const { bundles } = tree.found;
  const current = tree.items.find((item) => item.path === `${path}/Versions/Current` && item.kind === 'symlink')?.linkTarget;
  if (current === undefined || currentBundle(path, bundles, tree.items)?.folder !== folder) return [];
  const isMeant = (inside: string, item: TreeItem): boolean => {
    if (inside === 'Versions' || (BESIDE_VERSIONS.test(inside) && isPlain(item))) return true;
    if (inside.startsWith('Versions/')) return inside === 'Versions/Current' || bundles.some((bundle) => bundle.folder === item.path);
    const target = (item.linkTarget ?? '').replace(/^\.\//, '');
    return item.kind === 'symlink' && [`Versions/Current/${inside}`, `Versions/${current}/${inside}`].includes(target);
  };
  const top = itemsBelow(tree, path).filter(({ inside }) => /^(Versions\/)?[^/]+$/.test(inside));
  return top
    .filter(({ inside, item }) => !isMeant(inside, item))
    .map(({ inside, item }) => ({
      path: item.path,
      message: inside.startsWith('Versions/')
        ? 'it lies in a framework and is none of its versions: no seal reaches it'
        : `it lies at the top of a framework, where macOS takes only links such as \`${inside}\` to \`Versions/Current/${inside}\`, and no seal reaches`,
    }));
}

/** What macOS would not follow either. */
function leavingLinks(tree: Tree, { path }: SealedBundle): readonly OutsideProblem[] {
  if (tree.found.bundles.some((other) => other.path !== path && isBelow(path, other.path))) return [];
  return itemsBelow(tree, path)
    .filter(({ inside, item: { linkTarget } }) => linkTarget !== undefined && leadsOut(inside, linkTarget))
    .map(({ item }) => ({ path: item.path, message: `it is a link to \`${item.linkTarget!}\`, which leads out of the bundle` }));
}

function leadsOut(inside: string, target: string): boolean {
  if (posix.isAbsolute(target)) return !OF_THE_SYSTEM.test(posix.normalize(target));
  const place = posix.join(posix.dirname(inside), target);
  return place === '..' || place.startsWith('../');
}

const itemsBelow = ({ items }: Tree, folder: string): readonly { inside: string; item: TreeItem }[] =>
  items.filter(({ path }) => isBelow(path, folder)).map((item) => ({ item, inside: insideOf(item.path, folder) }));
