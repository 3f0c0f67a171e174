import { lackingIn } from '@waybill/distributions';
import { attemptIn, callerIn, TIER_TEXTS } from '../environment/network';
import type { BuildRun } from '../building/run-frontend';
import type { FailedRun } from '../errors/build-error-texts';
import { pythonErrors } from '../errors/python-errors';

/**
 * Why a program of a build failed, where that is where its requirements come from: the wheelhouse lacks one, or the build wanted a network that
 * it has not. `undefined` for every other reason.
 */
export function explainFailure(
  { network, wheelhouse }: Pick<BuildRun, 'network' | 'wheelhouse'>,
  tool: string,
  failed: FailedRun,
): Error | undefined {
  const lacking = wheelhouse === undefined ? undefined : lackingIn(failed.output, tool);
  if (wheelhouse !== undefined && lacking !== undefined) {
    return pythonErrors.error('WHEEL_WHEELHOUSE_LACKS', { ...failed, path: wheelhouse, requirement: lacking });
  }
  const attempt = network === 'open' ? undefined : attemptIn(failed.output);
  if (attempt === undefined || network === 'open') return undefined;
  const caller = callerIn(failed.output);
  return pythonErrors.error('WHEEL_NETWORK', { ...failed, attempt, ...(caller !== undefined && { caller }), tier: TIER_TEXTS[network] });
}
