export * from './launcher-config';
export { renderLauncherFiles } from './render-launcher-files';
export { renderHookFiles } from './hook/render-hook-files';
export { launcherBinary } from './build/launcher-binary';
export type { CompilerProcesses, CompilerTool, LauncherBinaryRequest } from './build/launcher-binary';
