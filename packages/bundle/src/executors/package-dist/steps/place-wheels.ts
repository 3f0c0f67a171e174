import type { PrunedEntry } from '@waybill/artifacts';
import { isOffline, UV, type Finding } from '@waybill/core';
import type { StageContext } from '@waybill/plugin-kit';
import { existsSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { checkRequirements, cleanVendor, installWheels, isOfWheels, readDistributions, type VendorContents } from '../../../requirements';
import type { PackageDistOptions } from '../options';
import type { PackagePlan } from '../plan';
import { VENDOR } from './bundle-places';

export interface PlacedWheels {
  distributions: VendorContents['distributions'];
  /** What of the wheels stayed out, by its path in the bundle. */
  pruned: readonly PrunedEntry[];
  findings: readonly Finding[];
}

const NO_WHEELS: PlacedWheels = { distributions: [], pruned: [], findings: [] };

/** Installs the lock and the workspace's wheels into `vendor` (absolute), then takes out what holds only on this machine. `python` (absolute) answers what markers mean. */
export async function placeWheels(
  context: StageContext<PackageDistOptions>,
  plan: PackagePlan,
  place: { vendor: string; scratch: string; python: string | undefined },
): Promise<PlacedWheels> {
  const { lock, wheels, platform, runtime } = plan.facts;
  const { vendor } = place;
  if ((lock?.requirements.length ?? 0) === 0 && wheels.length === 0) return NO_WHEELS;
  await mkdir(place.scratch, { recursive: true });
  await installWheels({
    vendor,
    scratch: place.scratch,
    workspaceRoot: context.workspaceRoot,
    ...(lock === undefined ? {} : { lock }),
    wheels,
    ...(place.python === undefined ? {} : { python: place.python }),
    series: runtime.from === 'machine' ? runtime.facts.series : runtime.prepared.facts.series,
    platform,
    uv: context.resolvedTools[UV.id] ?? (await context.tools.resolve(UV)),
    processes: context.processes,
    environment: context.toolEnvironment,
    timeoutMs: context.timeoutMs,
    offline: isOffline(context.environment),
  });
  if (!existsSync(vendor)) return NO_WHEELS;
  const installed = await readDistributions(vendor);
  await checkRequirements(
    vendor,
    installed,
    wheels.map(({ name }) => name),
  );
  const { distributions, conflicts, removed } = await cleanVendor(vendor, installed, context.options.prune.drop.filter(isOfWheels));
  const findings = conflicts.map(({ path, distributions: names }): Finding => ({
    check: 'wheels',
    level: 'info',
    path: `${VENDOR}/${path}`,
    message: `installed by ${names.map((name) => `\`${name}\``).join(' and ')}, with the same content`,
  }));
  return { distributions, pruned: removed.map(({ path, reason }) => ({ path: `${VENDOR}/${path}`, reason })), findings };
}
