import { isAtOrBelow } from '@waybill/core';
import type { Json } from '../artifact-record';
import { artifactsErrors } from '../errors/artifacts-errors';
import { join } from './field-reader';

/**
 * Refuses a value that holds a path of this machine (`RECORD_NOT_PORTABLE`): a string that is, or starts with, one of `roots` (absolute
 * paths: the workspace, the home folder), `file://` before it or not. Equal work must give equal records on every machine.
 */
export function checkPortable(value: Json | undefined, roots: readonly string[], field = ''): void {
  if (typeof value === 'string') {
    const root = roots.find((candidate) => tellsOf(value, candidate));
    if (root !== undefined) throw artifactsErrors.error('RECORD_NOT_PORTABLE', { field, value, root });
  } else if (Array.isArray(value)) {
    value.forEach((item: Json, index) => checkPortable(item, roots, join(field, index)));
  } else if (typeof value === 'object' && value !== null) {
    for (const [key, item] of Object.entries(value)) checkPortable(item as Json | undefined, roots, join(field, key));
  }
}

/** `/` and names of one letter say nothing about a machine. */
function tellsOf(text: string, root: string): boolean {
  const folder = root.replace(/[\\/]+$/, '');
  if (folder.length < 2) return false;
  const path = text.replace(/^file:\/\//, '');
  return isAtOrBelow(path, folder) || path.startsWith(`${folder}\\`);
}
