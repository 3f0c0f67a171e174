import type { WheelName } from './requirement';

const WHEEL = /^(?<name>[A-Za-z0-9._]+)-(?<version>[A-Za-z0-9._!+]+)(-(?<build>\d[^-]*))?-(?<python>[^-]+)-(?<abi>[^-]+)-(?<platform>[^-]+)\.whl$/;

/** PEP 503: names that differ in case or in runs of `-`, `_` and `.` are one. */
export function normaliseDistribution(name: string): string {
  return name.toLowerCase().replace(/[-_.]+/g, '-');
}

/** Takes a wheel's file name apart; `undefined` when it is none (PEP 427). */
export function parseWheelName(fileName: string): WheelName | undefined {
  const groups = WHEEL.exec(fileName)?.groups;
  if (groups === undefined) return undefined;
  return {
    fileName,
    distribution: normaliseDistribution(groups.name!),
    version: groups.version!,
    ...(groups.build === undefined ? {} : { build: groups.build }),
    pythonTags: groups.python!.split('.'),
    abiTags: groups.abi!.split('.'),
    platformTags: groups.platform!.split('.'),
  };
}
