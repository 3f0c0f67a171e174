/**
 * Folders that (nearly) every machine has, so that their names tell nothing of the building one; searching for them would hit every file. Of PREFIX-like places only the shared
 * roots stand here: `/opt/python3.11` is a place on one machine, `/opt` is not.
 */
const GENERIC_PATHS: ReadonlySet<string> = new Set([
  '/',
  '/bin',
  '/boot',
  '/dev',
  '/etc',
  '/home',
  '/lib',
  '/lib64',
  '/media',
  '/mnt',
  '/opt',
  '/proc',
  '/root',
  '/run',
  '/sbin',
  '/srv',
  '/sys',
  '/tmp',
  '/usr',
  '/usr/bin',
  '/usr/include',
  '/usr/lib',
  '/usr/lib64',
  '/usr/libexec',
  '/usr/local',
  '/usr/local/bin',
  '/usr/local/lib',
  '/usr/sbin',
  '/usr/share',
  '/usr/src',
  '/var',
  '/var/lib',
  '/var/tmp',
  '/Applications',
  '/Library',
  '/System',
  '/Users',
  '/Volumes',
]);

/** Prefixes that builders of portable runtimes use as placeholders: they exist on no machine on purpose, and the runtime computes the true one (python-build-standalone). */
const PLACEHOLDER_PREFIXES: readonly string[] = ['/install', '/build', '/tools'];

/** A path that many machines have and that tells nothing of the building one: never a leak token. */
export function isGenericPath(path: string): boolean {
  const plain = path.replace(/(?<=.)\/+$/, '');
  return GENERIC_PATHS.has(plain);
}

/** `/nonexistent` is Debian policy’s name for a folder that must not exist; a path below it says that no path was meant. */
export function isNeutralPath(path: string): boolean {
  return path === '/nonexistent' || path.startsWith('/nonexistent/');
}

export function isPlaceholderPrefix(path: string): boolean {
  return PLACEHOLDER_PREFIXES.some((prefix) => path === prefix || path.startsWith(`${prefix}/`));
}
