import { STAGES } from '@waybill/artifacts';
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
