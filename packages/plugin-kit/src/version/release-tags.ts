import { checkVersion, isReleaseVersion, sameVersion } from '@waybill/artifacts';
import { matchProjects } from '../graph/match-names';
import type { NxGraph, NxRelease } from '../nx-context';
import { runGit, type Git } from './run-git';

/** What stands in a tag before and behind the version. */
export interface TagForm {
  prefix: string;
  suffix: string;
}

export interface ReleaseTag {
  tag: string;
  /** In canonical form. Absent: the tag looks like that of a release, and no form of the project's fits. */
  version?: string;
}

/** Nx's own, where nothing else is said (nx `release/config/config`). */
const FIXED = 'v{version}';
const FIXED_GROUP = '{releaseGroupName}-v{version}';
const INDEPENDENT = '{projectName}@{version}';

/** How Nx names the tag of a project's version: the pattern of its group or of the workspace, with all names in it but `{version}`. */
export function tagPatternOf(release: NxRelease, project: string, graph: NxGraph): string {
  const [groupName, group] = Object.entries(release.groups ?? {}).find(([, { projects }]) => isAmong(projects, project, graph)) ?? ['', undefined];
  const isIndependent = (group?.projectsRelationship ?? release.projectsRelationship) === 'independent';
  const ofWorkspace = release.releaseTag?.pattern;
  const fitting = group && isIndependent && !ofWorkspace?.includes('{projectName}') ? undefined : ofWorkspace;
  const pattern = group?.releaseTag?.pattern ?? fitting ?? (isIndependent ? INDEPENDENT : group ? FIXED_GROUP : FIXED);
  return pattern.replaceAll('{projectName}', project).replaceAll('{releaseGroupName}', groupName);
}

const isAmong = (projects: string | readonly string[] | undefined, project: string, graph: NxGraph): boolean =>
  matchProjects([projects ?? []].flat(), graph).includes(project);

/** Forms of the project's tags, the surest first: Nx's, those behind one of the names and `@`, `-` or `/`, and the version alone. */
export function tagForms(names: readonly string[], pattern: string): readonly TagForm[] {
  const [prefix, suffix] = pattern === FIXED ? [] : pattern.split('{version}');
  const ofNx = prefix === undefined || suffix === undefined ? [] : [{ prefix, suffix }];
  return [...ofNx, ...names.flatMap(tagFormsOfName), { prefix: '', suffix: '' }];
}

/** As Nx and people write them: `app@1.4.0`, `app-1.4.0`, `app/v1.4.0`. */
export const tagFormsOfName = (name: string): readonly TagForm[] => ['@', '-', '/'].map((mark) => ({ prefix: name + mark, suffix: '' }));

/** Tags at HEAD that name a version, in the order of the forms. None where there is no git. */
export const tagsAtHead = (git: Git, forms: readonly TagForm[]): Promise<readonly ReleaseTag[]> => readTags(git, ['--points-at', 'HEAD'], forms);

/** The commit at HEAD, whole, and its tags as `tagsAtHead` gives them, by one run of git; `undefined` where there is no commit. */
export async function readHead(git: Git, forms: readonly TagForm[]): Promise<{ commit: string; tags: readonly ReleaseTag[] } | undefined> {
  const settings = ['--no-show-signature', '--no-color', '--decorate=full', '--decorate-refs=refs/tags'];
  const output = await runGit(git, ['log', '-1', ...settings, '--format=%H%n%D', 'HEAD', '--']);
  if (output === undefined) return undefined;
  const [commit = '', decorations = ''] = output.split('\n');
  const tags = decorations.split(', ').flatMap((text) => /^tag: refs\/tags\/(.+)$/.exec(text)?.slice(1) ?? []);
  return { commit, tags: sortTags(tags, forms) };
}

/** As `tagsAtHead`, of all tags of the repository. */
export const allTags = (git: Git, forms: readonly TagForm[]): Promise<readonly ReleaseTag[]> => readTags(git, ['--list'], forms);

async function readTags(git: Git, which: readonly string[], forms: readonly TagForm[]): Promise<readonly ReleaseTag[]> {
  const output = await runGit(git, ['tag', ...which]);
  const tags = (output ?? '').split('\n').filter((line) => line !== '');
  return sortTags(tags, forms);
}

function sortTags(tags: readonly string[], forms: readonly TagForm[]): readonly ReleaseTag[] {
  const left = new Set([...tags].sort());
  const named = forms.flatMap((form) =>
    [...left].flatMap((tag): ReleaseTag[] => {
      const version = versionIn(tag, form);
      if (version === undefined) return [];
      left.delete(tag);
      return [{ tag, version }];
    }),
  );
  return [...named, ...[...left].filter(looksLikeRelease).map((tag) => ({ tag }))];
}

/** Whether a tag names this version, however it is written. */
export const namesVersion =
  (wanted: string) =>
  ({ version }: ReleaseTag): boolean =>
    version !== undefined && sameVersion(version, wanted);

/** A tag `other@1.0` says whose it is. */
const looksLikeRelease = (tag: string): boolean => /\d\.\d/.test(tag) && !/.@v?\d/.test(tag);

function versionIn(tag: string, { prefix, suffix }: TagForm): string | undefined {
  if (!tag.startsWith(prefix) || !tag.endsWith(suffix) || tag.length <= prefix.length + suffix.length) return undefined;
  const text = tag.slice(prefix.length, tag.length - suffix.length);
  // Tags are full of words and numbers: a version has two of these at least.
  return /^v?\d+\.\d+/.test(text) && isReleaseVersion(text) ? checkVersion(text) : undefined;
}
