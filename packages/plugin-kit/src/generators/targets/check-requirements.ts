import { normaliseDistribution } from '@waybill/artifacts';
import { readRequirementName } from '../../manifests';
import { generatorErrors } from '../generator-errors';
import { isObject, type JsonObject } from '../generator-tree';
import type { LocalDistributions } from './check-neighbours';
import type { ProjectFacts } from './project-facts';

interface Need {
  /** As the manifest has it. */
  text: string;
  /** Normalized. */
  name?: string | undefined;
}

/**
 * What a program needs of the index must be locked by hash: `OPTION_REQUIREMENTS` names the packages and the command, which finds packages of the
 * workspace in their folders.
 */
export function checkRequirements(project: ProjectFacts, local: LocalDistributions): void {
  if (project.lock !== undefined) return;
  const needed = [...projectNeeds(project), ...poetryNeeds(project)];
  const isLocal = ({ name }: Need): boolean => name !== undefined && local.has(name);
  const needs = needed.filter((one) => !isLocal(one)).map(({ text }) => text);
  const locals = withTheirNeeds(
    needed.filter(isLocal).map(({ name }) => name!),
    local,
  );
  if (needs.length > 0) throw generatorErrors.error('OPTION_REQUIREMENTS', { project: project.name, root: project.root, needs, locals });
}

/** Packages of the workspace, and those that they need in turn. */
function withTheirNeeds(names: readonly string[], local: LocalDistributions): readonly { name: string; root: string }[] {
  const found = new Set(names);
  // a set that grows while it is gone through
  for (const name of found) for (const need of local.get(name)!.needs) if (local.has(need)) found.add(need);
  return [...found].map((name) => ({ name, root: local.get(name)!.root }));
}

function projectNeeds({ pyproject }: ProjectFacts): readonly Need[] {
  const list = isObject(pyproject?.['project']) ? pyproject['project']['dependencies'] : undefined;
  const texts = Array.isArray(list) ? list.filter((text) => typeof text === 'string') : [];
  return texts.map((text) => ({ text, name: readRequirementName(text) }));
}

/** Where `[project]` has the dependencies, Poetry's own table only says where they come from. */
function poetryNeeds({ pyproject }: ProjectFacts): readonly Need[] {
  if (isObject(pyproject?.['project']) && Array.isArray(pyproject['project']['dependencies'])) return [];
  const poetry = tableIn(tableIn(pyproject, 'tool'), 'poetry');
  return Object.entries(tableIn(poetry, 'dependencies')).flatMap(([text, constraint]): Need[] => {
    const isOptional = isObject(constraint) && constraint['optional'] === true;
    return text === 'python' || isOptional ? [] : [{ text, name: normaliseDistribution(text) }];
  });
}

const tableIn = (table: JsonObject | undefined, key: string): JsonObject => {
  const value = table?.[key];
  return isObject(value) ? value : {};
};
