import { formatPlatform, hostPlatform, parsePlatform } from '@waybill/artifacts';
import type { StageContext } from '@waybill/plugin-kit';
import { pythonErrors } from '../../errors/python-errors';
import { furtherPlatform, type BuildWheelOptions } from './options';

type Context = StageContext<BuildWheelOptions>;

/** What a target delivers. */
export interface WantedResults {
  sdist: boolean;
  wheel: boolean;
}

/**
 * The sdist is that of `build-wheel` alone: a target `build-wheel-{platform}`, or one that depends on the target that has it, delivers none.
 * `hasSdist`: the project has one already. Throws `WHEEL_NOTHING_WANTED` when nothing is left.
 */
export function wantedResults({ options, targetName, projectName }: Context, hasSdist: boolean): WantedResults {
  const wanted = { sdist: options.sdist && !hasSdist && furtherPlatform(targetName) === undefined, wheel: options.wheel };
  if (!wanted.sdist && !wanted.wheel) throw pythonErrors.error('WHEEL_NOTHING_WANTED', { target: targetName, project: projectName });
  return wanted;
}

/** The option; else the end of the target's name; else this machine. Throws `WHEEL_PLATFORM_NAME` where the first two are not one. */
export function wantedPlatform({ options, targetName }: Pick<Context, 'options' | 'targetName'>): string {
  const ofName = furtherPlatform(targetName);
  const named = options.platform ?? ofName;
  const platform = formatPlatform(named === undefined ? hostPlatform(process) : parsePlatform(named));
  if (ofName !== undefined && isPlatform(ofName) && ofName !== platform) {
    throw pythonErrors.error('WHEEL_PLATFORM_NAME', { target: targetName, platform });
  }
  return platform;
}

/** Targets may end otherwise, as `build-wheel-debug`: then the option says the platform. */
const isPlatform = (text: string): boolean => /^(linux|macos|windows)-/.test(text);
