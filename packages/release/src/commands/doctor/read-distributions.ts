import type { Finding } from '@waybill/core';
import { declaredName, pluginKitErrors, type NxGraph } from '@waybill/plugin-kit';
import { join, posix } from 'node:path';

export interface Distributions {
  /** Name as the manifests write it, by the root of its project; absent where they say none. */
  names: ReadonlyMap<string, string>;
  /** A manifest that cannot be read: its project has no edges, and its executors refuse it. */
  findings: readonly Finding[];
}

/** Of all projects that have targets of ours. */
export function readDistributions(root: string, { nodes }: NxGraph): Distributions {
  const names = new Map<string, string>();
  const findings: Finding[] = [];
  for (const { data } of Object.values(nodes)) {
    if (!Object.values(data.targets ?? {}).some(({ executor }) => executor?.startsWith('@waybill/'))) continue;
    try {
      const name = declaredName(join(root, data.root));
      if (name !== undefined) names.set(data.root, name);
    } catch (cause) {
      findings.push(unreadable(posix.join(data.root, 'pyproject.toml'), cause));
    }
  }
  return { names, findings };
}

function unreadable(path: string, cause: unknown): Finding {
  const reason = (cause instanceof Error ? cause.message : String(cause)).split('\n')[0]!;
  const { code, message, fix } = pluginKitErrors.error('GRAPH_MANIFEST', { path, reason }, { cause });
  return { check: code, level: 'error', path, message, fix };
}
