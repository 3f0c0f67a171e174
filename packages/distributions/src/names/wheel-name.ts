/** A wheel file's name taken apart (PEP 427). Tag sets are written with dots: `py2.py3`. */
export interface WheelName {
  fileName: string;
  /** Normalised. */
  distribution: string;
  version: string;
  build?: string;
  pythonTags: readonly string[];
  abiTags: readonly string[];
  platformTags: readonly string[];
}

/** What decides whether a wheel fits. */
export interface WheelTarget {
  /** `3.11`. */
  series: string;
  /** `t` for a free-threaded build; empty for the usual one. */
  abiFlags: string;
  /** `linux-x86_64`, `linux-aarch64-musl`, … */
  platform: string;
}

const WHEEL = /^(?<name>[A-Za-z0-9._]+)-(?<version>[A-Za-z0-9._!+]+)(-(?<build>\d[^-]*))?-(?<python>[^-]+)-(?<abi>[^-]+)-(?<platform>[^-]+)\.whl$/;

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
import { normaliseDistribution } from '@waybill/artifacts';
