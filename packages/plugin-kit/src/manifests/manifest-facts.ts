/** What a source of uv says of a name. Neither: it comes from git, an index or an address, from nowhere in the workspace. */
export interface UvSource {
  /** Folders, relative to the manifest. */
  paths?: readonly string[];
  /** A member of the uv workspace. */
  workspace?: true;
}

/** What the manifests of one folder say of its own name and of what it needs. Facts alone: nothing is looked up in the workspace. */
export interface ManifestFacts {
  /** Name of the distribution in pyproject.toml, setup.cfg or setup.py, as written. */
  name?: string;
  /** Names of distributions that the project needs to be built or to run, normalized (PEP 503); without those that a source of uv takes from elsewhere. */
  needs: readonly string[];
  /** Folders that a dependency names by path, relative to the manifest: of uv, Poetry, requirements files, Cargo, and of crates that a Python backend builds. */
  paths: readonly string[];
  /** Files that the manifest takes lines of requirements from (`-r base.txt`), relative to it. */
  includes?: readonly string[];
  /** Sources of uv by normalized name; those in the root of a uv workspace count for its members too. */
  uvSources?: Readonly<Record<string, UvSource>>;
  /** The root of a uv workspace: globs of folders, relative to the manifest. */
  uvWorkspace?: { members: readonly string[]; exclude: readonly string[] };
  /** Crates taken from `[workspace.dependencies]` of the Cargo workspace. */
  inheritedCrates?: readonly string[];
  /** Crates that a registry or git gives, by the name that they have there, unless the Cargo workspace patches them. */
  foreignCrates?: readonly string[];
  /** Folder of the Cargo workspace's root, relative to the manifest (`package.workspace`). */
  cargoWorkspace?: string;
  /** `[workspace.dependencies]` with a path, of a Cargo workspace's root. */
  workspaceCrates?: Readonly<Record<string, string>>;
  /** What `[workspace]` of Cargo leaves out, by path; only roots of Cargo workspaces have it. */
  cargoExclude?: readonly string[];
  /** Globs of the members of a Cargo workspace whose root is no crate itself, relative to the manifest. */
  cargoMembers?: readonly string[];
  /** `[patch]` with a path: crate → folder. Counts in the root of a Cargo workspace, and in a crate that has none. */
  patchedCrates?: Readonly<Record<string, string>>;
}

export const NO_FACTS: ManifestFacts = { needs: [], paths: [] };

/** The files that are read, by base name. */
export const isManifest = (file: string): boolean =>
  /^(pyproject\.toml|setup\.cfg|setup\.py|Cargo\.toml|requirements[\w.-]*\.(txt|in|lock))$/.test(file);
