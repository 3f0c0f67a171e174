import { PATCHELF, STRIP, UV } from '@waybill/core';
import type { StageDefinition } from '@waybill/plugin-kit';
import { applyPackage } from './apply';
import { gatherPackageFacts } from './gathering/gather-facts';
import { packageDistOptions, type PackageDistOptions } from './options';
import type { PackageFacts } from './package-facts';
import { planPackage, type PackagePlan } from './plan';

/** Files of the workspace that options name. A runtime outside of it is covered by its version or digest, and by the fingerprint of tools. */
function optionFiles({ binary, entry, requirements, include, runtime }: PackageDistOptions): { option: string; path: string }[] {
  const named: [option: string, path: string | undefined][] = [
    ['binary', binary],
    ['entry.script', entry?.script],
    ['requirements', requirements],
    ...include.map((item): [string, string] => ['include', typeof item === 'string' ? item : item.from]),
    ['runtime.path', runtime.path?.startsWith('/') ? undefined : runtime.path],
  ];
  return named.flatMap(([option, path]) => (path === undefined ? [] : [{ option, path }]));
}

/** `@waybill/bundle:package-dist`: facts → plan → a bundle, its archives and debug data. */
export const packageDist: StageDefinition<typeof packageDistOptions, PackageFacts, PackagePlan> = {
  stage: 'package',
  options: packageDistOptions,
  tools: (options) => [
    { descriptor: PATCHELF },
    ...(options.strip ? [{ descriptor: STRIP }] : []),
    ...(options.requirements === undefined ? [] : [{ descriptor: UV }]),
  ],
  optionFiles,
  gather: gatherPackageFacts,
  plan: planPackage,
  apply: applyPackage,
};
