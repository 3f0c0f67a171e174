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

const SYSTEM = /^(linux|macos|windows)(?:-(x86_64|aarch64))?(?:-|$)/;

/** The system that a target of a stage has in its name; nothing for a target that is called otherwise. */
export function systemOfTarget(stage: string, target: string): TargetSystem | undefined {
  if (!stageRow(stage).perSystem || !target.startsWith(`${stage}-`)) return undefined;
  const [, os, arch] = SYSTEM.exec(target.slice(stage.length + 1)) ?? [];
  return os === undefined ? undefined : { os: os as TargetSystem['os'], ...(arch !== undefined && { arch }) };
}

/** Further native wheels: `build-wheel-linux-aarch64`. */
export function wheelTargetName(platform?: string): string {
  return platform ? `build-wheel-${platform}` : 'build-wheel';
}
