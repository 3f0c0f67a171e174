import type { WriteArchiveRequest, WrittenArchive } from '../archive-entry';

export async function writeArchive(_request: WriteArchiveRequest): Promise<WrittenArchive> {
  throw new Error('not yet');
}
