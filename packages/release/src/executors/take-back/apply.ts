import { isPrerelease } from '@waybill/artifacts';
import { parseOptions, type StageContext, type StageResult } from '@waybill/plugin-kit';
import { takeBackRelease } from '@waybill/publishing';
import { publishErrors } from '../../errors/publish-errors';
import { ownVersion } from '../../own-version';
import { checkIds, nameDestinations } from '../../publishing/choose-destinations';
import { createDestinations } from '../../publishing/create-destination';
import { worldOf } from '../../publishing/destination-world';
import { ledgerFiles } from '../../publishing/ledger-files';
import { withReleaseLocks } from '../../publishing/with-release-locks';
import { publishOptions } from '../publish/options';
import type { TakeBackOptions } from './options';
import type { TakeBackFacts, TakeBackPlan } from './plan';

type Context = StageContext<TakeBackOptions>;

const PUBLISH = '@waybill/release:publish';

/** Where releases of the project stand: as the target that publishes them says. */
export async function gatherTakeBack({ options, projectName, name, projectTargets, sourceDateEpoch }: Context): Promise<TakeBackFacts> {
  const target = projectTargets.find((one) => one.target === options.from && one.executor === PUBLISH);
  if (!target) throw publishErrors.error('PUBLISH_NO_TARGET', { project: projectName });
  const named = nameDestinations(parseOptions(publishOptions, target.options, `${projectName}:${target.target}`).to);
  const { only, release: version } = options;
  checkIds(named, { only, skip: [] });
  const release = {
    project: projectName,
    name,
    version,
    channel: isPrerelease(version) ? ('prerelease' as const) : ('stable' as const),
    sourceDateEpoch,
  };
  return { release, chosen: named.filter(({ id }) => only.length === 0 || only.includes(id)), waybill: await ownVersion() };
}

/** Each destination does what it allows. A step that is left to a person keeps the target `pending` until it is done. */
export async function applyTakeBack(context: Context, { facts }: TakeBackPlan): Promise<StageResult> {
  const { release, chosen, waybill } = facts;
  const destinations = await createDestinations(chosen, worldOf(context, { readOnly: false, waybill, files: [] }));
  const ports = { ledgers: ledgerFiles(context.workspaceRoot), nowMs: () => Date.now() };
  const request = { release, destinations, tool: waybill };
  const ends = await withReleaseLocks(context, destinations, () => takeBackRelease(request, ports));
  return {
    outcome: ends.some(({ taken }) => taken.outcome === 'pending') ? 'pending' : 'success',
    artifacts: [],
    facts: { release: release.version, destinations: ends.map(({ id, taken }) => ({ id, outcome: taken.outcome })) },
    findings: [],
    summary: ends.flatMap(({ id, taken }) => [`${id}: ${taken.outcome}`, ...taken.lines.map((line) => `  ${line}`)]),
  };
}
