import { isGenericPath, isPlaceholderPrefix } from '@waybill/relocation';

/**
 * Which of these absolute paths betray where a runtime was built or installed, longest first. Paths of one component cannot be
 * replaced at the same length without losing their name; placeholders (`/install` of python-build-standalone) are nobody's.
 */
export function leakOriginsOf(paths: readonly (string | null | undefined)[]): string[] {
  const clean = paths.filter((path): path is string => typeof path === 'string' && path.startsWith('/')).map((path) => path.replace(/\/+$/, ''));
  const specific = clean.filter((path) => path.split('/').length > 2 && !isGenericPath(path) && !isPlaceholderPrefix(path));
  return [...new Set(specific)].sort((left, right) => right.length - left.length || (left < right ? -1 : 1));
}
