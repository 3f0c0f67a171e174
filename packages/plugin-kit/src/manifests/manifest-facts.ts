/** What the manifests of one folder say of its own name and of what it needs. Facts alone: nothing is looked up in the workspace. */
export interface ManifestFacts {
  /** Name of the distribution in pyproject.toml, setup.cfg or setup.py, as written. */
  name?: string;
  /** Names of distributions that the project needs to be built or to run, normalized (PEP 503); without those that a source of uv takes from elsewhere. */
  needs: readonly string[];
  /** Folders that a dependency names by path, relative to the manifest: of uv, Poetry, requirements files, Cargo. */
  paths: readonly string[];
  /** Files that the manifest takes lines of requirements from (`-r base.txt`), relative to it. */
  includes?: readonly string[];
  /** Crates taken from `[workspace.dependencies]` of the Cargo workspace above. */
  inheritedCrates?: readonly string[];
  /** `[workspace.dependencies]` with a path, of a Cargo workspace's root. */
  workspaceCrates?: Readonly<Record<string, string>>;
}

export const NO_FACTS: ManifestFacts = { needs: [], paths: [] };

/** The files that are read, by base name. */
export const isManifest = (file: string): boolean =>
  /^(pyproject\.toml|setup\.cfg|setup\.py|Cargo\.toml|requirements[\w.-]*\.(txt|in|lock))$/.test(file);
