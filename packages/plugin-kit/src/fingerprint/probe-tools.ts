// The fingerprint runs before every cached target: core's Processes would cost it twice the time of the tools that it asks.
// eslint-disable-next-line no-restricted-imports
import { execFile } from 'node:child_process';
import { installedVersion } from '@waybill/core/installed-version';
import { findCommand } from './find-command';
import { TOOL_PROBES, type ToolProbe } from './tool-probes';

const TIMEOUT_MS = 10_000;
const LONGEST_LINE = 200;

type Variables = Readonly<Record<string, string | undefined>>;

/** Version (or whole first line) of each tool; `missing` when it is not there, `unusable` when it says nothing. Never throws. */
export async function probeTools(variables: Variables, ids?: readonly string[]): Promise<ReadonlyMap<string, string>> {
  const probes = TOOL_PROBES.filter(({ id }) => !ids || ids.includes(id));
  const versions = await Promise.all(probes.map(async (probe) => [probe.id, await probeTool(probe, variables)] as const));
  return new Map(versions);
}

function probeTool(probe: ToolProbe, variables: Variables): Promise<string> {
  const file = findCommand(variables[probe.variable] || probe.command, variables, process.cwd());
  if (file === undefined) return Promise.resolve('missing');
  const installed = probe.distribution === undefined ? undefined : installedVersion(file, probe.distribution);
  if (installed !== undefined) return Promise.resolve(installed);
  return new Promise((resolve) => {
    execFile(file, [...probe.args], { env: { ...variables }, timeout: TIMEOUT_MS, windowsHide: true }, (error, stdout) => {
      if (error && ['ENOENT', 'ENOTDIR', 'EACCES'].includes(String(error.code))) resolve('missing');
      else resolve(versionIn(stdout, probe) ?? 'unusable');
    }).stdin?.end();
  });
}

function versionIn(output: string, probe: ToolProbe): string | undefined {
  const line = output.split('\n', 1)[0]!.trim().slice(0, LONGEST_LINE);
  return probe.wholeLine ? line || undefined : /\d+(?:\.\d+)+/.exec(line)?.[0];
}
