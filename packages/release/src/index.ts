/** Entry of the plugin for `plugins` in nx.json. Loaded for every command of Nx: it imports nothing but Node's own modules. */
export const name = '@waybill/release';
export { postTasksExecution, preTasksExecution } from './plugin-entry';
