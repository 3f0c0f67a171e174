import { shellCommands } from './shell-commands';

const VARIABLE = 'LD_LIBRARY_PATH';
/** Launchers are some kilobytes; a hostile text of any size would take any time. */
const MOST_CHARACTERS = 65_536;

/** What a shell launcher does with LD_LIBRARY_PATH before it starts the program. */
export interface LauncherScript {
  /** What the caller set is not seen by the program. */
  cleared: boolean;
  /** Values that the program may see, as written. */
  values: readonly string[];
}

/** A simple command, with what `exec`, `env` and their like do before they start it. */
interface Started {
  words: readonly string[];
  /** By `exec`: nothing comes after it. */
  replaces: boolean;
  environment: Change[];
}

type Change = { kind: 'removed' } | { kind: 'set'; value: string };

/** Reads a launcher’s text. A value that is given to another command than the program does not count; nothing is expanded, so conditions and functions count as run. */
export function readLauncherScript(text: string): LauncherScript {
  const commands = shellCommands(text.slice(0, MOST_CHARACTERS)).map(unwrap);
  const exports = commands.some(({ words: [command, ...rest] }) => isExport(command) && rest.includes(VARIABLE));
  let ofShell = false;
  const values: string[] = [];
  const runs: boolean[] = [];
  const others: boolean[] = [];
  const named = commands.some(runsProgram);
  for (const command of commands) {
    const changes = ofWholeShell(command);
    if (changes) {
      ofShell = isCleared(changes, ofShell);
      if (exports || isExport(command.words[0])) values.push(...valuesOf(changes));
      continue;
    }
    const isRun = runsProgram(command);
    (isRun ? runs : others).push(isCleared(command.environment, ofShell));
    if (isRun || !named) values.push(...valuesOf(command.environment));
  }
  const cleared = named ? runs.every(Boolean) : others.some(Boolean) || ofShell;
  return { cleared, values };
}

const isExport = (command: string | undefined): boolean => /^(export|declare|typeset|readonly)$/.test(command ?? '');
const valuesOf = (changes: readonly Change[]): string[] =>
  changes.flatMap((change) => (change.kind === 'set' && change.value !== '' ? [change.value] : []));

/** Is the caller’s value out of the way after the changes? A value that repeats the variable has what the shell has, which expands it. */
function isCleared(changes: readonly Change[], ofShell: boolean): boolean {
  const last = changes.at(-1);
  if (last === undefined) return ofShell;
  if (last.kind === 'removed') return true;
  if (new RegExp(`\\$\\{?${VARIABLE}\\b`).test(last.value)) return ofShell;
  return last.value === '' || /^(?:\/|\$\{?\w+\}?\/|\$\(.*\)\/|`.*`\/)/s.test(last.value);
}

/** Changes of the shell’s own variable: they hold for everything that comes behind. */
function ofWholeShell({ words, environment }: Started): Change[] | undefined {
  const [command, ...rest] = words;
  if (command === undefined) return environment.length > 0 ? environment : undefined;
  if (command === 'unset') return rest.includes('-f') || !rest.includes(VARIABLE) ? undefined : [{ kind: 'removed' }];
  if (!isExport(command)) return undefined;
  const changes = rest.flatMap(assigned);
  return changes.length > 0 ? changes : undefined;
}

/** It takes over the launcher, or gets the caller’s arguments. A script that starts itself anew by another shell is not the program. */
function runsProgram({ words, replaces }: Started): boolean {
  const [command] = words;
  if (command === undefined || words.some((word) => /^\$(?:0|\{0\}|\{?BASH_SOURCE.*)$/.test(word))) return false;
  if (replaces) return true;
  return /[/$]/.test(command) && !/^\$\{?[@*]/.test(command) && words.slice(1).some((word) => /^\$(?:[@*]|\{(?:[@*]|1\+))/.test(word));
}

/** Options of the programs that start another one; the value behind it is the option’s own. */
const STARTERS: Readonly<Record<string, RegExp>> = {
  exec: /^-[cl]*a$/,
  command: /^$/,
  builtin: /^$/,
  nohup: /^$/,
  setsid: /^$/,
  nice: /^(?:-n|--adjustment)$/,
  ionice: /^(?:-[cn]|--class(?:data)?)$/,
  stdbuf: /^(?:-[ioe]|--(?:input|output|error))$/,
  env: /^(?:-[uC]|--(?:unset|chdir))$/,
};

function unwrap(given: readonly string[]): Started {
  const environment: Change[] = [];
  let words = given;
  let replaces = false;
  for (;;) {
    const named = words.findIndex((word) => !/^\w+\+?=/.test(word));
    const assignments = words.slice(0, named < 0 ? words.length : named);
    environment.push(...assignments.flatMap(assigned));
    words = words.slice(assignments.length);
    const starter = (words[0] ?? '').replace(/^\/(?:usr\/)?bin\//, '');
    const valued = Object.hasOwn(STARTERS, starter) ? STARTERS[starter] : undefined;
    if (!valued) return { words, replaces, environment };
    replaces ||= starter === 'exec';
    words = passOptions(starter, valued, words.slice(1), environment);
  }
}

/** What stands behind the options of `exec`, `env`…; what they do to the variable is added to `environment`. */
function passOptions(starter: string, valued: RegExp, words: readonly string[], environment: Change[]): readonly string[] {
  let at = 0;
  for (; words[at]?.startsWith('-'); at += 1) {
    const option = words[at]!;
    if (option === '--') return words.slice(at + 1);
    if (empties(starter, option, words[at + 1])) environment.push({ kind: 'removed' });
    if (starter === 'command' && /^-[vV]/.test(option)) return [];
    if (valued.test(option)) at += 1;
  }
  return words.slice(at);
}

function empties(starter: string, option: string, next: string | undefined): boolean {
  if (starter === 'exec') return /^-[la]*c/.test(option);
  if (starter !== 'env') return false;
  if (/^(?:-|-[0v]*i.*|--ignore-environment)$/.test(option)) return true;
  return option === `-u${VARIABLE}` || option === `--unset=${VARIABLE}` || (/^(?:-u|--unset)$/.test(option) && next === VARIABLE);
}

function assigned(word: string): Change[] {
  const [, appended, value] = /^LD_LIBRARY_PATH(\+?)=(.*)$/s.exec(word) ?? [];
  if (value === undefined) return [];
  return [{ kind: 'set', value: appended === '+' ? `$${VARIABLE}${value}` : value }];
}
