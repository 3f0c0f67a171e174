import type { Finding } from '@waybill/core';
import { signalName } from '../isolation';
import { lackedOfHost, notTried } from './host-libraries';
import { KEEP_IT, prunedEntry } from './left-out';
import type { ProbeContext, Probe } from './probe';
import { fault, skipped, warning } from './probe';
import type { DriverReport, ImportResult, ServiceResult } from './read-driver';

/** The driver gives each process the time of a run of the app. */
const TIMED_OUT = 'SIGALRM';
const SHOWN = 3;

/** Check 19: every extension module and declared import in a process of its own, and the services that apps count on. */
export const probeImports: Probe = {
  check: 'imports',
  async run(context) {
    const driver = await context.driver();
    if (typeof driver === 'string') return skipped(driver);
    const findings: Finding[] = [];
    if (!driver.complete) {
      findings.push(
        fault('imports', 'the interpreter of the bundle cannot try its modules', {
          path: context.layout.python ?? '',
          expected: 'a run to its end',
          actual: driver.trouble ?? 'nothing',
          fix: 'start it by hand with `-I` and import what it names; when it only needs longer, raise `timeoutMs` (of `prove`: `--timeout-ms=`)',
        }),
      );
    }
    const lackOf = ({ error }: ImportResult): string | undefined => (driver.profile === 'bare' ? lackedOfHost(error ?? '', context) : undefined);
    const extensions = driver.extensions.filter((result) => lackOf(result) === undefined);
    const declared = driver.declared.filter((result) => lackOf(result) === undefined);
    findings.push(...extensions.flatMap((result) => judgeExtension(result, driver, context)));
    findings.push(...declared.filter(({ error, signal }) => error !== undefined || signal !== undefined).map(judgeDeclared));
    findings.push(...tellLacking([...driver.extensions, ...driver.declared], lackOf));
    findings.push(...driver.services.flatMap((service) => judgeService(service, driver, context)));
    return {
      findings,
      evidence: {
        profile: driver.profile,
        extensions: driver.extensions.length,
        declared: driver.declared.length,
        services: driver.services.map(({ service }) => service),
      },
    };
  },
};

/** One finding a library: a toolkit has a hundred modules that need the same. */
function tellLacking(results: readonly ImportResult[], lackOf: (result: ImportResult) => string | undefined): Finding[] {
  const modules = new Map<string, string[]>();
  for (const result of results) {
    const soname = lackOf(result);
    if (soname !== undefined) modules.set(soname, [...(modules.get(soname) ?? []), result.module]);
  }
  return [...modules].map(([soname, names]) => {
    const shown = names.slice(0, SHOWN).map((name) => `\`${name}\``);
    const more = names.length > SHOWN ? ` and ${names.length - SHOWN} more` : '';
    return notTried('imports', `${shown.join(', ')}${more} could not be imported`, soname);
  });
}

function troubleOf({ error, signal }: ImportResult): string {
  if (signal === undefined) return error ?? 'nothing';
  const name = signalName(signal) ?? `signal ${signal}`;
  return `died of ${name}${name === TIMED_OUT ? ' (it took too long)' : ''}`;
}

/** A module that misses a Python package is an option that was not installed; one that the loader refuses is broken; one in a circle of imports was loaded. */
export function judgeExtension(
  result: ImportResult,
  { place }: Pick<DriverReport, 'place'>,
  context: Pick<ProbeContext, 'manifest' | 'layout'>,
): Finding[] {
  if (result.error === undefined && result.signal === undefined && result.circle === undefined) return [];
  const path = result.path?.startsWith(`${place}/`) ? result.path.slice(place.length + 1) : (result.path ?? '');
  const detail = { path, expected: 'a module that loads', actual: result.circle ?? troubleOf(result) };
  if (result.circle !== undefined) {
    return [
      warning('imports', `\`${result.module}\` loads, and cannot be the first module of its package that is imported`, {
        ...detail,
        fix: 'nothing, if the app starts: let it import the package first',
      }),
    ];
  }
  if (result.missing && !result.module.startsWith(`${result.missing}.`) && result.missing !== result.module) {
    const pruned = prunedEntry(result.missing, context);
    if (pruned !== undefined) return [leftOut(result.module, result.missing, pruned.reason, detail)];
    return [
      warning('imports', `\`${result.module}\` needs \`${result.missing}\`, which is not in the bundle`, {
        ...detail,
        fix: `add \`${result.missing}\` to the requirements if the app uses it`,
      }),
    ];
  }
  const left = result.sought ? prunedEntry(result.sought, context) : undefined;
  if (left !== undefined) return [leftOut(result.module, result.sought!, left.reason, detail)];
  return [
    fault('imports', `the extension module \`${result.module}\` does not load`, {
      ...detail,
      fix: 'carry the library that it misses, or leave the module out (`prune.drop`)',
    }),
  ];
}

/** Pillow has a module for `tkinter` that few programs use: what was left out on purpose is told, with the way back. */
const leftOut = (module: string, missing: string, reason: string, detail: { path: string; expected: string; actual: string }): Finding => ({
  check: 'imports',
  level: 'info',
  ...detail,
  message: `\`${module}\` needs \`${missing}\`, which packaging left out: ${reason}`,
  fix: `if the app uses it: ${KEEP_IT}`,
});

/** What ctypes and cffi say of a library that they open by its name: no file's list of needed libraries has it. */
const OPENED_BY_NAME =
  /\b(lib[A-Za-z0-9_+.-]+\.so(?:\.\d+)*): cannot open shared object file|no library called "|(?:failed|unable) to find (?:the )?lib|could not (?:find|load|open) (?:the )?(?:shared )?lib/i;

