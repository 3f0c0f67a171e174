import { normaliseDistribution } from '@waybill/artifacts';
import { WaybillError } from '@waybill/core';
import { digestFaultIn, lackingIn, misfitIn, unbuiltIn, type LockedRequirement, type RequirementsLock } from '@waybill/distributions';
import { bundleErrors } from '../errors/bundle-errors';

export interface LockedInstallation {
  lock: RequirementsLock;
  /** `3.11`. */
  series: string;
  /** `linux-x86_64`, … */
  platform: string;
  offline: boolean;
}

/** The line of the lock that an installer means by `name`, `name==version`, `name @ file:///…`; of several under markers one that has the version. */
function lineOf({ requirements }: RequirementsLock, said: string): LockedRequirement | undefined {
  const name = normaliseDistribution(/^[A-Za-z0-9._-]+/.exec(said)?.[0] ?? '');
  const same = requirements.filter((requirement) => requirement.name === name);
  return same.find(({ version }) => said.includes(version)) ?? same[0];
}

/** Why uv did not install a lock, by what it printed: `WHEEL_LOCKED_…` with the line of the lock; the error as it is when that is not known. */
export function explainInstaller(error: unknown, { lock, series, platform, offline }: LockedInstallation): unknown {
  if (!(error instanceof WaybillError) || error.code !== 'PROCESS_FAILED') return error;
  const output = error.details.join('\n');
  const about = <T extends object>(said: string, more: T) => {
    const line = lineOf(lock, said);
    return line && { file: line.file, line: line.line, requirement: `${line.name}==${line.version}`, details: error.details, ...more };
  };
  const digest = digestFaultIn(output);
  const changed = digest && about(digest.what, { expected: digest.expected, actual: digest.actual });
  if (changed) return bundleErrors.error('WHEEL_LOCKED_DIGEST', changed, { cause: error });
  const unbuilt = unbuiltIn(output);
  const sdist = unbuilt === undefined ? undefined : about(unbuilt, { series, platform });
  if (sdist) return bundleErrors.error('WHEEL_LOCKED_SDIST', sdist, { cause: error });
  const misfit = misfitIn(output);
  const unfit = misfit === undefined ? undefined : about(misfit, { series, platform });
  if (unfit) return bundleErrors.error('WHEEL_LOCKED_TAGS', unfit, { cause: error });
  const lacking = lackingIn(output, 'uv');
  const absent = lacking === undefined ? undefined : about(lacking, { offline });
  return absent ? bundleErrors.error('WHEEL_LOCKED_ABSENT', absent, { cause: error }) : error;
}
