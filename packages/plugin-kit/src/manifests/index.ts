/** Loads a TOML reader and a matcher of globs, nothing else: for the plugin entry, that Nx loads for every command. */
export * from './manifest-facts';
export * from './read-manifest';
export * from './local-dependencies';
export { matchMembers } from './cargo-workspace';
export { readRequirementName } from './read-pyproject';
export { readRequirementsFile } from './read-requirements-file';
