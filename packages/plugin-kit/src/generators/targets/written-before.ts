import { formatPlatform, hostPlatform, type HostProcess } from '@waybill/artifacts';
import type { ProjectKind } from '../../targets/targets-for';
import type { ProjectFacts } from './project-facts';

type Targets = ProjectFacts['targets'];

const PACKAGE = '@waybill/bundle:package-dist';

const packagesIn = (targets: Targets): readonly (readonly [string, Targets[string]])[] =>
  Object.entries(targets).filter(([, { executor }]) => executor === PACKAGE);

/** The kind that the targets of a project were written for, so that another run need not be told again; absent where none were. */
export function kindOfTargets(targets: Targets): ProjectKind | undefined {
  const packages = packagesIn(targets);
  if (packages.some(([, { options }]) => typeof options?.['binary'] === 'string')) return 'embedded-app';
  if (packages.some(([, { options }]) => options?.['entry'] !== undefined)) return 'python-app';
  const isLibrary = packages.length === 0 && targets['checksum']?.executor === '@waybill/release:checksum' && targets['build-wheel'] !== undefined;
  return isLibrary ? 'library' : undefined;
}

/** The native build and its program that bundles are made of, as their targets have them. */
export function nativeOfTargets(targets: Targets): { nativeTarget?: string; binary?: string } {
  const [, bundle] = packagesIn(targets).find(([, { options }]) => typeof options?.['binary'] === 'string') ?? [];
  const nativeTarget = (bundle?.dependsOn ?? []).find(
    (entry) => typeof entry === 'string' && targets[entry] !== undefined && !targets[entry].executor?.startsWith('@waybill/'),
  );
  const binary = bundle?.options?.['binary'];
  return {
    ...(typeof nativeTarget === 'string' && { nativeTarget }),
    ...(typeof binary === 'string' && { binary }),
  };
}

/** Bundles for Linux have targets already: another run works with them on any machine, as long as no other platforms are asked for. */
export const platformsOfTargets = (targets: Targets, host: HostProcess): readonly string[] =>
  targets['package-linux']?.executor === PACKAGE ? [formatPlatform({ ...hostPlatform(host), os: 'linux' })] : [];
