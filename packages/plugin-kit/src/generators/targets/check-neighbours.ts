import { normaliseDistribution } from '@waybill/artifacts';
import { findCycle, localDependencies } from '../../manifests';
import { generatorErrors } from '../generator-errors';
import type { GeneratorTree } from '../generator-tree';
import { allManifests } from './read-project-facts';

/** Two projects of one distribution name (`GRAPH_DISTRIBUTION_TWICE`), and a circle of local packages through this project (`GRAPH_CYCLE`). */
export function checkNeighbours(tree: GeneratorTree, project: string): void {
  const manifests = allManifests(tree);
  const own = manifests.find((entry) => entry.project === project && entry.facts.name !== undefined);
  const twin = own && manifests.find((entry) => entry.project !== project && isNamed(entry.facts.name, own.facts.name!));
  if (twin) throw generatorErrors.error('GRAPH_DISTRIBUTION_TWICE', { name: own.facts.name!, one: own.path, other: twin.path });
  const roots = Object.fromEntries(manifests.map((entry) => [entry.project, entry.root]));
  const cycle = findCycle(localDependencies({ manifests, others: [], roots }), project);
  if (cycle) throw generatorErrors.error('GRAPH_CYCLE', { cycle });
}

const isNamed = (name: string | undefined, other: string): boolean =>
  name !== undefined && normaliseDistribution(name) === normaliseDistribution(other);

/** What is made in the workspace: folder and needs by normalized name of the distribution. */
export type LocalDistributions = ReadonlyMap<string, { root: string; needs: readonly string[] }>;

export const localDistributions = (tree: GeneratorTree): LocalDistributions =>
  new Map(
    allManifests(tree).flatMap(({ root, facts }) =>
      facts.name === undefined ? [] : [[normaliseDistribution(facts.name), { root, needs: facts.needs }] as const],
    ),
  );
