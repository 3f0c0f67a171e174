import { createProjectGraphAsync, readJsonFile, workspaceRoot } from '@nx/devkit';
import type { NxGraph } from '@waybill/plugin-kit';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { commandErrors } from './command-errors';
import type { WorkspaceSettings } from './doctor/judge-settings';
import { renderDoctor } from './doctor/render-doctor';
import { runDoctor } from './doctor/run-doctor';
import type { CommandPorts } from './main';

/** `doctor [--json]`: 0 all is well, 1 faults. `OPTION_RELEASE_COMMAND`, `GRAPH_WORKSPACE`. */
export async function doctor(args: readonly string[], ports: CommandPorts): Promise<number> {
  const odd = args.find((argument) => argument !== '--json');
  if (odd !== undefined) throw commandErrors.error('OPTION_RELEASE_COMMAND', { argument: odd, expected: '`--json` or nothing' });
  const { graph, nxJson } = await readWorkspace(ports.workingFolder);
  const report = await runDoctor({ root: workspaceRoot, graph, nxJson, processes: ports.processes, environment: ports.environment });
  ports.print(args.includes('--json') ? `${JSON.stringify(report, null, 2)}\n` : renderDoctor(report));
  return report.verdict === 'well' ? 0 : 1;
}

async function readWorkspace(folder: string): Promise<{ graph: NxGraph; nxJson: WorkspaceSettings }> {
  const path = join(workspaceRoot, 'nx.json');
  if (!existsSync(path)) throw commandErrors.error('GRAPH_WORKSPACE', { folder, reason: 'there is no nx.json here or above' });
  try {
    return { graph: (await createProjectGraphAsync({ exitOnError: false })) as unknown as NxGraph, nxJson: readJsonFile<WorkspaceSettings>(path) };
  } catch (cause) {
    const reason = (cause instanceof Error ? cause.message : String(cause)).split('\n')[0]!.replace(/\.$/, '');
    throw commandErrors.error('GRAPH_WORKSPACE', { folder, reason }, { cause });
  }
}
