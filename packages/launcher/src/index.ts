export * from './launcher-config';
export { renderLauncherFiles } from './render-launcher-files';
export { renderHookFiles } from './hook/render-hook-files';
export { launcherBinary } from './build/launcher-binary';
export type { CompilerProcesses, CompilerTool, FileLock, LauncherBinaryRequest, LauncherBuildPorts } from './build/launcher-binary';
export { buildLaunchers } from './build/build-all';
export { LAUNCHER_PLATFORMS, LAUNCHER_VARIANTS, type LauncherVariant } from './build/variants';
export { LauncherError, launcherErrors } from './errors/launcher-errors';
