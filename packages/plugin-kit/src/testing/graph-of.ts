import type { NxDependsOn, NxGraph, NxTarget } from '../nx-context';

/** `{ app: { root, targets: { build: [dependsOn…] } } }` and edges as a graph. Executors: `nx:noop` for `release`, a command for `build*`, ours for the rest. */
export function graphOf(
  projects: Readonly<Record<string, Readonly<Record<string, readonly NxDependsOn[]>>>>,
  edges: Readonly<Record<string, readonly string[]>> = {},
): NxGraph {
  const target = (name: string, dependsOn: readonly NxDependsOn[]): NxTarget => ({
    executor:
      name === 'release' || name.startsWith('prepare-') ? 'nx:noop' : name.startsWith('native') ? 'nx:run-commands' : '@waybill/bundle:package-dist',
    dependsOn,
  });
  const nodes = Object.entries(projects).map(([name, targets]) => {
    const data = {
      root: `packages/${name}`,
      targets: Object.fromEntries(Object.entries(targets).map(([key, dependsOn]) => [key, target(key, dependsOn)])),
    };
    return [name, { name, data }] as const;
  });
  return {
    nodes: Object.fromEntries(nodes),
    dependencies: Object.fromEntries(Object.entries(edges).map(([from, to]) => [from, to.map((name) => ({ target: name }))])),
  };
}
