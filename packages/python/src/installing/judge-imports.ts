import { normaliseDistribution } from '@waybill/artifacts';
import type { Finding } from '@waybill/core';
import { sep } from 'node:path';
import { attemptIn } from '../environment/network';
import { extrasFor, type OptionalRequirement } from './find-extras';
import type { ImportFact, ImportFacts } from './import-modules';

/** What decides whose fault an import that fails is. */
export interface Surroundings {
  /** Top levels of the wheel. */
  own: readonly string[];
  /** Requirements that the installer found unmet: expected when dependencies were left out. */
  unmet: readonly string[];
  /** Dependencies were left out. */
  bare: boolean;
  /** What the wheel requires for extras alone. */
  optional?: readonly OptionalRequirement[];
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
  const absent = fact.missing.find((name) => isForeign(name, surroundings.own)) ?? absentDistribution(fact.error, surroundings);
  if (absent === undefined) return [{ check: 'install', level: 'error', message, actual: fact.error, fix: FIX }];
  return [{ check: 'install', ...judgeAbsence(`${message} without \`${absent}\``, absent, surroundings), actual: fact.error }];
}

/** What `importlib.metadata` (its second form up to 3.9) and `pkg_resources` say of a distribution that is not installed. */
const NO_DISTRIBUTION =
  /\bPackageNotFoundError: (?:No package metadata was found for )?(\S+)$|\bDistributionNotFound: The '([^']+)' distribution was not found/gm;

/** A requirement that was left out and whose version or metadata a program asks for, by its distribution's name. */
export function absentDistribution(text: string, { unmet }: Pick<Surroundings, 'unmet'>): string | undefined {
  const leftOut = new Set(unmet.map(nameIn));
  const asked = [...text.matchAll(NO_DISTRIBUTION)].map(([, name, form]) => name ?? form!);
  return asked.find((name) => leftOut.has(nameIn(name)));
}

/** Of a requirement in an installer's words. */
const nameIn = (requirement: string): string => normaliseDistribution(/^[A-Za-z0-9._-]+/.exec(requirement)?.[0] ?? '');

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

/**
 * A third-party module is not there. That is to be expected of what an extra brings, and where dependencies were left out of a wheel that has some; it is
 * never silent, because nothing behind it was tested.
 */
export function judgeAbsence(
  message: string,
  absent: string,
  { unmet, bare, optional = [] }: Surroundings,
): Pick<Finding, 'level' | 'message' | 'expected' | 'fix'> {
  const extras = extrasFor(absent, optional);
  const leftOut = bare && unmet.length > 0;
  if (extras === undefined && !leftOut) {
    return {
      level: 'error',
      message,
      expected: 'every module that the wheel imports is its own, the standard library’s, or of a dependency that it declares',
      fix: `add the distribution that holds \`${absent}\` to the project’s dependencies; if an extra brings it, name in \`install.imports\` the modules that work without`,
    };
  }
  return {
    level: 'warning',
    message: `${message}: ${leftOut ? 'dependencies were left out' : 'no extra is installed'}, so this was not tested`,
    expected: leftOut ? `installed: ${unmet.join(', ')}` : `installed: \`${absent}\`, which ${namesOf(extras ?? [])} declares`,
    fix: leftOut
      ? 'give the dependencies by `install.requirements` or `install.wheelhouse`, or name modules that need none in `install.imports`'
      : 'put what the extra needs into the lock that `install.requirements` names, or name modules that work without it in `install.imports`',
  };
}

const namesOf = (extras: readonly string[]): string =>
  extras.length === 0 ? 'an extra' : `the extra ${extras.map((extra) => `\`${extra}\``).join(' or ')}`;

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
