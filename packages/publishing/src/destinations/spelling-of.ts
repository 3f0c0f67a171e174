import { isReleaseVersion, sameVersion } from '@waybill/artifacts';

/** How a version is spelt among names of which some are versions: as it is given, else otherwise (`1.0` for `1.0.0`). */
export function spellingOf(version: string, names: Iterable<string>): string | undefined {
  const same = [...names].filter((name) => /^\d/.test(name) && isReleaseVersion(name) && sameVersion(name, version));
  return same.find((name) => name === version) ?? same[0];
}
