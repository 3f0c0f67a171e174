import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { readTree } from '@waybill/core';
import { readCodeFile } from '../macho/read-code-file';
import { findBundles } from '../sealing/find-bundles';
import { sealProblems } from '../sealing/read-seal';

/** Everything that is not as the bundles of a tree say. */
export async function problemsOfBundles(root: string): Promise<string[]> {
  const items = await readTree(root);
  const tree = { root, items, found: findBundles(root, items), now: Date.now() };
  const seals = tree.found.bundles.flatMap((bundle) => sealProblems(tree, bundle).map(({ path, message }) => `${path!}: ${message}`));
  const code = tree.found.bundles.flatMap(({ program, infoPlist, codeResources }) => {
    const seal = join(root, codeResources);
    const sealed = { infoPlist: join(root, infoPlist), ...(existsSync(seal) && { codeResources: seal }) };
    const read = readCodeFile(join(root, program), Date.now(), sealed);
    if (read?.kind !== 'macho') return [`${program}: no code`];
    return read.slices.flatMap(({ signature }) =>
      signature.state === 'read'
        ? signature.verification.problems.map(({ message }) => `${program}: ${message}`)
        : [`${program}: ${signature.state}`],
    );
  });
  return [...seals, ...code];
}
