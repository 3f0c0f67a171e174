import { isPrerelease } from '@waybill/artifacts';
import { allTags, namesVersion, parseOptions, tagFormsOfName, type StageContext, type StageResult } from '@waybill/plugin-kit';
import { lookAtRelease, refuseFaults, takeBackRelease } from '@waybill/publishing';
import { publishErrors } from '../../errors/publish-errors';
import { ownVersion } from '../../own-version';
import { checkIds, nameDestinations, type NamedDestination } from '../../publishing/choose-destinations';
import { createDestinations, missingCredentials, secretVariables } from '../../publishing/create-destination';
import { worldOf } from '../../publishing/destination-world';
import { ledgerFiles } from '../../publishing/ledger-files';
import { withReleaseLocks } from '../../publishing/with-release-locks';
import { wholePublishOptions } from '../publish/options';
import type { TakeBackOptions } from './options';
import type { TakeBackFacts, TakeBackPlan } from './plan';

type Context = StageContext<TakeBackOptions>;

const PUBLISH = '@waybill/release:publish';

/** Of the destinations of the target that publishes. One whose options cannot be read reaches no destination. */
export function secretsOfTakeBack({ from }: TakeBackOptions, projectTargets: Context['projectTargets']): readonly string[] {
  const target = projectTargets.find((one) => one.target === from && one.executor === PUBLISH);
  const read = wholePublishOptions.safeParse(target?.options);
  return read.success ? secretVariables(read.data.to) : [];
}

/** Where releases of the project stand: as the target that publishes them says. */
export async function gatherTakeBack(context: Context): Promise<TakeBackFacts> {
  const { options, projectName, projectTargets, sourceDateEpoch } = context;
  const target = projectTargets.find((one) => one.target === options.from && one.executor === PUBLISH);
  if (!target) throw publishErrors.error('PUBLISH_NO_TARGET', { project: projectName });
  const publish = parseOptions(wholePublishOptions, target.options, `${projectName}:${target.target}`);
  const named = nameDestinations(publish.to);
  const name = publish.name ?? context.name;
  const { only, release: version } = options;
  checkIds(named, { only, skip: [] });
  const tag = await tagOf(context, name, version);
  const release = {
    project: projectName,
    name,
    version,
    channel: isPrerelease(version) ? ('prerelease' as const) : ('stable' as const),
    ...(tag !== undefined && { tag }),
    sourceDateEpoch,
  };
  const facts = { release, chosen: named.filter(({ id }) => only.length === 0 || only.includes(id)), waybill: await ownVersion() };
  return context.dryRun ? { ...facts, standing: await lookAround(context, facts) } : facts;
}

/** What stands at each destination, with a client that cannot write. One whose credential is not there is not asked, and says so. */
async function lookAround(context: Context, { release, chosen, waybill }: TakeBackFacts): Promise<ReadonlyMap<string, string>> {
  const world = worldOf(context, { readOnly: true, waybill, files: [] });
  const lacks = (destination: NamedDestination): readonly string[] => missingCredentials(destination, world).map(({ variable }) => variable);
  const { destinations, faults } = await createDestinations(
    chosen.filter((destination) => lacks(destination).length === 0),
    world,
  );
  refuseFaults(faults);
  const seen = await lookAtRelease(release, destinations, ledgerFiles(context.workspaceRoot));
  const unasked = chosen.flatMap((destination) => {
    const missing = lacks(destination);
    return missing.length === 0 ? [] : [{ id: destination.id, says: `not asked what stands there: ${missing.join(' and ')} not set` }];
  });
  return new Map([...seen, ...unasked].map(({ id, says }) => [id, says]));
}

/** The release tag, wherever in the history it stands. */
async function tagOf({ processes, workspaceRoot, toolEnvironment, tagForms }: Context, name: string, wanted: string): Promise<string | undefined> {
  const tags = await allTags({ processes, workspaceRoot, environment: toolEnvironment }, [...tagFormsOfName(name), ...tagForms]);
  return tags.find(namesVersion(wanted))?.tag;
}

/** Each destination does what it allows. A step that is left to a person keeps the target `pending` until it is done. */
export async function applyTakeBack(context: Context, { facts }: TakeBackPlan): Promise<StageResult> {
  const { release, chosen, waybill } = facts;
  const { destinations, faults } = await createDestinations(chosen, worldOf(context, { readOnly: false, waybill, files: [] }));
  refuseFaults(faults);
  const ports = { ledgers: ledgerFiles(context.workspaceRoot), nowMs: () => Date.now() };
  const request = { release, destinations, tool: waybill };
  const ends = await withReleaseLocks(context, destinations, () => takeBackRelease(request, ports));
  if (ends.every(({ taken, known }) => taken.outcome === 'absent' && !known)) {
    const lines = ends.flatMap(({ id, taken }) => taken.lines.map((line) => `${id}: ${line}`));
    throw publishErrors.error('PUBLISH_NOT_THERE', { version: release.version, lines });
  }
  return {
    outcome: ends.some(({ taken }) => taken.outcome === 'pending') ? 'pending' : 'success',
    artifacts: [],
    facts: { release: release.version, destinations: ends.map(({ id, taken }) => ({ id, outcome: taken.outcome })) },
    findings: [],
    summary: ends.flatMap(({ id, taken }) => [`${id}: ${taken.outcome}`, ...taken.lines.map((line) => `  ${line}`)]),
  };
}
