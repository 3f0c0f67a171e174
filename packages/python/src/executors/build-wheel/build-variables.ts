import type { StageContext } from '@waybill/plugin-kit';
import { CONTAINER_PROJECT } from '../../building/cibuildwheel';
import { buildEnvironment, withoutOtherPlaces } from '../../environment/build-environment';
import { versionVariables } from '../../project/backends';
import type { Workplace } from '../../workplace/workplace-path';
import type { BuildFacts } from './build-facts';
import type { BuildWheelOptions } from './options';

/** Set on Macs by the user, hashed by `waybillTools`: the lowest macOS that compiled code is to run on. */
const DEPLOYMENT_TARGET = 'MACOSX_DEPLOYMENT_TARGET';

/** All variables that programs of a build see in one workplace. */
export function buildVariables(context: StageContext<BuildWheelOptions>, facts: BuildFacts, places: Workplace): Readonly<Record<string, string>> {
  const { toolEnvironment, environment, options, version } = context;
  const { system, rustFlags, project, wheel } = facts;
  const clean = options.wheelhouse === undefined ? toolEnvironment : withoutOtherPlaces(toolEnvironment, system);
  const target = environment[DEPLOYMENT_TARGET];
  return buildEnvironment({
    base: { ...(target && system === 'darwin' && { [DEPLOYMENT_TARGET]: target }), ...clean },
    places,
    // hands the version to a backend that would make one up
    version: project.dynamicVersion ? versionVariables(version, project) : {},
    system,
    rustFlags,
    ...(wheel?.frontend.id === 'cibuildwheel' && { containerProject: CONTAINER_PROJECT }),
  });
}
