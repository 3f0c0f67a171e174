import { isReleaseVersion, sameVersion } from '@waybill/artifacts';
import { wholeLines } from '@waybill/publishing';
import { commandSections, type ReleaseCommands } from '../versioning/release-commands';

/** A text of a release has room for 125,000 characters at GitHub, which projects may share, and for the commands too. */
const MOST_OF_A_CHANGELOG = 30_000;

/** Begin of a code block, and its end. */
const FENCE = /^ {0,3}(`{3,}|~{3,})/;

const HEADING = /^(#{1,6})\s+\[?([^\s\]]+)/;

/**
 * What a changelog says of a version: the text below its heading (`## 1.4.0 (2026-01-01)`, `## [1.4.0] - 2026-01-01`, `# v1.4.0`), up to the next
 * heading of that level or above. Empty when it says nothing of it.
 */
export function changelogExcerpt(text: string, version: string): string {
  const lines = text.replaceAll('\r\n', '\n').split('\n');
  const headings = headingsOf(lines);
  const from = headings.findIndex((heading) => isVersion(heading?.word, version));
  if (from < 0) return '';
  const { level } = headings[from]!;
  const length = headings.slice(from + 1).findIndex((heading) => heading !== undefined && heading.level <= level);
  return lines
    .slice(from + 1, length < 0 ? undefined : from + 1 + length)
    .join('\n')
    .trim();
}

interface Heading {
  level: number;
  /** The first of it. */
  word: string;
}

/** Of each line. What stands in a code block is no heading: a comment of a shell begins as one. */
function headingsOf(lines: readonly string[]): readonly (Heading | undefined)[] {
  let fence: string | undefined;
  return lines.map((line) => {
    const [, mark] = FENCE.exec(line) ?? [];
    if (fence !== undefined) {
      if (mark !== undefined && mark.startsWith(fence) && line.trim() === mark) fence = undefined;
      return undefined;
    }
    fence = mark;
    const [, level, word] = HEADING.exec(line) ?? [];
    return mark === undefined && level !== undefined ? { level: level.length, word: word! } : undefined;
  });
}

/** A heading of something else may begin with a digit too. */
const isVersion = (word: string | undefined, version: string): boolean =>
  word !== undefined && /^v?\d/.test(word) && isReleaseVersion(word.replace(/^v/, '')) && sameVersion(word.replace(/^v/, ''), version);

/** Text of a release for people: what changed, then the commands that get and check it, unless the changelog's renderer wrote them there already. */
export function releaseBody(excerpt: string, commands: ReleaseCommands): string {
  const changes = shortened(excerpt);
  const lines = changes.split('\n').map((line) => line.trim());
  const missing = commandSections(commands).filter((section) => !lines.includes(section.split('\n')[0]!));
  return [changes, ...missing].filter((part) => part !== '').join('\n\n');
}

function shortened(excerpt: string): string {
  if (excerpt.length <= MOST_OF_A_CHANGELOG) return excerpt;
  return `${wholeLines(excerpt, MOST_OF_A_CHANGELOG)}\n\n… The changelog says the rest.`;
}
