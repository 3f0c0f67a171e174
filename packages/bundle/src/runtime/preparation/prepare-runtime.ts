import type { PreparedRuntime, PrepareRuntimeRequest } from '../runtime-facts';

export async function prepareRuntime(_request: PrepareRuntimeRequest): Promise<PreparedRuntime> {
  throw new Error('not yet');
}
