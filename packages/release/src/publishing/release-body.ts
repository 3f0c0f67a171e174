import { isReleaseVersion, sameVersion } from '@waybill/artifacts';
import { wholeLines } from '@waybill/publishing';
import { commandSections, type ReleaseCommands } from '../versioning/release-commands';

/** A text of a release has room for 125,000 characters at GitHub, which projects may share, and for the commands too. */
const MOST_OF_A_CHANGELOG = 30_000;

const HEADING = /^(#{1,6})\s+\[?([^\s\]]+)/;

/**
 * What a changelog says of a version: the text below its heading (`## 1.4.0 (2026-01-01)`, `## [1.4.0] - 2026-01-01`, `# v1.4.0`), up to the next
 * heading of that level or above. Empty when it says nothing of it.
 */
export function changelogExcerpt(text: string, version: string): string {
  const lines = text.replaceAll('\r\n', '\n').split('\n');
  const from = lines.findIndex((line) => isVersion(HEADING.exec(line)?.[2], version));
  if (from < 0) return '';
  const level = HEADING.exec(lines[from]!)![1]!.length;
  const length = lines.slice(from + 1).findIndex((line) => (HEADING.exec(line)?.[1]?.length ?? Infinity) <= level);
  return lines
    .slice(from + 1, length < 0 ? undefined : from + 1 + length)
    .join('\n')
    .trim();
}

/** A heading of something else may begin with a digit too. */
const isVersion = (word: string | undefined, version: string): boolean =>
  word !== undefined && /^v?\d/.test(word) && isReleaseVersion(word.replace(/^v/, '')) && sameVersion(word.replace(/^v/, ''), version);

/** Text of a release for people: what changed, then the commands that get and check it, unless the changelog's renderer wrote them there already. */
export function releaseBody(excerpt: string, commands: ReleaseCommands): string {
  const changes = shortened(excerpt);
  const missing = commandSections(commands).filter((section) => !changes.includes(section.split('\n')[0]!));
  return [changes, ...missing].filter((part) => part !== '').join('\n\n');
}

function shortened(excerpt: string): string {
  if (excerpt.length <= MOST_OF_A_CHANGELOG) return excerpt;
  return `${wholeLines(excerpt, MOST_OF_A_CHANGELOG)}\n\n… The changelog says the rest.`;
}
