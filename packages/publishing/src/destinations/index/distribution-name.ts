import { isReleaseVersion, normaliseDistribution, sameVersion } from '@waybill/artifacts';

/** What the name of a wheel or sdist says. */
export interface DistributionName {
  /** As indexes compare it (PEP 503). */
  project: string;
  version: string;
  /** Of a wheel: `py3`; of an sdist: `source`. */
  python: string;
  /** Of a wheel. */
  platform?: string;
}

/** `undefined` for what is neither. */
export function readDistributionName(file: string): DistributionName | undefined {
  const wheel = /^([^-]+)-([^-]+)(?:-\d[^-]*)?-([^-]+)-([^-]+)-([^-]+)\.whl$/.exec(file);
  if (wheel) return { project: normaliseDistribution(wheel[1]!), version: wheel[2]!, python: wheel[3]!, platform: wheel[5]! };
  const sdist = /^(.+)-([^-]+)\.(?:tar\.gz|zip)$/.exec(file);
  return sdist ? { project: normaliseDistribution(sdist[1]!), version: sdist[2]!, python: 'source' } : undefined;
}

/** Whether a file of an index belongs to a version. Names that no tool of today writes belong to none. */
export function isOfVersion(file: string, version: string): boolean {
  const read = readDistributionName(file);
  return read !== undefined && isReleaseVersion(read.version) && sameVersion(read.version, version);
}
