import { normaliseDistribution } from '@waybill/artifacts';
import { parseWheelName, unconditionalRequirements } from '@waybill/distributions';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { bundleErrors } from '../errors/bundle-errors';
import type { InstalledDistribution } from './find-conflicts';

/**
 * Every wheel of the workspace (`wheels` are file names) finds what it requires without a condition among the `distributions` of the vendor folder:
 * a dependency that stands in pyproject.toml and in no lock would be missed where the bundle runs. What stands behind a marker depends on the
 * machine or on an extra, and versions are the lock's affair. All that is missing is one `WHEEL_DEPENDENCIES`.
 */
export async function checkRequirements(vendor: string, distributions: readonly InstalledDistribution[], wheels: readonly string[]): Promise<void> {
  const own = new Set(wheels.map((wheel) => normaliseDistribution(parseWheelName(wheel)!.distribution)));
  const installed = new Set(distributions.map(({ name }) => name));
  const lacking: string[] = [];
  for (const { name, distInfo } of distributions.filter((distribution) => own.has(distribution.name))) {
    const required = unconditionalRequirements(await readFile(join(vendor, distInfo, 'METADATA'), 'utf8'));
    const missing = required.filter((requirement) => !installed.has(normaliseDistribution(requirement)));
    if (missing.length > 0) lacking.push(`\`${name}\` requires ${missing.map((requirement) => `\`${requirement}\``).join(', ')}`);
  }
  if (lacking.length > 0) throw bundleErrors.error('WHEEL_DEPENDENCIES', { lacking });
}
