/** Entry of the plugin for `plugins` in nx.json. Loaded for every command of Nx: it imports Node's own modules and a TOML reader. */
export const name = '@waybill/release';
export { postTasksExecution, preTasksExecution } from './plugin-entry';
export { createDependencies } from './graph/create-dependencies';
