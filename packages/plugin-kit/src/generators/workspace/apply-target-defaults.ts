import { matchNames, matchProjects } from '../../graph/match-names';
import { isObject, type JsonObject } from '../generator-tree';

/** A target as project.json has it. */
interface WrittenTarget {
  executor?: string | undefined;
  options?: unknown;
}

interface WrittenProject<Target> {
  root?: string;
  tags?: string[] | undefined;
  targets?: Readonly<Record<string, Target>> | undefined;
}

type Written<Target> = ReadonlyMap<string, WrittenProject<Target>>;

/**
 * Targets with the options (and the executor) that `targetDefaults` of nx.json gives them, as Nx runs them: the entry of the executor, else that of the
 * name, else the longest pattern. What stands on the target wins. A generator sees project.json alone.
 */
export function applyTargetDefaults<Target extends WrittenTarget>(projects: Written<Target>, targetDefaults: unknown): Written<Target> {
  if (!isObject(targetDefaults)) return projects;
  return new Map(
    [...projects].map(([project, { targets = {}, ...rest }]) => [
      project,
      {
        ...rest,
        targets: Object.fromEntries(
          Object.entries(targets).map(([name, target]) => [
            name,
            filled(target, defaultOf(targetDefaults, { project, root: rest.root ?? '', tags: rest.tags ?? [], name, executor: target.executor })),
          ]),
        ),
      },
    ]),
  );
}

function filled<Target extends WrittenTarget>(target: Target, byDefault: JsonObject): Target {
  const { executor = byDefault['executor'] as string | undefined } = target;
  // Nx merges nothing of a default for another executor.
  if (byDefault['executor'] !== undefined && byDefault['executor'] !== executor) return target;
  const options = { ...(isObject(byDefault['options']) && byDefault['options']), ...(isObject(target.options) && target.options) };
  return { ...target, ...(executor !== undefined && { executor }), ...(Object.keys(options).length > 0 && { options }) };
}

interface Place {
  project: string;
  root: string;
  tags: string[];
  name: string;
  executor?: string | undefined;
}

function defaultOf(targetDefaults: JsonObject, place: Place): JsonObject {
  const patterns = Object.keys(targetDefaults)
    .filter((key) => key !== place.name && !key.includes(':') && matchNames(key, [place.name]).length > 0)
    .sort((one, other) => other.length - one.length);
  for (const key of [...(place.executor === undefined ? [] : [place.executor]), place.name, ...patterns]) {
    const entries = entriesFor(targetDefaults[key], place);
    if (entries.length > 0) return entries.reduce((all, entry) => ({ ...all, ...entry, options: { ...optionsOf(all), ...optionsOf(entry) } }), {});
  }
  return {};
}

const optionsOf = ({ options }: JsonObject): JsonObject => (isObject(options) ? options : {});

/** One entry, or a list of entries with filters. A filter by plugin is for inferred targets, which project.json has not. */
const entriesFor = (value: unknown, { project, root, tags, executor }: Place): readonly JsonObject[] =>
  (Array.isArray(value) ? (value as unknown[]) : [value]).filter(isObject).filter(({ filter }) => {
    if (!isObject(filter)) return true;
    const { projects, executor: asked, plugin } = filter;
    const names = projects === undefined ? undefined : [projects].flat().filter((name) => typeof name === 'string');
    const graph = { nodes: { [project]: { name: project, data: { root, tags } } }, dependencies: {} };
    return (names === undefined || matchProjects(names, graph).length > 0) && plugin === undefined && (asked === undefined || asked === executor);
  });
