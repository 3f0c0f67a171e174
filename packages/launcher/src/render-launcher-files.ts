import type { LauncherConfig, LauncherFile, LauncherKind } from './launcher-config';

export function renderLauncherFiles(_config: LauncherConfig, _kind: LauncherKind): LauncherFile[] {
  throw new Error('not yet');
}
