import { join } from 'node:path';
import { UV, type ResolvedTool } from '@waybill/core';
import type { StageContext } from '@waybill/plugin-kit';
import type { BuildRun } from '../../building/run-frontend';
import { openKeptEnvironment, type KeptEnvironment } from '../../kept/kept-environment';
import { installRequirements } from '../../requirements/install-requirements';
import { distributionOf } from '../../requirements/local-wheels';
import type { BuildWheelOptions } from './options';
import { callsIn, type BuildPlan } from './plan';

type Context = StageContext<BuildWheelOptions>;

/**
 * Has the build requirements where the frontends look for them: a lock installed, or an environment that is kept. Where that cannot be had, the plan that
 * comes back has frontends isolate the build themselves.
 */
export async function openRequirements(context: Context, plan: BuildPlan, run: BuildRun): Promise<{ plan: BuildPlan; kept?: KeptEnvironment }> {
  const { facts } = plan;
  if (facts.lock) await context.progress.step('build requirements', () => prepare(run, context, plan));
  if (facts.environments === undefined) return { plan };
  const { environments: folder, project, python, localWheels } = facts;
  const request = { requires: project.requires, python, uv: uvOf(plan)!, folder, local: localWheels.map(distributionOf) };
  const kept = await context.progress.step('build requirements', () => openKeptEnvironment(run, request));
  if (kept) return { plan, kept };
  const { environments: _, ...isolated } = facts;
  return { plan: { ...plan, ...callsIn(context, isolated, run.places) } };
}

const uvOf = ({ sdist, wheel }: BuildPlan): ResolvedTool | undefined =>
  [sdist, wheel].map((call) => call?.chosen.tool).find((tool) => tool?.id === UV.id);

function prepare(run: BuildRun, { options, workspaceRoot }: Context, plan: BuildPlan): Promise<string> {
  const { facts } = plan;
  return installRequirements(run, {
    lock: facts.lock!,
    workspaceRoot,
    ...(options.wheelhouse !== undefined && { wheelhouse: join(workspaceRoot, options.wheelhouse) }),
    local: facts.localRequirements,
    python: facts.python.executable,
    uv: uvOf(plan),
  });
}
