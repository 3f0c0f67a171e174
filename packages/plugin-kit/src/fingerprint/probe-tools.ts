import { installedVersion } from '@waybill/core/installed-version';
import { type AnswerMemory, NO_MEMORY } from './answer-memory';
import { askProgram } from './ask-program';
import { behindRustup } from './behind-rustup';
import { findCommand } from './find-command';
import { TOOL_PROBES, type ToolProbe } from './tool-probes';

type Variables = Readonly<Record<string, string | undefined>>;

/** Version (or whole first line) of each tool; `missing` when it is not there, `unusable` when it says nothing. Never throws. */
export async function probeTools(variables: Variables, ids?: readonly string[], memory = NO_MEMORY): Promise<ReadonlyMap<string, string>> {
  const probes = TOOL_PROBES.filter(({ id }) => !ids || ids.includes(id));
  const versions = await Promise.all(probes.map(async (probe) => [probe.id, await probeTool(probe, variables, memory)] as const));
  return new Map(versions);
}

async function probeTool(probe: ToolProbe, variables: Variables, memory: AnswerMemory): Promise<string> {
  const folder = process.cwd();
  const found = findCommand(variables[probe.variable] || probe.command, variables, folder);
  if (found === undefined) return 'missing';
  const file = probe.id === 'rustc' ? behindRustup(found, variables, folder) : found;
  const installed = probe.distribution === undefined ? undefined : installedVersion(file, probe.distribution);
  return installed ?? askProgram(probe, file, variables, memory);
}
