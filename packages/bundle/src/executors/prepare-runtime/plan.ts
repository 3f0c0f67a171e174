import { artifactBaseName, distFolder } from '@waybill/artifacts';
import type { PlannedArtifact, StageContext, StagePlan } from '@waybill/plugin-kit';
import type { RuntimeFacts } from '../../runtime';
import type { PrepareRuntimeOptions } from './options';

export interface PrepareRuntimeFacts {
  /** `linux-x86_64`, … */
  platform: string;
  runtime: RuntimeFacts;
}

/** What will be made. Paths are file names in the target's folder. */
export interface PrepareRuntimePlan extends StagePlan {
  facts: PrepareRuntimeFacts;
  /** The tar of the partial bundle tree. */
  archive: string;
  /** The tar of debug data; absent when nothing is stripped. */
  symbols?: string;
}

type Context = StageContext<PrepareRuntimeOptions>;

const line = (what: string, text: string): string => `${what.padEnd(9)} ${text}`;

function libpythonLine(runtime: RuntimeFacts, embedded: boolean | undefined): string {
  const taken = runtime.libpython && (embedded !== false || !runtime.staticInterpreter);
  return line('libpython', taken ? (runtime.libpython?.soname ?? '') : 'none');
}

/** Pure: what was found on this machine and what the options ask for, as file names and lines. */
export function planPrepareRuntime({ options, name, version, projectRoot, targetName }: Context, facts: PrepareRuntimeFacts): PrepareRuntimePlan {
  const base = artifactBaseName({ name, version, platform: facts.platform });
  const archive = `${base}.runtime.tar`;
  const symbols = options.strip ? `${base}.runtime-symbols.tar` : undefined;
  const planned = (file: string, kind: PlannedArtifact['kind']): PlannedArtifact => ({
    name: file,
    path: file,
    kind,
    platform: facts.platform,
    ships: false,
  });
  const output = distFolder(projectRoot, targetName);
  return {
    facts,
    archive,
    ...(symbols && { symbols }),
    artifacts: [...(symbols ? [planned(symbols, 'symbols')] : []), planned(archive, 'runtime')],
    lines: [
      `runtime ${facts.runtime.version} for ${facts.platform}`,
      line('source', facts.runtime.source),
      libpythonLine(facts.runtime, options.embedded),
      line(
        'prepare',
        `prune ${options.prune.preset}, ${options.strip ? 'strip' : 'no strip'}, pyc ${options.pyc}, host libraries ${options.vendorLibraries.enabled ? 'carried' : 'not carried'}`,
      ),
      line('archive', `${output}/${archive}`),
      ...(symbols ? [line('symbols', `${output}/${symbols}`)] : []),
    ],
  };
}
