import { table, type ProjectFacts } from './project-facts';

/** What is known of a build backend beyond PEP 517. */
export interface BackendTraits {
  /** For people. */
  name: string;
  native: ProjectFacts['native'];
  /** Puts every file of a package into the wheel, so that one that the sdist lacks is missing. */
  takesWholePackages: boolean;
  /** Packs nothing that git ignores, unless its settings name it. */
  heedsGit?: true;
  /** Puts a PKG-INFO of its own beside one among the sources, or refuses those: an unpacked sdist is copied without it. */
  doublesPackageInfo?: boolean;
  /** Makes no sdist, or another one, without a git repository round the sources. */
  needsGit?: boolean;
}

const TRAITS: readonly (readonly [prefix: string, traits: BackendTraits])[] = [
  ['setuptools', { name: 'setuptools', native: 'perhaps', takesWholePackages: false }],
  ['hatchling', { name: 'hatchling', native: 'no', takesWholePackages: true, heedsGit: true }],
  ['flit_core', { name: 'flit', native: 'no', takesWholePackages: true }],
  ['flit_scm', { name: 'flit-scm', native: 'no', takesWholePackages: true }],
  ['poetry', { name: 'poetry-core', native: 'perhaps', takesWholePackages: true, heedsGit: true }],
  ['pdm', { name: 'pdm-backend', native: 'perhaps', takesWholePackages: true }],
  ['uv_build', { name: 'uv_build', native: 'no', takesWholePackages: true }],
  ['maturin', { name: 'maturin', native: 'yes', takesWholePackages: true, doublesPackageInfo: true, heedsGit: true }],
  ['scikit_build_core', { name: 'scikit-build-core', native: 'yes', takesWholePackages: true, heedsGit: true }],
  // `meson dist` packs a commit, not a folder (meson-python, "Source distributions")
  ['mesonpy', { name: 'meson-python', native: 'yes', takesWholePackages: false, needsGit: true, doublesPackageInfo: true, heedsGit: true }],
];

export function traitsOf(backend: string): BackendTraits {
  return TRAITS.find(([prefix]) => backend.startsWith(prefix))?.[1] ?? { name: backend, native: 'perhaps', takesWholePackages: false };
}

/**
 * Build requirements that take the version, or the list of files, from git. Their copy gets a repository of its own: one commit that holds
 * what was copied, with the version as its tag.
 */
const READS_GIT =
  /^(setuptools[-_.]scm|setuptools[-_.]git|hatch[-_.]vcs|flit[-_.]scm|versioningit|versioneer|pbr|dunamai|.*dynamic[-_.]versioning|setuptools[-_.]git[-_.]versioning|hatch[-_.]regex[-_.]commit)\b/i;

export const readsGit = (project: Pick<ProjectFacts, 'backend' | 'requires' | 'manifest'>): boolean =>
  traitsOf(project.backend).needsGit === true || listsByGit(project) || project.requires.some((requirement) => READS_GIT.test(requirement));

/** maturin asks git for the files of the sdist where the project says so (its documents, `sdist-generator`). */
const listsByGit = ({ backend, manifest }: Pick<ProjectFacts, 'backend' | 'manifest'>): boolean =>
  backend.startsWith('maturin') && table(table(manifest['tool'])['maturin'])['sdist-generator'] === 'git';

/** Ask setuptools-scm for a version without saying of which distribution. */
const NAMELESS = /^(hatch[-_.]vcs|flit[-_.]scm)\b/i;
const SCM = /^(setuptools[-_.]scm|vcs[-_.]versioning)\b/i;
const POETRY = /^poetry[-_.]dynamic[-_.]versioning\b/i;

/**
 * Variables that hand a version over to tools that would take it from git: those that name the distribution where a tool has one, because build
 * requirements that the frontend builds from source see them too; else those of the tools that the project uses. Sources: documents of setuptools-scm
 * (which hatch-vcs and flit-scm call without a name), pdm-backend, pbr, poetry-dynamic-versioning and uv-dynamic-versioning.
 */
export function versionVariables(
  version: string,
  { distribution, backend, requires }: Pick<ProjectFacts, 'distribution' | 'backend' | 'requires'>,
): Readonly<Record<string, string>> {
  const uses = (tool: RegExp): boolean => tool.test(backend) || requires.some((requirement) => tool.test(requirement));
  const isNameless = uses(NAMELESS) || (distribution === undefined && (uses(SCM) || uses(/^setuptools/)));
  const poetry: Record<string, string> =
    distribution === undefined ? { POETRY_DYNAMIC_VERSIONING_BYPASS: version } : { POETRY_DYNAMIC_VERSIONING_OVERRIDE: `${distribution}=${version}` };
  return {
    ...(distribution !== undefined && { [`SETUPTOOLS_SCM_PRETEND_VERSION_FOR_${distribution.replace(/[-_.]+/g, '_').toUpperCase()}`]: version }),
    ...(isNameless && { SETUPTOOLS_SCM_PRETEND_VERSION: version }),
    ...(uses(/^pdm/) && { PDM_BUILD_SCM_VERSION: version }),
    // old projects name pbr in setup.py; it would write the other two from the one commit that the copy has
    ...((uses(/^pbr\b/) || uses(/^setuptools/)) && { PBR_VERSION: version, SKIP_GENERATE_AUTHORS: '1', SKIP_WRITE_GIT_CHANGELOG: '1' }),
    ...(uses(POETRY) && poetry),
    ...(uses(/^uv[-_.]dynamic[-_.]versioning\b/i) && { UV_DYNAMIC_VERSIONING_BYPASS: version }),
  };
}
