/** schema.json of every executor and generator from its zod options. `--check` fails on drift. Needs `npm run build`. */
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { executorOptions, generatorOptions, reportDrift, writeOrCheck } from './executor-options.mjs';

const { z } = createRequire(import.meta.url)('zod');

/**
 * Nx validates schema.json before we see the options and answers a union with a useless sentence: unions and what hangs on them become
 * open values there; zod, which runs next, says exactly what is wrong.
 */
function withoutUnions(node) {
  if (Array.isArray(node)) return node.map(withoutUnions);
  if (node === null || typeof node !== 'object') return node;
  if (node.anyOf || node.oneOf || node.allOf) {
    const { anyOf, oneOf, allOf, ...rest } = node;
    const parts = [...(anyOf ?? []), ...(oneOf ?? []), ...(allOf ?? [])];
    const types = new Set(parts.map((part) => part.type));
    if (!types.has('object')) return rest;
    // Nx refuses an object for which the schema does not say `object` in so many words.
    return types.size === 1 ? { ...rest, type: 'object' } : { ...rest, anyOf: [{ type: 'object' }, { type: ['string', 'number', 'boolean'] }] };
  }
  return Object.fromEntries(Object.entries(node).map(([key, value]) => [key, withoutUnions(value)]));
}

/** Defaults belong to zod alone: a default that Nx fills in would hide that an option was not given. */
const withoutDefaults = (node) =>
  Array.isArray(node)
    ? node.map(withoutDefaults)
    : node !== null && typeof node === 'object'
      ? Object.fromEntries(
          Object.entries(node)
            .filter(([key, value]) => key !== 'default' || (typeof value === 'object' && value?.type))
            .map(([key, value]) => [key, withoutDefaults(value)]),
        )
      : node;

/** Nx refuses every object where a schema says `{}` of further properties; what says nothing of them lets them pass. */
const withoutAnyValues = (node) =>
  Array.isArray(node)
    ? node.map(withoutAnyValues)
    : node !== null && typeof node === 'object'
      ? Object.fromEntries(
          Object.entries(node)
            .filter(([key, value]) => key !== 'additionalProperties' || value === false || Object.keys(value).length > 0)
            .map(([key, value]) => [key, withoutAnyValues(value)]),
        )
      : node;

export function schemaOf({ schema, name, description }) {
  const { $schema: _draft, ...json } = z.toJSONSchema(schema, {
    target: 'draft-7',
    io: 'input',
    unrepresentable: 'any',
  });
  return {
    $schema: 'https://json-schema.org/schema',
    version: 2,
    title: name,
    description,
    ...withoutAnyValues(withoutDefaults(withoutUnions(json))),
  };
}

const check = process.argv.includes('--check');
const files = [...executorOptions(), ...generatorOptions()].map((row) => [
  join(row.folder, 'schema.json'),
  `${JSON.stringify(schemaOf(row), null, 2)}\n`,
]);
reportDrift(writeOrCheck(files, check), check, 'npm run schemas');
