import type { Finding } from '@waybill/core';
import { normaliseDistribution } from '@waybill/distributions';
import { sep } from 'node:path';
import { attemptIn } from '../environment/network';
import type { ImportFact, ImportFacts } from './import-modules';

/** What decides whose fault an import that fails is. */
export interface Surroundings {
  /** Top levels of the wheel. */
  own: readonly string[];
  /** Requirements that the installer found unmet: expected when dependencies were left out. */
  unmet: readonly string[];
  /** Dependencies were left out. */
  bare: boolean;
  /** Distributions that the wheel requires for an extra alone, by normalised name: a plugin so declares its host. */
  optional?: readonly string[];
}

/** Findings of the imports: a module that fails, and one that came from elsewhere. */
export function judgeImports({ prefix, imports }: ImportFacts, surroundings: Surroundings): Finding[] {
  return imports.flatMap((fact) => {
    if ('ended' in fact) return [{ check: 'install', level: 'error' as const, message: `importing \`${fact.module}\` ${fact.ended}`, fix: FIX }];
    return 'error' in fact ? judgeFailure(fact, surroundings) : judgePlaces(fact, prefix);
  });
}

const FIX = 'correct the module, or name the modules that are to be imported in `install.imports`';

/** An application that cannot even be imported or asked for help without the network fails where it is least expected. */
export const NETWORK_FIX = 'have it use the network when it is told to do something, not when it is imported or asked for help';

function judgeFailure(fact: Extract<ImportFact, { error: string }>, surroundings: Surroundings): Finding[] {
  const message = `\`${fact.module}\` cannot be imported`;
  const attempt = attemptIn(fact.error);
  if (attempt !== undefined) {
    return [
      {
        check: 'install',
        level: 'error',
        message: `${message}: it wants the network, which the install test has not`,
        actual: attempt,
        fix: NETWORK_FIX,
      },
    ];
  }
  const file = lackedFile(fact.error, surroundings.own);
  if (file !== undefined) return [judgeLacked(`${message}: it`, file, fact.error)];
  const absent = fact.missing.find((name) => isForeign(name, surroundings.own));
  if (absent === undefined || !surroundings.bare) return [{ check: 'install', level: 'error', message, actual: fact.error, fix: FIX }];
  return [{ check: 'install', ...judgeAbsence(`${message} without \`${absent}\``, absent, surroundings), actual: fact.error }];
}

/** As Python spells the path: in quotes of one kind, on Windows with its backslashes doubled. */
const NO_FILE = /No such file or directory: (['"])(?:(?!\1).)*[\\/]site-packages[\\/]+((?:(?!\1).)+)\1/;

/** A file of the wheel's own packages that a program looked for where it is installed, and did not find: relative to the wheel. */
export function lackedFile(text: string, own: readonly string[]): string | undefined {
  const path = NO_FILE.exec(text)?.[2]?.replace(/\\+/g, '/');
  return path !== undefined && own.some((top) => path.startsWith(`${top.replaceAll('.', '/')}/`)) ? path : undefined;
}

export const judgeLacked = (reader: string, file: string, error: string): Finding => ({
  check: 'install',
  level: 'error',
  path: file,
  message: `${reader} reads \`${file}\`, which the wheel lacks`,
  actual: error,
  fix: 'have the backend put the file into sdist and wheel (setuptools: `[tool.setuptools.package-data]` and `MANIFEST.in`; others: `include`)',
});

/** A third-party module is not there, and dependencies were left out: to be expected only when the wheel says that it needs something. */
export function judgeAbsence(
  message: string,
  absent: string,
  { unmet, optional = [] }: Surroundings,
): Pick<Finding, 'level' | 'message' | 'expected' | 'fix'> {
  const isOptional = optional.includes(normaliseDistribution(absent.split('.', 1)[0]!));
  if (unmet.length === 0 && !isOptional) {
    return {
      level: 'error',
      message,
      expected: 'every module that the wheel imports is its own, the standard library’s, or of a dependency that it declares',
      fix: `add the distribution that holds \`${absent}\` to the project’s dependencies`,
    };
  }
  return {
    level: 'warning',
    message: `${message}: dependencies were left out, so this was not tested`,
    expected: unmet.length > 0 ? `installed: ${unmet.join(', ')}` : `installed: \`${absent}\`, which an extra declares`,
    fix: 'give the dependencies by `install.requirements` or `install.wheelhouse`, or name modules that need none in `install.imports`',
  };
}

/** Is a module neither the wheel's own nor a part of it. */
export const isForeign = (name: string, own: readonly string[]): boolean =>
  !own.some((top) => name === top || name.startsWith(`${top}.`) || top.startsWith(`${name}.`));

function judgePlaces({ module, places }: { module: string; places: readonly string[] }, prefix: string): Finding[] {
  const outside = places.filter((place) => !place.startsWith(prefix + sep));
  if (places.length > 0 && outside.length === 0) return [];
  return [
    {
      check: 'install',
      level: 'error',
      message: `\`${module}\` was not imported from the wheel`,
      expected: 'a file in the fresh environment',
      actual: outside.length > 0 ? outside.join(', ') : 'a module that is built into the interpreter',
      fix: `give the module another name: one of the standard library is called \`${module.split('.')[0]}\``,
    },
  ];
}
