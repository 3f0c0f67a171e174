import type { Platform } from '../artifact-record';
import { stageRow } from './stage-table';

/** For which system a target works; `arch` only when it is not the first of its system. */
export interface TargetSystem {
  os: Platform['os'];
  arch?: string;
}

/** `package-linux`; a second architecture of one system carries it in the name: `package-linux-aarch64`. */
export function targetName(stage: string, system?: TargetSystem): string {
  if (!system || !stageRow(stage).perSystem) return stage;
  return [stage, system.os, ...(system.arch ? [system.arch] : [])].join('-');
}

/** Further native wheels: `build-wheel-linux-aarch64`. */
export function wheelTargetName(platform?: string): string {
  return platform ? `build-wheel-${platform}` : 'build-wheel';
}
