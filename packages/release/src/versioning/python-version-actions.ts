import { normalize } from 'node:path/posix';
import type { ProjectGraph, ProjectGraphDependency, Tree } from '@nx/devkit';
import { pep440ToSemver, semverToPep440 } from '@waybill/artifacts';
import { asWaybillError, errorLines } from '@waybill/plugin-kit';
import { dependencyRanges, moveDependencyRanges, type DependencyRange } from './dependency-ranges';
import { followLocks, staleLocks } from './follow-locks';
import { VersionActions } from './nx-release';
import { releaseNames } from './read-manifests';
import { versionErrors } from './version-errors';
import { hasManifest, readWrittenVersions, writeVersion } from './version-sites';

/** Bumps that Nx reckons with (semver's `RELEASE_TYPES`). */
const BUMPS = new Set(['major', 'minor', 'patch', 'premajor', 'preminor', 'prepatch', 'prerelease']);

/** PEP 440's short names of pre-releases, in the words that its SemVer form has. */
const PRE_RELEASES: Readonly<Record<string, string>> = { a: 'alpha', b: 'beta', c: 'rc', pre: 'rc', preview: 'rc' };

/**
 * Versions of Python projects for `nx release`. Nx reckons, tags and writes changelogs in SemVer; pyproject.toml and what a build backend
 * reads get the PEP 440 form, Cargo.toml and package.json the SemVer form.
 */
export class PythonVersionActions extends VersionActions {
  validManifestFilenames = ['pyproject.toml', 'Cargo.toml', 'package.json', 'setup.cfg', 'setup.py'];

  /** Manifests are changed in place: a formatter would undo that. */
  override excludeManifestsFromFormatting = true;

  get #name(): string {
    return this.projectGraphNode.name;
  }

  /** Where the project's manifests are: its root, unless `manifestRootsToUpdate` says otherwise. */
  get #roots(): readonly string[] {
    const root = this.projectGraphNode.data.root;
    const named = this.finalConfigForProject.manifestRootsToUpdate.map((entry) => (typeof entry === 'string' ? entry : entry.path));
    const places = named.map((path) =>
      path.replaceAll('{projectRoot}', root).replaceAll('{projectName}', this.#name).replaceAll('{workspaceRoot}', '.'),
    );
    return places.length > 0 ? places.map((path) => normalize(path).replace(/\/$/, '')) : [root];
  }

  override async init(_tree: Tree): Promise<void> {
    // Nx would take the first manifest of each root; all of them carry the version.
  }

  override async validate(tree: Tree): Promise<void> {
    await this.#coded(() => {
      for (const root of this.#roots) if (!hasManifest(tree, root)) throw versionErrors.error('VERSION_NOWHERE', { project: this.#name, root });
    });
  }

  async readCurrentVersionFromSourceManifest(tree: Tree): Promise<{ currentVersion: string; manifestPath: string } | null> {
    return this.#coded(async () => {
      const root = this.#roots[0]!;
      const { semver, sites } = await readWrittenVersions(tree.root, root);
      if (semver === undefined) throw versionErrors.error('VERSION_NOWHERE', { project: this.#name, root });
      return { currentVersion: semver, manifestPath: sites[0]!.path };
    });
  }

  async readCurrentVersionFromRegistry(): Promise<null> {
    return this.#coded(() => {
      throw versionErrors.error('VERSION_REGISTRY', { project: this.#name });
    });
  }

  override async calculateNewVersion(
    currentVersion: string | null,
    input: string,
    reason: string,
    reasonData: Record<string, unknown>,
    preid: string,
  ): Promise<{ newVersion: string; logText: string }> {
    const specifier = BUMPS.has(input) ? input : await this.#coded(() => this.#explicit(input));
    const calculated = await super.calculateNewVersion(currentVersion, specifier, reason, reasonData, PRE_RELEASES[preid] ?? preid);
    await this.#coded(() => this.#checkForm(calculated.newVersion));
    return calculated;
  }

  async updateProjectVersion(tree: Tree, newVersion: string): Promise<string[]> {
    return this.#coded(async () => {
      this.#checkForm(newVersion);
      const written = await Promise.all(this.#roots.map((root) => readWrittenVersions(tree.root, root)));
      const lines = written.flatMap(({ sites }) => sites.map((site) => writeVersion(tree, site, this.#name, newVersion)));
      if (written.every(({ sites }) => sites.length === 0)) lines.push(`⏩ ${this.#name}: its version is that of the git tag; no file holds it`);
      return [...lines, ...this.#roots.flatMap((root) => followLocks(tree, root, releaseNames(tree, root), newVersion))];
    });
  }

  override async readDependencies(tree: Tree, projectGraph: ProjectGraph): Promise<ProjectGraphDependency[]> {
    return this.#coded(() => {
      const edges = projectGraph.dependencies[this.#name] ?? [];
      return edges.filter(({ type, target }) => type !== 'implicit' || this.#ranges(tree, projectGraph, target).length > 0);
    });
  }

  async readCurrentVersionOfDependency(
    tree: Tree,
    projectGraph: ProjectGraph,
    dependency: string,
  ): Promise<{ currentVersion: string | null; dependencyCollection: string | null }> {
    return this.#coded(() => {
      const found = this.#ranges(tree, projectGraph, dependency).find(({ range }) => range !== '');
      return { currentVersion: found?.range ?? null, dependencyCollection: found ? 'dependencies' : null };
    });
  }

  async updateProjectDependencies(tree: Tree, projectGraph: ProjectGraph, dependencies: Record<string, string>): Promise<string[]> {
    return this.#coded(() => {
      const lines = Object.entries(dependencies).flatMap(([dependency, version]) =>
        moveDependencyRanges(tree, this.#ranges(tree, projectGraph, dependency), dependency, version.replace(/^[~^=]/, '')),
      );
      return lines.length > 0 ? [...lines, ...this.#roots.flatMap((root) => staleLocks(tree, root))] : [];
    });
  }

  #ranges(tree: Tree, projectGraph: ProjectGraph, dependency: string): readonly DependencyRange[] {
    const root = projectGraph.nodes[dependency]?.data.root;
    return root === undefined ? [] : this.#roots.flatMap((own) => dependencyRanges(tree, own, releaseNames(tree, root)));
  }

  #explicit(specifier: string): string {
    try {
      return pep440ToSemver(specifier);
    } catch (cause) {
      throw versionErrors.error('VERSION_SPECIFIER', { project: this.#name, specifier }, { cause });
    }
  }

  #checkForm(version: string): void {
    try {
      semverToPep440(version);
    } catch (cause) {
      throw versionErrors.error('VERSION_PRERELEASE', { project: this.#name, version }, { cause });
    }
  }

  /** Nx prints the message of an error alone: code, details and fix go into it. */
  async #coded<T>(action: () => T | Promise<T>): Promise<T> {
    try {
      return await action();
    } catch (cause) {
      const error = asWaybillError(cause, `${this.#name}: nx release version`);
      throw Object.assign(new Error(errorLines(error, false).join('\n'), { cause }), { code: error.code });
    }
  }
}
