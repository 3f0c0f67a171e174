import { join } from 'node:path';
import { CIBUILDWHEEL, MATURIN, UV } from '@waybill/core';
import { parseRequirements } from '@waybill/distributions';
import type { StageDefinition } from '@waybill/plugin-kit';
import { readProject } from '../../project/read-project';
import { applyBuild } from './apply';
import type { BuildFacts } from './build-facts';
import { gatherBuild } from './gather';
import { buildWheelOptions, type BuildWheelOptions } from './options';
import { planBuild, type BuildPlan } from './plan';

/** Tools that an option asks for by name; what `auto` finds is found while facts are gathered. */
const NAMED_TOOLS = { uv: UV, maturin: MATURIN, cibuildwheel: CIBUILDWHEEL } as const;

function namedTools({ frontend }: BuildWheelOptions): { descriptor: (typeof NAMED_TOOLS)[keyof typeof NAMED_TOOLS] }[] {
  return frontend === 'auto' || frontend === 'build' ? [] : [{ descriptor: NAMED_TOOLS[frontend] }];
}

type Read = (pathInWorkspace: string) => string | undefined;

/** A lock with the files that it includes by `-r`. */
const filesOf = (lock: string | undefined, read: Read): readonly (string | undefined)[] =>
  lock === undefined || read(lock) === undefined ? [lock] : parseRequirements(lock, read).files;

/** Files of the workspace that options name. */
function optionFiles({ buildRequirements, wheelhouse, install }: BuildWheelOptions, read: Read): { option: string; path: string }[] {
  const named: [option: string, path: string | undefined][] = [
    ...filesOf(buildRequirements, read).map((path): [string, string | undefined] => ['buildRequirements', path]),
    ['wheelhouse', wheelhouse],
    ...filesOf(install.requirements, read).map((path): [string, string | undefined] => ['install.requirements', path]),
    ['install.wheelhouse', install.wheelhouse],
  ];
  return named.flatMap(([option, path]) => (path === undefined ? [] : [{ option, path }]));
}

/** `@waybill/python:build-wheel`: facts → plan → sdist and wheel, checked and tried. */
export const buildWheel: StageDefinition<typeof buildWheelOptions, BuildFacts, BuildPlan> = {
  stage: 'build-wheel',
  options: buildWheelOptions,
  tools: namedTools,
  optionFiles,
  keepsPrevious: true,
  checkProject: ({ workspaceRoot, projectRoot }) => void readProject(projectRoot, join(workspaceRoot, projectRoot)),
  gather: gatherBuild,
  plan: planBuild,
  apply: applyBuild,
};
