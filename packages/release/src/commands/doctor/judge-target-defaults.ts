import type { Finding } from '@waybill/core';
import { matchNames, type NxGraph } from '@waybill/plugin-kit';
import { hiddenKeys, missingOf } from '@waybill/plugin-kit/generators';

/** Entries of `targetDefaults` by the name of a target, that Nx passes over because our executor has one, and that stand on no target either. */
export function judgeTargetDefaults(targetDefaults: unknown, graph: NxGraph): readonly Finding[] {
  if (!isObject(targetDefaults)) return [];
  return hiddenKeys(targetDefaults)
    .filter(({ executor }) => targetDefaults[executor] !== undefined)
    .flatMap(({ key, executor }) => {
      const byName = targetDefaults[key];
      const missing = isObject(byName) ? missingIn(graph, key, executor, byName) : [];
      if (missing.length === 0) return [];
      return [
        {
          check: 'hidden-default',
          level: 'warning' as const,
          path: 'nx.json',
          message: `\`targetDefaults["${key}"]\` does not reach targets of \`${executor}\`: Nx takes the entry of the executor alone`,
          expected: `${[...new Set(missing.flatMap(({ keys }) => keys))].join(', ')} as it says`,
          actual: `not on ${missing.map(({ run }) => run).join(', ')}`,
          fix: `move what it says to \`targetDefaults["${executor}"]\`, or onto the targets`,
        },
      ];
    });
}

type JsonObject = Readonly<Record<string, unknown>>;

const isObject = (value: unknown): value is JsonObject => typeof value === 'object' && value !== null && !Array.isArray(value);

const missingIn = ({ nodes }: NxGraph, key: string, executor: string, byName: JsonObject): readonly { run: string; keys: readonly string[] }[] =>
  Object.values(nodes).flatMap(({ name, data: { targets = {} } }) =>
    matchNames(key, Object.keys(targets))
      .filter((target) => targets[target]!.executor === executor)
      .map((target) => ({ run: `${name}:${target}`, keys: missingOf(byName, { ...targets[target] }, Object.keys(targets)) }))
      .filter(({ keys }) => keys.length > 0),
  );
