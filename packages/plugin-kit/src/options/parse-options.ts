import type { z } from 'zod';
import { pluginKitErrors } from '../errors/plugin-kit-errors';
import { knownNames } from './known-names';
import { nearestName } from './nearest-name';

type Issue = z.core.$ZodIssue;

/** Keys that Nx itself adds to an executor's options. */
const OF_NX = new Set(['_', '__overrides_unparsed__', 'verbose']);

/**
 * Options as the schema of an executor (or a generator) reads them; every problem at once, as `OPTION_INVALID`, or `OPTION_UNKNOWN` when only
 * unknown keys are wrong. `target` is `project:target`, or the name of the generator.
 */
export function parseOptions<Schema extends z.ZodType>(
  schema: Schema,
  raw: unknown,
  target: string,
  of: 'executor' | 'generator' = 'executor',
): z.output<Schema> {
  const given = withoutNxKeys(raw);
  // what zod compiles at the first use pays from the second on, and a task's options are read once
  const result = schema.safeParse(given, { jitless: true });
  if (result.success) return result.data;
  const issues = flatten(result.error.issues as readonly Issue[]);
  const problems = issues.flatMap((issue) => describeIssue(issue, given, schema));
  const names = issues.flatMap((issue) => (issue.code === 'unrecognized_keys' ? issue.keys.map((key) => pathText([...issue.path, key])) : []));
  if (issues.every((issue) => issue.code === 'unrecognized_keys')) {
    throw pluginKitErrors.error('OPTION_UNKNOWN', { target, names, problems, of });
  }
  throw pluginKitErrors.error('OPTION_INVALID', { target, problems, of });
}

function withoutNxKeys(raw: unknown): unknown {
  if (typeof raw !== 'object' || raw === null || Array.isArray(raw)) return raw ?? {};
  return Object.fromEntries(Object.entries(raw).filter(([key]) => !OF_NX.has(key)));
}

/** The issues of a union's closest branch say more than "no branch fits". */
function flatten(issues: readonly Issue[]): readonly Issue[] {
  return issues.flatMap((issue) => {
    if (issue.code !== 'invalid_union' || issue.errors.length === 0) return [issue];
    const depth = (branch: readonly Issue[]): number => Math.max(0, ...branch.map((item) => item.path.length));
    const closest = [...issue.errors].sort((one, other) => depth(other) - depth(one) || one.length - other.length)[0]!;
    if (depth(closest) === 0) return [issue];
    return flatten(closest.map((item) => ({ ...item, path: [...issue.path, ...item.path] }) as Issue));
  });
}

function describeIssue(issue: Issue, given: unknown, schema: z.ZodType): readonly string[] {
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.map((key) => {
      const near = nearestName(key, knownNames(schema, issue.path, given));
      return `\`${pathText([...issue.path, key])}\` is no option${near ? `; is \`${pathText([...issue.path, near])}\` meant?` : ''}`;
    });
  }
  return [`\`${pathText(issue.path) || 'options'}\`: expected ${expectedOf(issue)}; actual ${actualOf(valueAt(given, issue.path))}`];
}

function expectedOf(issue: Issue): string {
  switch (issue.code) {
    case 'invalid_type':
      return issue.expected === 'int' ? 'a whole number' : `${/^[aeiou]/.test(issue.expected) ? 'an' : 'a'} ${issue.expected}`;
    case 'invalid_value':
      return oneOf(issue.values);
    case 'invalid_union':
      return 'options' in issue && Array.isArray(issue.options) ? oneOf(issue.options) : lowerFirst(issue.message);
    case 'too_small':
      return `at least ${String(issue.minimum)}${unitOf(issue.origin)}`;
    case 'too_big':
      return `at most ${String(issue.maximum)}${unitOf(issue.origin)}`;
    case 'invalid_format':
      return issue.format === 'regex' ? `text that fits \`${issue.pattern ?? ''}\`` : `a valid ${issue.format}`;
    default:
      return lowerFirst(issue.message);
  }
}

const oneOf = (values: readonly unknown[]): string => `one of ${values.map((value) => `\`${String(value)}\``).join(', ')}`;
const unitOf = (origin: string): string => (origin === 'string' ? ' characters' : origin === 'array' ? ' items' : '');
const lowerFirst = (text: string): string => `${text.charAt(0).toLowerCase()}${text.slice(1)}`;

function actualOf(value: unknown): string {
  if (value === undefined) return 'nothing';
  const text = JSON.stringify(value) ?? String(value);
  return `\`${text.length > 80 ? `${text.slice(0, 80)}…` : text}\` (${Array.isArray(value) ? 'array' : value === null ? 'null' : typeof value})`;
}

function valueAt(root: unknown, path: readonly PropertyKey[]): unknown {
  return path.reduce<unknown>(
    (value, key) => (typeof value === 'object' && value !== null ? (value as Record<PropertyKey, unknown>)[key] : undefined),
    root,
  );
}

/** `runtime.url`, `allow[0].reason`. */
function pathText(path: readonly PropertyKey[]): string {
  return path.map((key, index) => (typeof key === 'number' ? `[${key}]` : `${index === 0 ? '' : '.'}${String(key)}`)).join('');
}
