import { isDeepStrictEqual } from 'node:util';
import type { NxDependsOn, NxTarget } from '../../nx-context';
import { generatorErrors } from '../generator-errors';
import { isObject, type JsonObject } from '../generator-tree';
import { destinationsOf, PUBLISH, type Destinations } from './destination-options';
import { PUBLISH_TARGET, type PlannedTarget } from './plan-targets';
import { signingOf, withSigning, type Signing } from './signing-options';

type Targets = Readonly<Record<string, NxTarget & JsonObject>>;

export interface MergeRequest {
  project: string;
  file: string;
  present: Targets;
  /** Names of package.json's scripts, of which Nx makes targets. */
  scripts: readonly string[];
  planned: Readonly<Record<string, PlannedTarget>>;
  /** What `targetDefaults` by target name says, which the default of our executor hides. */
  hiddenDefaults(target: string): JsonObject;
  /** Asked for now: replaces the signing that targets have. */
  signing?: Signing;
  /** Asked for now: replaces where targets publish to, unless the user changed it. */
  destinations?: Destinations;
}

export interface Merged {
  targets: Targets;
  lines: readonly string[];
}

/** Plans of targets added to those that are there. Pure. What the user changed stays, but for a signing that is asked for. `GRAPH_TARGET_TAKEN`. */
export function mergeTargets(request: MergeRequest): Merged {
  refuseTaken(request);
  const { present, planned, hiddenDefaults, file } = request;
  const targets: Record<string, NxTarget & JsonObject> = { ...present };
  const [added, updated, kept]: [string[], string[], string[]] = [[], [], []];
  for (const [name, plan] of Object.entries(planned)) {
    const wanted = withHidden(plan, hiddenDefaults(name));
    const before = present[name];
    if (before === undefined) {
      targets[name] = wanted;
      added.push(name);
      continue;
    }
    const after = repeatsPublish(name, before, request) ? withoutOptions(before) : updatedTarget(before, wanted, request);
    if (!isDeepStrictEqual(after, before)) {
      targets[name] = after;
      updated.push(name);
    } else if (!isDeepStrictEqual(sorted(before), sorted(wanted))) kept.push(name);
  }
  return {
    targets,
    lines: [
      ...line('+', file, added),
      ...line('+', `${file}, changed`, updated),
      ...line('=', 'kept as you changed them', kept),
      ...kept.filter((name) => publishesElsewhere(name, targets)).map(elsewhereHint),
    ],
  };
}

/** Takes out what is still as it was written. Pure. */
export function removeTargets({ present, planned, hiddenDefaults, file }: MergeRequest): Merged {
  const ours = Object.keys(planned).filter((name) => present[name]?.executor === planned[name]!.executor);
  const same = ours.filter((name) => {
    const own = hasWrittenPlaces(name, present[name]!) ? withoutOptions(present[name]!) : present[name]!;
    const signing = signingOf(own.options);
    const plan = planned[name]!;
    const asWritten =
      plan.options !== undefined && signing && signingOf(plan.options) ? { ...plan, options: withSigning(plan.options, signing) } : plan;
    return isDeepStrictEqual(sorted(own), sorted(withHidden(asWritten, hiddenDefaults(name))));
  });
  const targets = Object.fromEntries(Object.entries(present).filter(([name]) => !same.includes(name)));
  const changed = ours.filter((name) => !same.includes(name));
  return { targets, lines: [...line('-', file, same), ...line('=', 'kept as you changed them', changed)] };
}

function refuseTaken({ project, present, scripts, planned }: MergeRequest): void {
  const taken = Object.entries(planned).flatMap(([name, { executor }]) => {
    const holder = present[name];
    if (holder) return holder.executor === executor ? [] : [`\`${name}\`: ${holder.executor ?? String(holder['command'] ?? 'no executor')}`];
    return scripts.includes(name) ? [`\`${name}\`: a script of package.json`] : [];
  });
  if (taken.length > 0) throw generatorErrors.error('GRAPH_TARGET_TAKEN', { project, taken });
}

/** Keys that ours must decide: what else stands in the user's defaults by target name, Nx would not apply, so it stands on the target. */
const OURS: readonly string[] = ['executor', 'command', 'cache', 'inputs', 'outputs'];

function withHidden(plan: PlannedTarget, hidden: JsonObject): NxTarget & JsonObject {
  const { options, dependsOn, ...rest } = Object.fromEntries(Object.entries(hidden).filter(([key]) => !OURS.includes(key)));
  const more = (Array.isArray(dependsOn) ? (dependsOn as NxDependsOn[]) : []).filter((entry) => !plan.dependsOn.includes(entry));
  const merged = { ...(isObject(options) && options), ...plan.options };
  return { ...rest, ...plan, dependsOn: [...plan.dependsOn, ...more], ...(Object.keys(merged).length > 0 && { options: merged }) };
}

function updatedTarget(before: NxTarget & JsonObject, wanted: NxTarget & JsonObject, request: MergeRequest): NxTarget & JsonObject {
  const { signing, destinations } = request;
  const publishes = destinationsOf(wanted.options) !== undefined && destinationsOf(before.options) !== undefined;
  if (destinations !== undefined && publishes) return { ...before, options: { to: destinations } };
  const isSigning = signing !== undefined && signingOf(wanted.options) !== undefined;
  if (!isSigning || isDeepStrictEqual(signingOf(before.options), signing)) return before;
  return { ...before, options: withSigning(before.options, signing) };
}

/** Places as earlier versions of the generator wrote them, for a target that takes those of `publish` today. */
const hasWrittenPlaces = (name: string, { executor, options }: NxTarget): boolean =>
  name !== PUBLISH_TARGET && executor === PUBLISH && destinationsOf(options) !== undefined;

/** Says again what `publish` says, and does the same without. Other places are no repetition, unless new ones replace both. */
function repeatsPublish(name: string, before: NxTarget, { present, destinations }: MergeRequest): boolean {
  const options = present[PUBLISH_TARGET]?.options;
  if (name === PUBLISH_TARGET || before.executor !== PUBLISH || options === undefined) return false;
  const replaced = destinations !== undefined && destinationsOf(options) !== undefined && hasWrittenPlaces(name, before);
  return replaced || isDeepStrictEqual(options, before.options);
}

const publishesElsewhere = (name: string, targets: Targets): boolean =>
  name !== PUBLISH_TARGET && targets[name]!.executor === PUBLISH && targets[name]!.options?.['to'] !== undefined;

const elsewhereHint = (name: string): string => `! ${name} has places of its own: take out its \`to\`, and it goes where \`${PUBLISH_TARGET}\` goes`;

function withoutOptions(target: NxTarget & JsonObject): NxTarget & JsonObject {
  const { options: _options, ...rest } = target;
  return rest;
}

const line = (sign: string, where: string, names: readonly string[]): readonly string[] =>
  names.length === 0 ? [] : [`${sign} ${where}: ${names.join(', ')}`];

/** The order of keys says nothing. */
const sorted = (value: object): object => Object.fromEntries(Object.entries(value).sort(([one], [other]) => (one < other ? -1 : 1)));
