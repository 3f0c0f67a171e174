import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { checkConfig } from './check-config';
import type { LauncherConfig, LauncherFile, LauncherKind } from './launcher-config';
import { renderConfiguration } from './render-configuration';
import { renderShellLauncher, SUPERVISOR_PATH } from './shell/render-shell-launcher';

const CONFIGURATION_PATH = 'share/waybill/launcher.conf';

/** The files of a launcher, to be placed in a bundle. Throws `BUNDLE_LAUNCHER_CONFIG`. */
export function renderLauncherFiles(config: LauncherConfig, kind: LauncherKind): LauncherFile[] {
  checkConfig(config);
  return kind === 'native' ? nativeFiles(config) : shellFiles(config);
}

function nativeFiles(config: LauncherConfig): LauncherFile[] {
  const fileName = config.platform.startsWith('windows') ? `${config.appName}.exe` : config.appName;
  return [
    { path: fileName, mode: 0o755, content: { asset: config.platform } },
    { path: CONFIGURATION_PATH, mode: 0o644, content: renderConfiguration(config) },
  ];
}

function shellFiles(config: LauncherConfig): LauncherFile[] {
  const launcher: LauncherFile = { path: config.appName, mode: 0o755, content: renderShellLauncher(config) };
  if (config.behaviour === 'become') return [launcher];
  const supervisor = readFileSync(join(__dirname, 'shell', 'supervise.py'), 'utf8');
  return [launcher, { path: SUPERVISOR_PATH, mode: 0o644, content: supervisor }];
}
