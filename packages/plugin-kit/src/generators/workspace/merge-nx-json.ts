import { isDeepStrictEqual } from 'node:util';
import { NAMED_INPUTS, targetDefaults } from '../../targets/target-defaults';
import { generatorErrors } from '../generator-errors';
import { isObject, type JsonObject } from '../generator-tree';
import { hiddenKeys } from './target-default-keys';

export const PLUGIN = '@waybill/release';

/** nx.json with what Waybill needs. Pure: everything that stands there already is kept, and what differs from ours is said. */
export function mergeNxJson(before: JsonObject): { after: JsonObject; lines: readonly string[] } {
  const lines: string[] = [];
  const after = { ...before };
  addPlugin(after, lines);
  const inputs = addEntries(objectOf(before, 'namedInputs'), NAMED_INPUTS, 'namedInputs', lines);
  const defaults = addDefaults(objectOf(before, 'targetDefaults'), lines);
  return { after: { ...after, namedInputs: inputs, targetDefaults: defaults }, lines };
}

function objectOf(nxJson: JsonObject, key: string): JsonObject {
  const value = nxJson[key] ?? {};
  if (isObject(value)) return value;
  throw generatorErrors.error('FILE_JSON', { path: 'nx.json', reason: `\`${key}\` is no object`, fix: `write \`"${key}": {}\`` });
}

function addPlugin(nxJson: JsonObject, lines: string[]): void {
  const plugins = nxJson['plugins'] ?? [];
  if (!Array.isArray(plugins)) {
    throw generatorErrors.error('FILE_JSON', { path: 'nx.json', reason: '`plugins` is no list', fix: 'write `"plugins": []`' });
  }
  if (plugins.some((entry: unknown) => entry === PLUGIN || (isObject(entry) && entry['plugin'] === PLUGIN))) return;
  nxJson['plugins'] = [...(plugins as unknown[]), PLUGIN];
  lines.push(`+ nx.json: plugin ${PLUGIN} (dry runs of the whole chain; local Python dependencies)`);
}

function addEntries(present: JsonObject, ours: Readonly<Record<string, unknown>>, where: string, lines: string[]): JsonObject {
  const result = { ...present };
  for (const [key, value] of Object.entries(ours)) {
    if (present[key] === undefined) {
      result[key] = value;
      lines.push(`+ nx.json: ${where}.${key}`);
    } else if (!isDeepStrictEqual(present[key], value)) lines.push(`= nx.json: kept your ${where}.${key}; ours would be ${JSON.stringify(value)}`);
  }
  return result;
}

/** By executor. An entry of the user gets what it lacks; what it has stays. */
function addDefaults(present: JsonObject, lines: string[]): JsonObject {
  const result = { ...present };
  for (const [executor, ours] of Object.entries(targetDefaults())) {
    const theirs = present[executor];
    if (theirs === undefined || isObject(theirs)) {
      const merged = addEntries(theirs ?? {}, { ...ours }, `targetDefaults["${executor}"]`, theirs === undefined ? [] : lines);
      result[executor] = merged;
      if (theirs === undefined) lines.push(`+ nx.json: targetDefaults["${executor}"]`);
    } else lines.push(`= nx.json: kept your list targetDefaults["${executor}"]; it must give ${JSON.stringify(ours)}`);
  }
  for (const { key, executor } of hiddenKeys(present)) {
    lines.push(
      `! nx.json: targetDefaults["${key}"] does not reach targets of ${executor}: Nx takes the entry of the executor alone; release-targets writes it onto the targets, without cache, inputs and outputs`,
    );
  }
  return result;
}
