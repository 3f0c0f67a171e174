import type { GeneratorTree } from '../generator-tree';
import { readJsonFile, writeJsonFile } from '../read-json-file';
import type { WrittenResult } from '../define-generator';
import { addPackages } from './add-packages';
import { addIgnoreLines } from './ignore-lines';
import { mergeNxJson } from './merge-nx-json';

/**
 * Everything that Waybill needs in a workspace, added where it is missing; a second run changes nothing. `FILE_JSON` when nx.json or
 * package.json cannot be rewritten without a loss.
 */
export function initWorkspace(tree: GeneratorTree, { skipPackageJson = false } = {}): WrittenResult {
  const before = readJsonFile(tree, 'nx.json');
  const { after, lines } = mergeNxJson(before);
  const packages = skipPackageJson ? { lines: [], install: false } : addPackages(tree);
  writeJsonFile(tree, 'nx.json', before, after);
  return { lines: [...packages.lines, ...lines, ...addIgnoreLines(tree)], install: packages.install };
}
