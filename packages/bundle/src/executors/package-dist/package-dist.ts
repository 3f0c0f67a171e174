import { PATCHELF, STRIP, UV } from '@waybill/core';
import type { StageDefinition } from '@waybill/plugin-kit';
import { applyPackage } from './apply';
import { gatherPackageFacts } from './gathering/gather-facts';
import { packageDistOptions } from './options';
import type { PackageFacts } from './package-facts';
import { planPackage, type PackagePlan } from './plan';

/** `@waybill/bundle:package-dist`: facts → plan → a bundle, its archives and debug data. */
export const packageDist: StageDefinition<typeof packageDistOptions, PackageFacts, PackagePlan> = {
  stage: 'package',
  options: packageDistOptions,
  tools: (options) => [
    { descriptor: PATCHELF },
    ...(options.strip ? [{ descriptor: STRIP }] : []),
    ...(options.requirements === undefined ? [] : [{ descriptor: UV }]),
  ],
  optionFiles: (options) => [
    ...(options.binary === undefined ? [] : [{ option: 'binary', path: options.binary }]),
    ...options.include.map((entry) => ({ option: 'include', path: typeof entry === 'string' ? entry : entry.from })),
    ...(options.requirements === undefined ? [] : [{ option: 'requirements', path: options.requirements }]),
    ...(options.entry?.script === undefined ? [] : [{ option: 'entry.script', path: options.entry.script }]),
  ],
  gather: gatherPackageFacts,
  plan: planPackage,
  apply: applyPackage,
};
