import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { LibraryTools } from '@waybill/core';
import { publishErrors } from '../../errors/publish-errors';

const CONSTANTS = { pypi: 'DEFAULT_REPOSITORY', testpypi: 'TEST_REPOSITORY' } as const;
export type PublicName = keyof typeof CONSTANTS;

export const isPublicName = (repository: string): repository is PublicName => Object.hasOwn(CONSTANTS, repository);

export interface PublicIndex {
  publicName: PublicName;
  uploadUrl: string;
  simpleUrl: string;
}

/**
 * Where a public index is, as the pinned twine knows it: nothing else of ours holds the address (docs/decisions/0009). The simple API is at the same
 * host without `upload.` before it.
 */
export async function findPublicIndex(publicName: PublicName, tools: LibraryTools): Promise<PublicIndex> {
  const { folder } = await tools.library('twine');
  const text = await readFile(join(folder, 'twine', 'utils.py'), 'utf8');
  const uploadUrl = new RegExp(`^${CONSTANTS[publicName]} *= *"([^"\\\\]+)"`, 'm').exec(text)?.[1];
  if (uploadUrl === undefined || !URL.canParse(uploadUrl)) {
    throw publishErrors.error('PUBLISH_TWINE', { repository: publicName, reason: `it has no \`${CONSTANTS[publicName]}\`` });
  }
  const simple = new URL('/simple/', uploadUrl);
  simple.host = simple.host.replace(/^upload\./, '');
  return { publicName, uploadUrl, simpleUrl: simple.href };
}

/**
 * The public index that an address belongs to: its limits and its simple API are then known. Only a host with `pypi` in its name is compared, since
 * that takes twine.
 */
export async function publicIndexAt(address: string, tools: LibraryTools): Promise<PublicIndex | undefined> {
  const { hostname } = new URL(address);
  if (!hostname.split('.').includes('pypi')) return undefined;
  for (const name of Object.keys(CONSTANTS) as PublicName[]) {
    const found = await findPublicIndex(name, tools);
    if ([found.uploadUrl, found.simpleUrl].some((url) => new URL(url).hostname === hostname)) return found;
  }
  return undefined;
}

/** Kind of the statement that says who published a file: PEP 740 names it by an address of the documents of PyPI, which all indexes use. */
export async function publishPredicate(tools: LibraryTools): Promise<string> {
  const { simpleUrl } = await findPublicIndex('pypi', tools);
  return `https://docs.${new URL(simpleUrl).host}/attestations/publish/v1`;
}
