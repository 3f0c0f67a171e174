import type { Finding } from '@waybill/core';
import type { ContainerFacts, MemberFacts } from '../distribution-facts';
import { compareContents } from './compare-contents';
import { DIFFERENCE_CAUSES, type ComparedContents, type Difference, type DifferenceCause } from './difference';

/** What is compared of a wheel or sdist. */
export interface ComparedDistribution {
  fileName: string;
  container: ContainerFacts;
  members: readonly MemberFacts[];
  /** Of the file itself: bytes may differ where no member does. */
  sha256: string;
}

/**
 * Two builds of one source, member by member; the cause to look at first stands first. RECORD is told only when nothing else explains it, since it follows from
 * the contents. Empty when the files are the same.
 */
export function compareDistributions(first: ComparedDistribution, second: ComparedDistribution, contents?: ComparedContents): Difference[] {
  if (first.sha256 === second.sha256) return [];
  const differences = [...compareContainers(first.container, second.container), ...compareMembers(first.members, second.members, contents)];
  if (differences.length === 0) {
    differences.push({
      cause: 'container',
      message: 'All members are the same, and the archives around them differ (compression, extra fields)',
      first: first.sha256,
      second: second.sha256,
    });
  }
  const rank = ({ cause }: Difference): number => DIFFERENCE_CAUSES.indexOf(cause);
  return withoutFollowers(differences).sort((a, b) => rank(a) - rank(b));
}

const isRecord = (path: string | undefined): boolean => /^[^/]+\.dist-info\/RECORD$/.test(path ?? '');
const OF_CONTENT: ReadonlySet<DifferenceCause> = new Set(['path', 'hash seed', 'clock', 'content', 'members']);

function withoutFollowers(differences: readonly Difference[]): Difference[] {
  const explained = differences.some(({ cause, member }) => OF_CONTENT.has(cause) && !isRecord(member));
  return differences.filter(({ cause, member }) => !(explained && OF_CONTENT.has(cause) && isRecord(member)));
}

function compareContainers({ gzip: first }: ContainerFacts, { gzip: second }: ContainerFacts): Difference[] {
  const parts: [string, string, string][] = [
    ['time', timeOf(first?.mtimeSeconds ?? 0), timeOf(second?.mtimeSeconds ?? 0)],
    ['file name', first?.name ?? 'none', second?.name ?? 'none'],
  ];
  return parts.flatMap(([what, one, other]): Difference[] =>
    one === other ? [] : [{ cause: 'gzip header', message: `The gzip header has another ${what}`, first: one, second: other }],
  );
}

function compareMembers(first: readonly MemberFacts[], second: readonly MemberFacts[], contents: ComparedContents | undefined): Difference[] {
  const others = new Map(second.map((member) => [member.path, member]));
  const paths = new Set(first.map(({ path }) => path));
  const differences = first.flatMap((member): Difference[] => {
    const other = others.get(member.path);
    return other === undefined ? [{ ...onlyIn('first'), member: member.path }] : compareMember(member, other, contents);
  });
  const added = second.filter(({ path }) => !paths.has(path)).map(({ path }): Difference => ({ ...onlyIn('second'), member: path }));
  return [...differences, ...added, ...compareOrder(first, second)];
}

function onlyIn(build: 'first' | 'second'): Difference {
  return {
    cause: 'members',
    message: `Only the ${build} build has the member`,
    first: build === 'first' ? 'there' : 'nothing',
    second: build === 'second' ? 'there' : 'nothing',
  };
}

