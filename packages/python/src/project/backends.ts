import type { ProjectFacts } from './project-facts';

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

export const readsGit = (project: Pick<ProjectFacts, 'backend' | 'requires'>): boolean =>
  traitsOf(project.backend).needsGit === true || project.requires.some((requirement) => READS_GIT.test(requirement));

/**
 * Variables that hand a version over to tools that would take it from git. Sources: documents of setuptools-scm (which hatch-vcs and
 * flit-scm use), pdm-backend, pbr, poetry-dynamic-versioning and uv-dynamic-versioning.
 */
export function versionVariables(version: string, distribution: string | undefined): Readonly<Record<string, string>> {
  const own =
    distribution === undefined ? {} : { [`SETUPTOOLS_SCM_PRETEND_VERSION_FOR_${distribution.replace(/[-_.]+/g, '_').toUpperCase()}`]: version };
  return {
    ...own,
    SETUPTOOLS_SCM_PRETEND_VERSION: version,
    PDM_BUILD_SCM_VERSION: version,
    PBR_VERSION: version,
    // pbr would write them from the one commit that the copy has
    SKIP_GENERATE_AUTHORS: '1',
    SKIP_WRITE_GIT_CHANGELOG: '1',
    POETRY_DYNAMIC_VERSIONING_BYPASS: version,
    UV_DYNAMIC_VERSIONING_BYPASS: version,
  };
}
