import { compareVersions } from './compare-versions';
import type { ToolDescriptor } from './tool-descriptor';

/** Why a version of a tool is not taken; `undefined` when it is. */
export interface Objection {
  expected: string;
  actual: string;
  why: readonly string[];
}

/** Too old, or known to be broken. */
export function refusalOf(descriptor: ToolDescriptor, version: string): Objection | undefined {
  const refused = descriptor.refused?.find((entry) => compareVersions(entry.version, version) === 0);
  const tooOld = descriptor.minimum !== undefined && compareVersions(version, descriptor.minimum) < 0;
  if (!refused && !tooOld) return undefined;
  return { expected: expectedOf(descriptor), actual: version, why: refused ? [`refused: ${refused.reason}`] : [] };
}

/** Works, but another version is better. */
export function reservationOf({ preferred }: ToolDescriptor, version: string): Objection | undefined {
  return preferred === undefined || preferred.fits(version) ? undefined : { expected: preferred.versions, actual: version, why: [] };
}

export function expectedOf({ minimum, refused }: ToolDescriptor): string {
  const lowest = minimum === undefined ? 'any version' : `version ${minimum} or newer`;
  return [lowest, ...(refused ?? []).map(({ version }) => `but not ${version}`)].join(', ');
}
