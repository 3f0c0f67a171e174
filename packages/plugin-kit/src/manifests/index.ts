/** Loads a TOML reader and nothing else: for the plugin entry, that Nx loads for every command. */
export * from './manifest-facts';
export * from './read-manifest';
export * from './local-dependencies';
export { readRequirementName } from './read-pyproject';
export { readRequirementsFile } from './read-requirements-file';
