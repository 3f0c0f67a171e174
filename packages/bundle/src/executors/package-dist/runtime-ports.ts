import type { StageContext } from '@waybill/plugin-kit';
import type { RuntimePorts } from '../../runtime';
import type { PackageDistOptions } from './options';

/** The part of the executor's world that the runtime's code needs. */
export function runtimePorts(context: StageContext<PackageDistOptions>): RuntimePorts {
  const { processes, tools, progress, toolEnvironment, environment, timeoutMs } = context;
  return { processes, tools, progress, environment: toolEnvironment, variables: environment, timeoutMs };
}
