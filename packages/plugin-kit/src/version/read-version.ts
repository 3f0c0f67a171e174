import { checkVersion, sameVersion } from '@waybill/artifacts';
import { pluginKitErrors } from '../errors/plugin-kit-errors';
import type { CommonOptions } from '../options/common-options';
import { SOURCES, manifestVersions } from './manifest-versions';
import { PACKAGE_INFO } from './read-package-info';
import { tagsAtHead, type TagForm } from './release-tags';
import { gitOfProject, type Git } from './run-git';

export interface VersionRequest {
  projectRoot: string;
  projectName: string;
  options: Pick<CommonOptions, 'releaseVersion' | 'versionEnv'>;
  /** Of the project's release tags. */
  tagForms: readonly TagForm[];
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

async function taggedVersion({ git, projectRoot, projectName, tagForms }: VersionRequest): Promise<string | undefined> {
  const found = new Map<string, string>();
  for (const { tag, version } of await tagsAtHead(gitOfProject(git, projectRoot), tagForms)) if (version !== undefined) found.set(version, tag);
  if (found.size > 1) throw pluginKitErrors.error('VERSION_TAGS', { project: projectName, tags: [...found.values()] });
  return [...found.keys()][0];
}
