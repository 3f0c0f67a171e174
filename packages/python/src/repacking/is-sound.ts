import { partsOfPath } from '@waybill/core';
import type { MemberFacts } from '@waybill/distributions';

/**
 * Whether the members of a wheel are such as can be packed, and installed, at all: no path leads out or comes twice, and all are files or folders. The
 * checks `record` and `contents` tell of each that is not.
 */
export function isSound(members: readonly Pick<MemberFacts, 'path' | 'kind'>[]): boolean {
  const files = members.filter(({ kind }) => kind !== 'directory').map(({ path }) => path);
  const known = members.every(({ kind }) => kind === 'file' || kind === 'directory');
  return known && new Set(files).size === files.length && members.every(({ path }) => 'parts' in partsOfPath(path));
}
