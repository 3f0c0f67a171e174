import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { isBelow, type TreeItem } from '@waybill/core';
import { readCodeFile } from '../macho/read-code-file';
import { currentBundle, insideOf, type BundlesInTree, type SealedBundle } from './find-bundles';
import { outsideProblems } from './find-outside';
import { judgeSeal, type SealedItem, type SealProblem } from './judge-seal';
import { sealKindOf } from './seal-rules';

export interface TreeOfBundles {
  /** Absolute. */
  root: string;
  items: readonly TreeItem[];
  found: BundlesInTree;
  /** Milliseconds since 1970. */
  now: number;
}

/** What of a bundle is not as its seal says, or lies where no seal reaches; paths are relative to the tree. */
export function sealProblems(tree: TreeOfBundles, bundle: SealedBundle): readonly SealProblem[] {
  const codeResources = join(tree.root, bundle.codeResources);
  const problems = judgeSeal({
    ...(existsSync(codeResources) && { codeResources: readFileSync(codeResources) }),
    items: itemsOf(tree, bundle),
  });
  return [
    ...problems.map(({ path, message }) => ({ path: path === undefined ? bundle.path : `${bundle.base}/${path}`, message })),
    ...outsideProblems(tree, bundle),
  ];
}

/** What lies in a bundle, as its seal sees it: bundles that lie where code lies are one thing each. */
export function itemsOf({ root, items, found, now }: TreeOfBundles, bundle: SealedBundle): ReadonlyMap<string, SealedItem> {
  const inside = (path: string): string => insideOf(path, bundle.base);
  const nested = [...new Set(found.bundles.map(({ path }) => path))].filter(
    (path) => path !== bundle.path && isBelow(path, bundle.base) && sealKindOf(inside(path)) === 'nested',
  );
  const outermost = nested.filter((path) => !nested.some((other) => isBelow(path, other)));
  const sealed = new Map<string, SealedItem>();
  for (const { path, kind, linkTarget } of items) {
    if (!isBelow(path, bundle.base) || path === bundle.program || (kind !== 'file' && kind !== 'symlink')) continue;
    if (path === bundle.codeResources || outermost.some((other) => isBelow(path, other))) continue;
    sealed.set(inside(path), kind === 'symlink' ? { kind: 'symlink', target: linkTarget ?? '' } : fileAt(join(root, path), now));
  }
  for (const path of outermost) {
    const program = currentBundle(path, found.bundles, items)!.program;
    sealed.set(inside(path), { kind: 'bundle', codeHashes: () => codeHashesOf(join(root, program), now) });
  }
  return sealed;
}

const fileAt = (file: string, now: number): SealedItem => ({
  kind: 'file',
  digest: (algorithm) => createHash(algorithm).update(readFileSync(file)).digest('hex'),
  codeHashes: () => codeHashesOf(file, now),
});

/** Of every architecture, each code directory: lower-case hex. */
function codeHashesOf(file: string, now: number): readonly string[] {
  const code = readCodeFile(file, now);
  if (code?.kind !== 'macho') return [];
  return code.slices.flatMap(({ signature }) =>
    signature.state === 'read' ? signature.verification.signature.codeDirectories.map(({ cdhash }) => cdhash) : [],
  );
}
