import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { LibraryTools } from '@waybill/core';
import { publishErrors } from '../../errors/publish-errors';

const CONSTANTS = { pypi: 'DEFAULT_REPOSITORY', testpypi: 'TEST_REPOSITORY' } as const;
export type PublicName = keyof typeof CONSTANTS;

export const isPublicName = (repository: string): repository is PublicName => Object.hasOwn(CONSTANTS, repository);

/**
 * Where a public index is, as the pinned twine knows it: nothing else of ours holds the address (docs/decisions/0009). The simple API is at the same
 * host without `upload.` before it.
 */
export async function findPublicIndex(repository: PublicName, tools: LibraryTools): Promise<{ uploadUrl: string; simpleUrl: string }> {
  const { folder } = await tools.library('twine');
  const text = await readFile(join(folder, 'twine', 'utils.py'), 'utf8');
  const uploadUrl = new RegExp(`^${CONSTANTS[repository]} *= *"([^"\\\\]+)"`, 'm').exec(text)?.[1];
  if (uploadUrl === undefined || !URL.canParse(uploadUrl)) {
    throw publishErrors.error('PUBLISH_TWINE', { repository, reason: `it has no \`${CONSTANTS[repository]}\`` });
  }
  const simple = new URL('/simple/', uploadUrl);
  simple.host = simple.host.replace(/^upload\./, '');
  return { uploadUrl, simpleUrl: simple.href };
}
