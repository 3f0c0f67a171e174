import { formatPlatform, hostPlatform, parsePlatform, type HostProcess, type Platform } from '@waybill/artifacts';
import type { ProjectKind } from '../../targets/targets-for';
import { generatorErrors } from '../generator-errors';

const SYSTEMS: readonly string[] = ['linux', 'macos', 'windows'];

/**
 * Platforms that targets are written for; by default this machine's. A system's name alone means it on this machine's architecture. What
 * nobody can make here yet is `OPTION_PLATFORM_UNMADE`, what is no platform `OPTION_PLATFORM`.
 */
export function choosePlatforms(kind: ProjectKind, asked: readonly string[] | undefined, host: HostProcess): readonly string[] {
  const here = hostPlatform(host);
  const wanted =
    asked === undefined || asked.length === 0 ? [here] : asked.map((text) => parsePlatform(SYSTEMS.includes(text) ? `${text}-${here.arch}` : text));
  const unmade = wanted.filter((platform) => !isMade(platform, here)).map(formatPlatform);
  if (kind === 'library') {
    if (unmade.length > 0 && asked?.length)
      throw generatorErrors.error('OPTION_PLATFORM_UNMADE', { unmade, here: formatPlatform(here), what: 'wheels with native code' });
    // The wheel of this machine is that of `build-wheel` itself.
    return [];
  }
  const notHere = [...unmade, ...wanted.filter(({ os }) => os !== 'linux').map(formatPlatform)];
  if (notHere.length > 0)
    throw generatorErrors.error('OPTION_PLATFORM_UNMADE', { unmade: [...new Set(notHere)], here: formatPlatform(here), what: 'bundles' });
  return [...new Set(wanted.map(formatPlatform))];
}

const isMade = (platform: Platform, here: Platform): boolean => formatPlatform(platform) === formatPlatform(here);