function compareMember(one: MemberFacts, other: MemberFacts, contents: ComparedContents | undefined): Difference[] {
  const member = one.path;
  const differences: Difference[] = [];
  const add = (cause: DifferenceCause, message: string, first: string, second: string): void => {
    if (first !== second) differences.push({ cause, member, message, first, second });
  };
  add('mtime', 'The member has another time', timeOf(one.mtimeSeconds), timeOf(other.mtimeSeconds));
  add('mode', 'The member has another mode', one.mode.toString(8), other.mode.toString(8));
  add('owner', 'The member has another owner', ownerOf(one), ownerOf(other));
  add(
    'content',
    'The member is of another kind, or links elsewhere',
    `${one.kind} ${one.linkTarget ?? ''}`.trim(),
    `${other.kind} ${other.linkTarget ?? ''}`.trim(),
  );
  if (one.sha256 !== other.sha256) {
    const [first, second] = [contents?.read('first', member), contents?.read('second', member)];
    const unread = { cause: 'content' as const, message: 'The contents differ', first: one.sha256 ?? 'none', second: other.sha256 ?? 'none' };
    const difference = first === undefined || second === undefined ? unread : compareContents(first, second, contents!);
    differences.push({ ...asOrder(member, difference), member });
  }
  return differences;
}

/** Lines of RECORD in another order are the order of members, not of a set. */
function asOrder(member: string, difference: Omit<Difference, 'member'>): Omit<Difference, 'member'> {
  return isRecord(member) && difference.cause === 'hash seed'
    ? { ...difference, cause: 'order', message: 'RECORD names the members in another order' }
    : difference;
}

/** Only of members that both have: what one lacks is told by itself. */
function compareOrder(first: readonly MemberFacts[], second: readonly MemberFacts[]): Difference[] {
  const [one, other] = [first, second].map((members) => members.map(({ path }) => path));
  const [inOne, inOther] = [new Set(one), new Set(other)];
  const [shared, theirs] = [one!.filter((path) => inOther.has(path)), other!.filter((path) => inOne.has(path))];
  const at = shared.findIndex((path, index) => path !== theirs[index]);
  if (at < 0) return [];
  return [
    {
      cause: 'order',
      member: shared[at]!,
      message: `The members stand in another order from the ${at + 1}. on`,
      first: shared[at]!,
      second: theirs[at]!,
    },
  ];
}

function ownerOf({ owner }: MemberFacts): string {
  return owner === undefined ? 'none' : `${owner.uid}:${owner.gid} ${owner.user}:${owner.group}`;
}

function timeOf(seconds: number): string {
  const time = new Date(seconds * 1000);
  return Number.isNaN(time.getTime()) ? `${seconds}` : time.toISOString();
}

const FIXES: Readonly<Record<DifferenceCause, string>> = {
  mtime: 'set `reproducible` to `enforce`, or have the backend take times from SOURCE_DATE_EPOCH',
  mode: 'set `reproducible` to `enforce`, or have the backend write modes that do not come from the umask',
  owner: 'set `reproducible` to `enforce`, or have the backend write no owner',
  order: 'set `reproducible` to `enforce`, or have the backend sort what it reads from folders',
  members: 'have the build make the same files each time: look for what it takes from the clock, the machine or the network',
  path: 'map the path away (`-ffile-prefix-map`, `--remap-path-prefix`), or write paths relative to the project',
  'hash seed': 'sort sets and dictionaries before they are written (`sorted(…)`)',
  clock: 'write SOURCE_DATE_EPOCH instead of the time of the build, or no time at all',
  'gzip header': 'set `reproducible` to `enforce`, or have the backend write the gzip header with a fixed time and no name',
  container: 'set `reproducible` to `enforce`, so that the archive is written anew',
  content: 'look for what the build takes from the clock, the machine or chance, and take it from the sources instead',
};
const MANY = 20;

/** Findings of the check `reproducible`: an error for each cause with its first member, and information for further members. */
export function differenceFindings(fileName: string, differences: readonly Difference[]): Finding[] {
  const told = new Set<DifferenceCause>();
  const findings = differences.map(({ cause, member, message, first, second, fix = FIXES[cause] }): Finding => {
    const level = told.has(cause) ? 'info' : 'error';
    told.add(cause);
    const path = member === undefined ? fileName : `${fileName}/${member}`;
    return { check: 'reproducible', level, path, message: `${message} (${cause})`, expected: first, actual: second, fix };
  });
  const further = findings.filter(({ level }) => level === 'info').slice(0, MANY);
  return findings.filter((finding) => finding.level === 'error' || further.includes(finding));
}
