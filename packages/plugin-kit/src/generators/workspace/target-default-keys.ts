import { isDeepStrictEqual } from 'node:util';
import { STAGES } from '@waybill/artifacts';
import { matchNames } from '../../graph/match-names';
import { matchGlob } from '../../inputs/match-filesets';
import { isObject, type JsonObject } from '../generator-tree';

/** Names that targets of a stage have: the stage's own, with a system behind it for the stages of systems, and for further wheels. */
const SAMPLES = STAGES.filter(({ executor }) => executor.startsWith('@waybill/')).flatMap(({ stage, executor, perSystem }) => {
  const names = perSystem ? ['linux', 'macos', 'windows'].map((os) => `${stage}-${os}`) : [stage];
  return [...names, ...(stage === 'publish' ? ['nx-release-publish'] : [])].map((name) => ({ name, executor }));
});

/** Keys by target name (globs too) in `targetDefaults`, that the entry of our executor hides: Nx takes the executor's and looks no further. */
export function hiddenKeys(targetDefaults: JsonObject): readonly { key: string; executor: string }[] {
  return Object.keys(targetDefaults)
    .filter((key) => !key.includes(':'))
    .flatMap((key) => {
      const hidden = SAMPLES.find(({ name }) => matchGlob(key, name));
      return hidden ? [{ key, executor: hidden.executor }] : [];
    });
}

/** What the user's entries by name say for this target, the exact name last. Lists with filters are Nx's to apply, and are left out. */
export function defaultsByName(targetDefaults: unknown, target: string): JsonObject {
  if (!isObject(targetDefaults)) return {};
  const keys = Object.keys(targetDefaults).filter((key) => !key.includes(':') && key !== target && matchGlob(key, target));
  return Object.assign({}, ...[...keys, target].map((key) => targetDefaults[key]).filter(isObject)) as JsonObject;
}

/**
 * What of the user's entries by name has to stand on a target of ours, because Nx would not apply it: everything for a target whose executor has an
 * entry; for an aggregate (`nx:noop`) its dependencies, since those of the target replace them. Nx passes over dependencies on targets that a project
 * lacks, our executors refuse them: those go to `left`.
 */
export function hiddenDefaults(targetDefaults: unknown, target: string, isAggregate: boolean, own: readonly string[]): HiddenDefaults {
  const { dependsOn, ...rest } = defaultsByName(targetDefaults, target);
  const entries: readonly unknown[] = Array.isArray(dependsOn) ? dependsOn : [];
  const left = entries.filter((entry) => namesNothing(entry, own));
  const kept = entries.filter((entry) => !left.includes(entry));
  return { defaults: { ...(!isAggregate && rest), ...(kept.length > 0 && { dependsOn: kept }) }, left };
}

/** Keys of a default by name that a target of ours, as Nx sees it, has nothing of. A value of its own counts: the target's would win anyhow. */
export function missingOf(byName: JsonObject, target: Readonly<Record<string, unknown>>, own: readonly string[]): readonly string[] {
  return Object.entries(byName).flatMap(([key, value]) => {
    const has = target[key];
    if (key === 'options' && isObject(value)) {
      const options = isObject(has) ? has : {};
      return Object.keys(value).flatMap((name) => (options[name] === undefined ? [`options.${name}`] : []));
    }
    if (key === 'dependsOn' && Array.isArray(value)) {
      const present: readonly unknown[] = Array.isArray(has) ? has : [];
      return value.every((entry) => namesNothing(entry, own) || present.some((item) => isDeepStrictEqual(item, entry))) ? [] : [key];
    }
    return has === undefined || (DECIDED.includes(key) && !isDeepStrictEqual(has, value)) ? [key] : [];
  });
}

/** Our defaults have them, so a value on a target need not be the user's. */
const DECIDED: readonly string[] = ['cache', 'inputs', 'outputs', 'parallelism'];

export interface HiddenDefaults {
  defaults: JsonObject;
  /** Entries of `dependsOn`. */
  left: readonly unknown[];
}

/** A target of the project itself that is not there. `^target`, `project:target` and other projects are not looked up. */
function namesNothing(entry: unknown, own: readonly string[]): boolean {
  const { target, projects, dependencies } = isObject(entry) ? entry : { target: entry };
  if (typeof target !== 'string' || dependencies === true || (projects !== undefined && projects !== 'self')) return false;
  return !/[\^:]/.test(target) && matchNames(target, own).length === 0;
}
