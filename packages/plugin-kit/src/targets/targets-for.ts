import { outputsLine, stageRow, targetName, wheelTargetName, type TargetSystem } from '@waybill/artifacts';
import type { NxDependsOn, NxTarget } from '../nx-context';
import { NO_PACKAGES, RECORDS, targetDefaults } from './target-defaults';

/** Kinds of projects that Waybill releases (CONTRACT §1). */
export type ProjectKind = 'library' | 'embedded-app' | 'python-app';

export interface TargetsRequest {
  kind: ProjectKind;
  /** Platforms of an application, the main one of each system first: `linux-x86_64`, `linux-aarch64`. Of a library: further native wheels. */
  platforms?: readonly string[];
  /** The project's own native build (`build`), for an embedded-app. */
  nativeTarget?: string;
  /** The project has Python code of its own, that is packed as a wheel. An embedded-app without one has no `build-wheel`. */
  hasWheel?: boolean;
  /** Target that prepares the runtime for several applications: `runtime:prepare-runtime-linux`. */
  runtimeTarget?: string;
}

/** A target of project.json: what stands on the target itself. `cache` and `inputs` come from `targetDefaults`, except where two stages share an executor and for `nx:noop`. */
export type TargetLines = Required<Pick<NxTarget, 'executor' | 'dependsOn'>> & Pick<NxTarget, 'outputs' | 'cache' | 'inputs'>;

/** The targets of a project, by name, in the order of a release (CONTRACT §2). */
export function targetsFor(request: TargetsRequest): Readonly<Record<string, TargetLines>> {
  const wheels = wheelTargets(request);
  const systems = request.kind === 'library' ? [] : systemsOf(request.platforms ?? []);
  const chains = systems.map((system) => chainFor(system, request, Object.keys(wheels)));
  const ends = request.kind === 'library' ? Object.keys(wheels) : chains.flatMap((chain) => chain.ends);
  const common: Record<string, TargetLines> = {
    checksum: line('checksum', 'checksum', ends),
    'sign-checksums': line('sign-checksums', 'sign-checksums', ['checksum']),
    publish: line('publish', 'publish', ['sign-checksums', '^publish']),
    ...prepareTargets(systems, chains),
    release: line('release', 'release', ['publish']),
    'take-back': line('take-back', 'take-back', []),
    'nx-release-publish': line('publish', 'nx-release-publish', ['sign-checksums', '^nx-release-publish']),
  };
  return { ...wheels, ...Object.assign({}, ...chains.map((chain) => chain.targets)), ...common };
}

function wheelTargets({ kind, platforms = [], hasWheel = kind !== 'embedded-app' }: TargetsRequest): Record<string, TargetLines> {
  if (!hasWheel) return {};
  const first = { 'build-wheel': line('build-wheel', 'build-wheel', ['^build-wheel']) };
  if (kind !== 'library') return first;
  const further = platforms.map((platform) => [wheelTargetName(platform), line('build-wheel', wheelTargetName(platform), ['build-wheel'])] as const);
  return { ...first, ...Object.fromEntries(further) };
}

/** The second architecture of a system has it in its name. */
function systemsOf(platforms: readonly string[]): readonly TargetSystem[] {
  const seen = new Set<string>();
  return platforms.map((platform) => {
    const [os, ...arch] = platform.split('-') as [TargetSystem['os'], ...string[]];
    const isFirst = !seen.has(os);
    seen.add(os);
    return isFirst ? { os } : { os, arch: arch.join('-') };
  });
}

interface Chain {
  targets: Record<string, TargetLines>;
  /** What `checksum` depends on: who made the bytes last, and who looked at them last. */
  ends: readonly string[];
}

/** package → smoke → sign → notarize (macOS) → smoke-signed (macOS, Windows). */
function chainFor(system: TargetSystem, request: TargetsRequest, wheels: readonly string[]): Chain {
  const name = (stage: string): string => targetName(stage, system);
  const before: readonly NxDependsOn[] = [
    ...(wheels.length > 0 ? ['build-wheel'] : []),
    '^build-wheel',
    ...(request.nativeTarget ? [request.nativeTarget] : []),
    ...(request.runtimeTarget ? [request.runtimeTarget] : []),
  ];
  const targets: Record<string, TargetLines> = {
    [name('package')]: line('package', name('package'), before),
    [name('smoke')]: line('smoke', name('smoke'), [name('package')]),
    [name('sign')]: line('sign', name('sign'), [name('package'), name('smoke')]),
  };
  if (system.os === 'linux') return { targets, ends: [name('sign')] };
  const last = system.os === 'macos' ? name('notarize') : name('sign');
  if (system.os === 'macos') targets[last] = line('notarize', last, [name('sign')]);
  targets[name('smoke-signed')] = line('smoke-signed', name('smoke-signed'), [last]);
  return { targets, ends: [last, name('smoke-signed')] };
}

/** One for each system: everything that has to happen on a machine of that kind. */
function prepareTargets(systems: readonly TargetSystem[], chains: readonly Chain[]): Record<string, TargetLines> {
  const found: Record<string, TargetLines> = {};
  systems.forEach(({ os }, index) => {
    const name = targetName('prepare', { os });
    found[name] = line('prepare', name, [...(found[name]?.dependsOn ?? []), ...chains[index]!.ends]);
  });
  return found;
}

function line(stage: string, target: string, dependsOn: readonly NxDependsOn[]): TargetLines {
  const { executor, cache } = stageRow(stage);
  // Without inputs of its own an aggregate is affected by any change of the project, and pulls everything before it along.
  if (executor === 'nx:noop') return { executor, dependsOn, inputs: [RECORDS, NO_PACKAGES] };
  const differs = cache !== targetDefaults()[executor]!.cache;
  return { executor, outputs: [outputsLine(target)], dependsOn, ...(differs && { cache }) };
}