/** How a module that was to load is mended. */
export function adviceOn(trouble: string): string {
  const opened = OPENED_BY_NAME.exec(trouble);
  if (opened === null) return 'add it to the requirements or to `include`, or take it out of `imports`';
  const name = opened[1] === undefined ? 'the library' : `\`${opened[1]}\``;
  return `it opens ${name} by name: put a copy of that into the workspace, and carry it by \`include: [{ "from": "<the copy>", "to": "lib" }]\`; what it needs itself is carried too`;
}

const judgeDeclared = (result: ImportResult): Finding =>
  fault('imports', `the module \`${result.module}\` that \`imports\` names does not load`, {
    expected: 'a module that loads',
    actual: troubleOf(result),
    fix: adviceOn(troubleOf(result)),
  });

/** Modules that were left out on purpose are no fault: the manifest names them, or the whole service is not there. */
export function judgeService(
  service: ServiceResult,
  driver: Pick<DriverReport, 'place'>,
  context: Pick<ProbeContext, 'manifest' | 'layout' | 'items'>,
): Finding[] {
  const error = service['error'];
  const missing = service['missing'];
  const broken = (message: string, actual: string, fix: string): Finding[] => [
    fault('imports', message, { expected: 'a service that works', actual, fix }),
  ];
  if (service.service === 'stdlib')
    return Object.entries((missing ?? {}) as Record<string, { error?: string }>)
      .filter(([name]) => !wasPruned(name, context))
      .flatMap(([name, { error: why = 'it fails' }]) =>
        broken(`\`import ${name}\` fails in the bundle`, why, 'keep the module (`prune.keep`), or package the bundle again'),
      );
  if (service['signal'] !== undefined) return judgeSignal(service.service, Number(service['signal']), broken);
  if (typeof error === 'string') return typeof missing === 'string' ? [] : judgeServiceError(service.service, error);
  return judgeAnswerOf(service, driver, context);
}

function judgeSignal(service: string, signal: number, broken: (message: string, actual: string, fix: string) => Finding[]): Finding[] {
  const name = signalName(signal) ?? `signal ${signal}`;
  if (name === TIMED_OUT)
    return broken(`the service \`${service}\` does not end`, 'no answer in the time of a run', 'try it by hand in the bundle’s interpreter');
  return broken(`the service \`${service}\` crashes`, name, 'look for a library that does not fit the interpreter');
}

function judgeServiceError(name: string, error: string): Finding[] {
  if (name === 'zones') {
    return [
      warning('imports', 'time zones are not there on a bare system', {
        expected: 'zone data',
        actual: error,
        fix: 'add `tzdata` to the requirements',
      }),
    ];
  }
  if (name === 'terminals') {
    return [
      {
        check: 'imports',
        level: 'info',
        message: '`curses` finds no description of terminals on a bare system',
        expected: 'a terminal that is known',
        actual: error,
        fix: 'if the app draws on terminals: carry a `terminfo` folder (`include`) and name it with `TERMINFO_DIRS` in `launcherEnv`',
      },
    ];
  }
  if (name === 'tcl') return judgeTcl(error);
  return [
    fault('imports', `the service \`${name}\` fails in the bundle`, { expected: 'a service that works', actual: error, fix: 'carry what it misses' }),
  ];
}

/** The library of Tcl loads without its scripts, and nothing of tkinter works. A library that does not load is told of the extension module. */
function judgeTcl(error: string): Finding[] {
  if (!error.includes('init.tcl')) return [];
  return [
    fault('imports', '`tkinter` loads, and Tcl finds none of its scripts', {
      expected: 'an interpreter of Tcl',
      actual: error.split('\n')[0]!,
      fix: 'copy the folders `tcl8.6` and `tk8.6` (Debian: of `/usr/share/tcltk`) into the project, and carry them as `python/lib/tcl8.6` and `python/lib/tk8.6` (`include`); or leave `tkinter` out (`prune.drop`)',
    }),
  ];
}

function judgeAnswerOf(service: ServiceResult, { place }: Pick<DriverReport, 'place'>, { items }: Pick<ProbeContext, 'items'>): Finding[] {
  if (service.service === 'tls') {
    // Carried certificates are handed over by the launcher, which the interpreter was started without.
    if (service['certificates'] !== 0 || items.some(({ path }) => path.endsWith('certifi/cacert.pem'))) return [];
    return [
      warning('imports', 'TLS knows no certificate authority on a bare system', {
        expected: 'more than 0 certificates',
        actual: '0',
        fix: 'carry certificates (`certifi`) and point `SSL_CERT_FILE` at them where the system has none',
      }),
    ];
  }
  if (service.service === 'child' && service['answer'] === false) {
    return [
      fault('imports', 'a child started as `sys.executable` is another Python', {
        expected: `the Python below \`${place}\``,
        actual: String(service['prefix']),
        fix: 'set `sys.executable` to the interpreter of the bundle',
      }),
    ];
  }
  if (service['answer'] === false)
    return [
      fault('imports', `the service \`${service.service}\` gives a wrong answer`, {
        expected: 'true',
        actual: 'false',
        fix: 'look for a library of the machine that was used instead',
      }),
    ];
  return [];
}

const wasPruned = (module: string, context: Pick<ProbeContext, 'manifest' | 'layout'>): boolean => prunedEntry(module, context) !== undefined;
