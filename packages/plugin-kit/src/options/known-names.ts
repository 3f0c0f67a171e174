import { fieldOf } from '@waybill/core';
import type { z } from 'zod';

/** What is read of zod's own description of a schema (`_zod.def`). */
interface Definition {
  /** Of an object. */
  shape?: Readonly<Record<string, z.core.$ZodType>>;
  /** Of a default, of what is optional. */
  innerType?: z.core.$ZodType;
  /** Of what is transformed. */
  in?: z.core.$ZodType;
  /** Of a list. */
  element?: z.core.$ZodType;
  /** Of a union. */
  options?: readonly z.core.$ZodType[];
  discriminator?: string;
  /** Of a literal. */
  values?: readonly unknown[];
}
const definitionOf = (schema: z.core.$ZodType): Definition => schema._zod.def as Definition;

/** Names of options at a place of a schema, also within lists and unions: of a union those of the branch that `given` names, else of all. */
export function knownNames(schema: z.core.$ZodType, path: readonly PropertyKey[], given: unknown): readonly string[] {
  const branches = branchesOf(schema, given);
  const [key, ...rest] = path;
  if (key === undefined) return branches.flatMap(({ shape = {} }) => Object.keys(shape));
  const inner = fieldOf(given, key);
  return branches.flatMap(({ shape, element }) => {
    const next = typeof key === 'number' ? element : shape?.[String(key)];
    return next === undefined ? [] : knownNames(next, rest, inner);
  });
}

/** Without what stands around them. */
function branchesOf(schema: z.core.$ZodType, given: unknown): readonly Definition[] {
  const definition = definitionOf(schema);
  const { innerType, in: input, options, discriminator } = definition;
  const inner = innerType ?? input;
  if (inner !== undefined) return branchesOf(inner, given);
  if (options === undefined) return [definition];
  const all = options.flatMap((option) => branchesOf(option, given));
  const named = all.filter(({ shape }) => {
    const literal = discriminator === undefined ? undefined : shape?.[discriminator];
    return literal !== undefined && definitionOf(literal).values?.includes(fieldOf(given, discriminator!)) === true;
  });
  return named.length > 0 ? named : all;
}
