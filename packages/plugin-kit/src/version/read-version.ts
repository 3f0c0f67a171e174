import { checkVersion, nameOfProject, parseVersion, sameVersion } from '@waybill/artifacts';
import { pluginKitErrors } from '../errors/plugin-kit-errors';
import type { CommonOptions } from '../options/common-options';
import { SOURCES, manifestVersions } from './manifest-versions';
import { PACKAGE_INFO } from './read-package-info';
import { gitOfProject, runGit, type Git } from './run-git';

export interface VersionRequest {
  projectRoot: string;
  projectName: string;
  options: Pick<CommonOptions, 'releaseVersion' | 'versionEnv' | 'name'>;
  /** The caller's environment. */
  variables: Readonly<Record<string, string | undefined>>;
  git: Git;
  /** Told of a file that no manifest is and that says the version: a change of it must run the target again. */
  checkInput?(path: string): Promise<void>;
  /** Instead of the error, when nothing says a version. */
  otherwise?: string;
}

/** Stands in records of what is part of no release. */
export const UNVERSIONED = 'unversioned';

/** The project's version in canonical PEP 440 form (CONTRACT §1): option, variable, manifests and PKG-INFO of an unpacked sdist (which must agree), git tag. */
export async function readVersion(request: VersionRequest): Promise<string> {
  const { options, variables, projectRoot, projectName, git } = request;
  if (options.releaseVersion !== undefined) return checkVersion(options.releaseVersion);
  const named = options.versionEnv === undefined ? undefined : variables[options.versionEnv];
  if (named) return checkVersion(named);
  const { versions, dynamicIn } = await manifestVersions(git.workspaceRoot, projectRoot);
  const [first, ...others] = versions;
  if (first) {
    const odd = others.find(({ version }) => !sameVersion(version, first.version));
    if (odd) {
      throw pluginKitErrors.error('VERSION_DISAGREES', { one: first.path, oneVersion: first.text, other: odd.path, otherVersion: odd.text });
    }
    if (first.path.endsWith(PACKAGE_INFO)) await request.checkInput?.(first.path);
    return first.version;
  }
  const tagged = await taggedVersion(request);
  if (tagged !== undefined) return tagged;
  if (request.otherwise !== undefined) return request.otherwise;
  if (dynamicIn !== undefined) throw pluginKitErrors.error('VERSION_DYNAMIC', { path: dynamicIn });
  throw pluginKitErrors.error('VERSION_MISSING', { project: projectName, looked: SOURCES.map(({ file }) => `${projectRoot}/${file}`) });
}

async function taggedVersion({ git, projectRoot, projectName, options }: VersionRequest): Promise<string | undefined> {
  const found = new Map<string, string>();
  for (const { tag, version } of await versionsOfTags(gitOfProject(git, projectRoot), [projectName, options.name ?? nameOfProject(projectName)]))
    found.set(version, tag);
  if (found.size > 1) throw pluginKitErrors.error('VERSION_TAGS', { project: projectName, tags: [...found.values()] });
  return [...found.keys()][0];
}

/**
 * Tags at HEAD that name a version, with its canonical form: `1.4.0`, `v1.4.0`, or those behind one of the names and `@`, `-` or `/` (Nx
 * writes `{project}@{version}`). None where there is no git.
 */
export function versionsOfTags(git: Git, names: readonly (string | undefined)[]): Promise<readonly { tag: string; version: string }[]> {
  return versionsAmong(git, ['--points-at', 'HEAD'], names);
}

/** As above, of all tags of the repository. */
export function versionsOfAllTags(git: Git, names: readonly (string | undefined)[]): Promise<readonly { tag: string; version: string }[]> {
  return versionsAmong(git, ['--list'], names);
}

async function versionsAmong(
  git: Git,
  which: readonly string[],
  names: readonly (string | undefined)[],
): Promise<readonly { tag: string; version: string }[]> {
  const output = await runGit(git, ['tag', ...which]);
  const tags = (output ?? '').split('\n').filter((line) => line !== '');
  const prefixes = names.filter((name) => name !== undefined).flatMap((name) => ['@', '-', '/'].map((mark) => name + mark));
  return tags.flatMap((tag) => {
    const prefix = ['', ...prefixes].find((candidate) => tag.startsWith(candidate) && isVersion(tag.slice(candidate.length)));
    return prefix === undefined ? [] : [{ tag, version: checkVersion(tag.slice(prefix.length)) }];
  });
}

/** Tags are full of words: what does not parse is no version. */
function isVersion(text: string): boolean {
  if (!/^v?\d+\.\d+/.test(text)) return false;
  try {
    return parseVersion(text).release.length > 1;
  } catch (cause) {
    if (cause instanceof Error && cause.name === 'WaybillError') return false;
    throw cause;
  }
}
