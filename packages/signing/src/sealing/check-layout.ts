import { join, posix } from 'node:path';
import { isBelow } from '@waybill/core';
import { readCodeFile } from '../macho/read-code-file';
import { insideOf, type SealedBundle } from './find-bundles';
import { outsideProblems } from './find-outside';
import { itemsOf, type TreeOfBundles } from './read-seal';
import { sealKindOf } from './seal-rules';

const MOVE = 'macOS takes everything there for code: move it below `Contents/Resources`';

/** Why bundles of a tree cannot be sealed so that macOS would take them; all of it at once, for people. */
export function layoutProblems(tree: TreeOfBundles): readonly string[] {
  const { found } = tree;
  return [
    ...found.unknown.filter(({ isApp }) => isApp).map(({ reason }) => reason),
    ...found.bundles.filter(({ program }) => !isCode(tree, program)).map(({ program }) => `\`${program}\`, its program, is no Mach-O file`),
    ...found.bundles.flatMap((bundle) => problemsIn(tree, bundle)),
    ...found.bundles.filter(({ folder, path }) => folder !== path).flatMap(({ path }) => frameworkProblems(tree, path)),
    ...found.bundles.flatMap((bundle) => outsideProblems(tree, bundle)).map(({ path, message }) => `\`${path}\`: ${message}`),
  ];
}

/** Who opens a framework goes by the links at its top. */
function frameworkProblems({ items }: TreeOfBundles, framework: string): readonly string[] {
  const links = new Map(items.filter(({ kind }) => kind === 'symlink').map(({ path, linkTarget }) => [path, linkTarget]));
  const missing = ['Versions/Current', 'Resources'].filter((link) => !links.has(`${framework}/${link}`));
  return missing.map((link) => `\`${framework}/${link}\` is no link: a framework with versions has \`Versions/Current\` and \`Resources\``);
}

const isCode = ({ root, now }: TreeOfBundles, path: string): boolean => readCodeFile(join(root, path), now)?.kind === 'macho';

function problemsIn(tree: TreeOfBundles, bundle: SealedBundle): readonly string[] {
  const items = itemsOf(tree, bundle);
  const files = [...items]
    .filter(([path, { kind }]) => kind === 'file' && sealKindOf(path) === 'nested')
    .map(([path]) => `${bundle.base}/${path}`)
    .filter((path) => !isCode(tree, path))
    .map((path) => `\`${path}\` is no code: ${MOVE}`);
  const bundles = [...items].filter(([, { kind }]) => kind === 'bundle').map(([path]) => `${bundle.base}/${path}`);
  const folders = tree.items
    .filter(({ kind, path }) => kind === 'directory' && isBelow(path, bundle.base) && posix.basename(path).includes('.'))
    .map(({ path }) => path)
    .filter((path) => sealKindOf(insideOf(path, bundle.base)) === 'nested' && !bundles.some((other) => path === other || isBelow(path, other)))
    .map((path) => `\`${path}\` is a folder with a dot in its name and no bundle: ${MOVE}`);
  return [...files, ...folders];
}
