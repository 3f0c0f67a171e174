import { PATCHELF, STRIP, UV } from '@waybill/core';
import { parseRequirements } from '@waybill/distributions';
import type { StageDefinition } from '@waybill/plugin-kit';
import { applyPackage } from '../apply-at-need';
import { gatherPackageFacts } from './gathering/gather-facts';
import { packageDistOptions, type PackageDistOptions } from './options';
import type { PackageFacts } from './package-facts';
import { planPackage, type PackagePlan } from './plan';
import { runtimeFileOf } from './runtime-options';

type Read = (pathInWorkspace: string) => string | undefined;

/** Files that options name, and what a lock includes by `-r`. */
function optionFiles({ binary, entry, requirements, include, runtime }: PackageDistOptions, read: Read): { option: string; path: string }[] {
  const locks = requirements === undefined || read(requirements) === undefined ? [requirements] : parseRequirements(requirements, read).files;
  const named: [option: string, path: string | undefined][] = [
    ['binary', binary],
    ['entry.script', entry?.script],
    ...locks.map((path): [string, string | undefined] => ['requirements', path]),
    ...include.map((item): [string, string] => ['include', typeof item === 'string' ? item : item.from]),
    ['runtime.path', runtimeFileOf(runtime)],
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
  apply: (context, plan, outputDir) => applyPackage(context, plan, outputDir),
};
