/** Folders that say nothing of a machine: systems, containers and well-known builds use them. */
const GENERIC = new Set(['/usr', '/usr/local', '/opt', '/opt/local', '/opt/homebrew', '/home', '/root', '/tmp', '/var', '/var/tmp', '/usr/bin', '/usr/lib', '/usr/share']);

/**
 * Which of these absolute paths betray where a runtime was built or installed. Paths of one component (`/install`, `/build` of
 * python-build-standalone) are containers' and cannot be replaced at the same length without losing their name.
 */
export function leakOriginsOf(paths: readonly (string | null | undefined)[]): string[] {
  const clean = paths.filter((path): path is string => typeof path === 'string' && path.startsWith('/')).map((path) => path.replace(/\/+$/, ''));
  const specific = clean.filter((path) => path.split('/').length > 2 && !GENERIC.has(path));
  return [...new Set(specific)].sort((left, right) => right.length - left.length || (left < right ? -1 : 1));
}
