import type { RuntimeFacts, RuntimePorts, RuntimeRequest } from './runtime-facts';

export async function resolveRuntime(_request: RuntimeRequest, _ports: RuntimePorts): Promise<RuntimeFacts> {
  throw new Error('not yet');
}
