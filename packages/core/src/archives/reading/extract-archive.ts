import type { ExtractRequest } from '../archive-entry';

export async function extractArchive(_request: ExtractRequest): Promise<{ files: number; bytes: number }> {
  throw new Error('not yet');
}
