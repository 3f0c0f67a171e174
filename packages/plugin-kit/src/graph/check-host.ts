import { formatPlatform, hostPlatform, systemOfTarget, targetName, type HostProcess, type StageRow, type TargetSystem } from '@waybill/artifacts';
import { pluginKitErrors } from '../errors/plugin-kit-errors';
import type { NxContext } from '../nx-context';
import { idText, type TargetId } from './expand-depends-on';

const SYSTEMS = { linux: 'Linux', macos: 'macOS', windows: 'Windows' } as const;

/**
 * A target that makes something for the machine that it runs on must run on the system that it is named after: `package-macos` would make a Linux
 * bundle on Linux. The option `platform` says what is meant, and its stage whether it can be made here. `GRAPH_HOST`.
 */
export function checkHost(nx: NxContext, id: TargetId, row: StageRow, options: object, machine: HostProcess): void {
  const system = systemOfTarget(row.stage, id.target);
  if (!row.hostBound || system === undefined || ('platform' in options && options.platform !== undefined)) return;
  const here = hostPlatform(machine);
  if (system.os === here.os && (system.arch === undefined || system.arch === here.arch)) return;
  const targets = nx.projectGraph.nodes[id.project]?.data.targets ?? {};
  const last = lastTargets(system).find((target) => targets[target] !== undefined) ?? id.target;
  throw pluginKitErrors.error('GRAPH_HOST', {
    target: idText(id),
    wanted: system.arch === undefined ? SYSTEMS[system.os] : `${SYSTEMS[system.os]} on ${system.arch}`,
    here: formatPlatform(here),
    run: idText({ project: id.project, target: last }),
    project: id.project,
  });
}

/** What runs the whole chain of a system; `prepare-linux` runs those of all its architectures, which no one machine can. */
const lastTargets = (system: TargetSystem): readonly string[] =>
  system.arch === undefined
    ? [targetName('prepare', system)]
    : ['smoke-signed', 'notarize', 'sign', 'smoke'].map((stage) => targetName(stage, system));
