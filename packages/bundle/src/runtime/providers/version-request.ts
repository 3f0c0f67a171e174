import { pythonFits } from '@waybill/distributions';
import { bundleErrors } from '../../errors/bundle-errors';

/** Does a version of CPython fit what was asked for? `OPTION_RUNTIME_VERSION` when that is neither a version nor specifiers. */
export function versionFits(actual: string, wanted: string): boolean {
  const fits = pythonFits(actual, wanted);
  if (fits === undefined) throw bundleErrors.error('OPTION_RUNTIME_VERSION', { value: wanted });
  return fits;
}
