import { CHECKS, type CheckId } from '@waybill/relocation';
import { bundleErrors } from '../errors/bundle-errors';
import type { IsolationClass } from '../isolation';

/** What `prove` was asked for. Paths as given. */
export interface ProveArguments {
  target: string;
  launcher?: string;
  hide: string[];
  expectPython?: string;
  expectGlibc?: string;
  command?: string[];
  imports: string[];
  checks?: CheckId[];
  isolation: 'strongest' | IsolationClass;
  minIsolation: IsolationClass;
  platform?: string;
  libc: string[];
  second?: string;
  /** Limit of each run of the bundle. */
  timeoutMs?: number;
  json: boolean;
}

const VERSION = /^(==|>=|<=|~=|<|>|!=)?\s*\d+(\.\d+)*(\.\*)?(\s*,\s*(==|>=|<=|~=|<|>|!=)?\s*\d+(\.\d+)*(\.\*)?)*$/;
const CLASSES: readonly IsolationClass[] = ['namespace', 'rename', 'copy'];

interface OptionRow {
  name: string;
  /** As in the usage. */
  value?: string;
  about: string;
  set(into: ProveArguments, value: string, argument: string): void;
}

const refuse = (argument: string, expected: string): never => {
  throw bundleErrors.error('OPTION_VALUE', { argument, expected });
};
const oneOf = <T extends string>(value: string, allowed: readonly T[], argument: string): T =>
  allowed.includes(value as T) ? (value as T) : refuse(argument, `one of ${allowed.map((word) => `\`${word}\``).join(', ')}`);
const version = (value: string, argument: string): string => (VERSION.test(value) ? value : refuse(argument, 'a version (`3.11`, `>=3.10`)'));

/** Every option of `prove`; the usage is made from it. */
export const PROVE_OPTIONS: readonly OptionRow[] = [
  {
    name: 'launcher',
    value: 'F',
    about: 'path in the bundle of what users start; found by content when absent',
    set: (into, value) => (into.launcher = value),
  },
  {
    name: 'hide',
    value: 'P',
    about: 'one more path to hide, and not to be named in any file (repeatable)',
    set: (into, value, argument) => into.hide.push(value.startsWith('/') ? value : refuse(argument, 'an absolute path')),
  },
  {
    name: 'expect-python',
    value: 'V',
    about: 'version of Python that must answer',
    set: (into, value, argument) => (into.expectPython = version(value, argument)),
  },
  {
    name: 'expect-glibc',
    value: 'V',
    about: 'highest glibc that files may need',
    set: (into, value, argument) => (into.expectGlibc = /^\d+\.\d+$/.test(value) ? value : refuse(argument, 'a version of two parts (`2.28`)')),
  },
  {
    name: 'command',
    value: 'A',
    about: 'argument of the launcher that starts Python and answers (repeatable; default `--smoke-python`, whose answer is JSON)',
    set: (into, value) => (into.command ??= []).push(value),
  },
  { name: 'import', value: 'M', about: 'module that must load (repeatable)', set: (into, value) => into.imports.push(value) },
  { name: 'check', value: 'C', about: 'run this check only (repeatable)', set: (into, value) => (into.checks ??= []).push(checkId(value)) },
  {
    name: 'isolation',
    value: 'I',
    about: 'strongest, namespace, rename or copy',
    set: (into, value, argument) => (into.isolation = oneOf(value, ['strongest', ...CLASSES], argument)),
  },
  {
    name: 'min-isolation',
    value: 'I',
    about: 'fail below this (default namespace)',
    set: (into, value, argument) => (into.minIsolation = oneOf(value, CLASSES, argument)),
  },
  {
    name: 'platform',
    value: 'P',
    about: 'what the bundle is made for; default: its manifest, else this machine',
    set: (into, value) => (into.platform = value),
  },
  { name: 'libc', value: 'D', about: 'folder or .deb of another libc6 to run on (repeatable)', set: (into, value) => into.libc.push(value) },
  { name: 'second', value: 'A', about: 'a second packaging that must have the same bytes', set: (into, value) => (into.second = value) },
  {
    name: 'timeout-ms',
    value: 'N',
    about: 'longest time of one run of the bundle, in milliseconds (default 120000)',
    set: (into, value, argument) =>
      (into.timeoutMs = /^[1-9]\d{3,7}$/.test(value) ? Number(value) : refuse(argument, 'milliseconds, from 1000 to 99999999')),
  },
];

function checkId(value: string): CheckId {
  const row = CHECKS.find(({ id }) => id === value);
  if (!row) throw bundleErrors.error('OPTION_CHECK', { check: value, known: CHECKS.map(({ id }) => id) });
  return row.id;
}

/** Arguments behind `prove`, checked; `OPTION_ARGUMENT` names what is not known. */
export function parseProveArguments(args: readonly string[]): ProveArguments {
  const parsed: ProveArguments = { target: '', hide: [], imports: [], isolation: 'strongest', minIsolation: 'namespace', libc: [], json: false };
  const targets: string[] = [];
  for (const argument of args) {
    if (argument === '--json') parsed.json = true;
    else if (argument.startsWith('--')) setOption(parsed, argument);
    else targets.push(argument);
  }
  if (targets.length !== 1 || targets[0]!.startsWith('-')) refuse(targets[1] ?? targets[0] ?? '<folder|archive>', 'exactly one folder or archive');
  return { ...parsed, target: targets[0]! };
}

function setOption(parsed: ProveArguments, argument: string): void {
  const [, name = '', value] = /^--([a-z-]+)(?:=(.*))?$/s.exec(argument) ?? [];
  const row = PROVE_OPTIONS.find((option) => option.name === name);
  if (!row) throw bundleErrors.error('OPTION_ARGUMENT', { argument, known: [...PROVE_OPTIONS.map((option) => `--${option.name}=…`), '--json'] });
  if (value === undefined || value === '') refuse(argument, `\`--${name}=<${row.value ?? 'value'}>\``);
  row.set(parsed, value!, argument);
}

export function proveUsage(): string {
  const options = [
    ...PROVE_OPTIONS.map(({ name, value, about }) => `  --${`${name}=${value}`.padEnd(20)} ${about}`),
    `  --${'json'.padEnd(20)} print the findings as JSON, and nothing else`,
  ];
  return [
    'usage: npx @waybill/bundle prove <folder|archive> [options]',
    '',
    'Proves that a bundle of any origin runs on any machine. Exit code 0: it holds, 1: it does not, 2: it could not be proved.',
    '',
    ...options,
    '',
  ].join('\n');
}
