import { mapConcurrently, type Finding, type ProcessResult } from '@waybill/core';
import { existsSync } from 'node:fs';
import { attemptIn } from '../environment/network';
import type { FreshEnvironment } from './fresh-environment';
import { describeEnd } from './import-modules';
import { absentDistribution, isForeign, judgeAbsence, judgeLacked, lackedFile, NETWORK_FIX, type Surroundings } from './judge-imports';

/** A program that was asked for help and has not answered by then hangs. */
const LIMIT_MS = 60_000;
const AT_A_TIME = 4;

export interface CommandFact {
  command: readonly string[];
  /** Absent: the environment has no such program. */
  result?: ProcessResult;
}

/** Starts programs of the environment; a hanging one is ended with all that it started. */
export function runCommands(environment: FreshEnvironment, commands: readonly (readonly string[])[], timeoutMs: number): Promise<CommandFact[]> {
  return mapConcurrently(commands, AT_A_TIME, async (command) => {
    const [name = '', ...args] = command;
    const file = environment.program(name);
    if (!/^[^\\/]+$/.test(name) || !existsSync(file)) return { command };
    return { command, result: await environment.run({ file, args }, Math.min(timeoutMs, LIMIT_MS)) };
  });
}

/** Findings of programs that are not there, or do not end well. */
export function judgeCommands(facts: readonly CommandFact[], surroundings: Surroundings): Finding[] {
  return facts.flatMap((fact): Finding[] => {
    const shown = fact.command.join(' ');
    if (fact.result === undefined) return [missingProgram(shown, fact.command[0] ?? '')];
    if (fact.result.exitCode === 0 && !fact.result.timedOut) return [];
    const absent = absentModule(fact.result.stderr, surroundings) ?? absentDistribution(fact.result.stderr, surroundings);
    if (absent !== undefined)
      return [{ check: 'install', ...judgeAbsence(`\`${shown}\` does not start without \`${absent}\``, absent, surroundings) }];
    const file = lackedFile(fact.result.stderr, surroundings.own);
    if (file !== undefined) return [judgeLacked(`\`${shown}\` does not start: it`, file, fact.result.stderr.trim().split('\n').at(-1)!)];
    const attempt = attemptIn(fact.result.stderr);
    if (attempt !== undefined) {
      const message = `\`${shown}\` wants the network, which the install test has not`;
      return [{ check: 'install', level: 'error', message, actual: attempt, fix: NETWORK_FIX }];
    }
    return [
      {
        check: 'install',
        level: 'error',
        message: `\`${shown}\` ${describeEnd(fact.result)}`,
        expected: 'exit code 0',
        fix: `correct the program, or say in \`install.commands\` how it is to be tried, as in \`[["${fact.command[0]}", "--version"]]\``,
      },
    ];
  });
}

const missingProgram = (shown: string, name: string): Finding => ({
  check: 'install',
  level: 'error',
  message: `\`${shown}\` cannot be started: the installation gave no program of that name`,
  fix: `add \`${name}\` to \`[project.scripts]\`, or correct \`install.commands\``,
});

function absentModule(stderr: string, { own }: Surroundings): string | undefined {
  // packages turn the error into one of their own, as `ImportError: aiohttp is not installed: No module named 'aiohttp'`
  const names = [...stderr.matchAll(/^\S*(?:Error|Exit)\b.*?\bNo module named '([^']+)'/gm)].map(([, name]) => name!);
  return names.find((name) => isForeign(name, own));
}
