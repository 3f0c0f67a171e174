import { pathToFileURL } from 'node:url';
import { distributionsErrors } from '../errors/distributions-errors';
import type { LockedRequirement, RequirementsLock } from './requirement';

/** Where the paths of a lock lie. */
export interface LockPlace {
  /** Absolute. */
  workspaceRoot: string;
  /** Whether an absolute path is a file. */
  isFile: (path: string) => boolean;
}

/** A folder of wheels as the reader of locks keeps it: relative to the workspace. */
const RELATIVE_LINKS = /^(-f|--find-links) (?![A-Za-z]+:\/\/|\/)(\S+)$/;

const absolute = (path: string, workspaceRoot: string): string => (path.startsWith('/') ? path : `${workspaceRoot}/${path}`);

/** What stands behind a requirement's name: a pin, or the wheel itself. */
function versionText({ version, from, name, file, line }: LockedRequirement, { workspaceRoot, isFile }: LockPlace): string {
  if (from === undefined) return `==${version}`;
  if ('url' in from) return ` @ ${from.url}`;
  const found = from.paths.map((path) => absolute(path, workspaceRoot)).find(isFile);
  if (found === undefined) throw distributionsErrors.error('WHEEL_REQUIREMENT_FILE', { file, line, name, paths: from.paths });
  return ` @ ${pathToFileURL(found).href}`;
}

/**
 * The lock in one normal form, as an installer reads it from wherever the text is written: its paths are absolute. A wheel that a line names by
 * a path where there is none is `WHEEL_REQUIREMENT_FILE`.
 */
export function renderRequirements(lock: Pick<RequirementsLock, 'requirements' | 'indexOptions'>, place: LockPlace): string {
  const options = lock.indexOptions.map((option) =>
    option.replace(RELATIVE_LINKS, (_all, name: string, path: string) => `${name} ${absolute(path, place.workspaceRoot)}`),
  );
  const lines = lock.requirements.map((requirement) => {
    const { name, extras, marker, hashes } = requirement;
    const extra = extras.length > 0 ? `[${extras.join(',')}]` : '';
    const what = `${name}${extra}${versionText(requirement, place)}`;
    return `${what}${marker ? ` ; ${marker}` : ''}${hashes.map((hash) => ` \\\n    --hash=${hash}`).join('')}`;
  });
  return [...options, ...lines, ''].join('\n');
}
