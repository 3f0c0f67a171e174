import { isAtOrBelow, jsonOf, type Finding } from '@waybill/core';
import type { CheckId } from '@waybill/relocation';
import { versionFits } from '../runtime/providers/version-request';
import { lackedOfHost, notTried, runLackedOfHost } from './host-libraries';
import { KEEP_IT, prunedEntry } from './left-out';
import type { AppRun, ProbeContext } from './probe';

/** Keys of an answer whose values are paths of the running Python. */
const PATH_KEYS = ['prefix', 'base_prefix', 'executable', 'libpython', 'stdlib', 'os_file'];
const SHOWN = 300;
/** Of a path that is not there Python tells the name; without one it was `os.getcwd()` that failed. */
const NO_WORKING_FOLDER = /^FileNotFoundError: \[Errno 2\] No such file or directory$/m;

export type Answer = Readonly<Record<string, unknown>>;

/** The JSON object that the app printed: its whole output, or the last line of it. */
export function parseAnswer(stdout: string): Answer | undefined {
  for (const text of [stdout.trim(), stdout.trim().split('\n').at(-1) ?? '']) {
    if (!text.startsWith('{')) continue;
    const value = jsonOf(text);
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Answer;
  }
  return undefined;
}

/** What is wrong with a run of the app; empty when it answered as the Python of the bundle at its place would. */
export function judgeRun(check: CheckId, run: AppRun, context: ProbeContext, how: string): Finding[] {
  const ended = endOf(run);
  if (ended !== undefined)
    return [finding(check, `the bundle does not run with ${how}`, 'exit code 0', `${ended}${tail(run)}`, hintFor(run, context))];
  const answer = parseAnswer(run.stdout);
  if (answer === undefined) {
    if (!context.request.commandIsDefault && run.stdout.trim() !== '') return [];
    return [
      finding(
        check,
        `the bundle ends well with ${how} and says nothing that could be checked`,
        'one JSON object on standard output',
        show(run.stdout),
        'print the answer and flush standard output, or name another `command`',
      ),
    ];
  }
  return judgeAnswer(check, answer, [run.place, ...run.aliases], context, how);
}

/** As `judgeRun`, on a bare root: there a library that the manifest takes from the host may be missing. */
export function judgeBareRun(check: CheckId, run: AppRun, context: ProbeContext, how: string): Finding[] {
  const soname = runLackedOfHost(run, context);
  return soname === undefined ? judgeRun(check, run, context, how) : [notTried(check, `the bundle was not started with ${how}`, soname)];
}

/**
 * As `judgeRun`, in a working folder that was deleted. An app that asks for its working folder cannot get it there, in no place and on no machine; that Python came as far as asking shows
 * that the bundle itself does not need it.
 */
export function judgeRunInDeleted(check: CheckId, run: AppRun, context: ProbeContext): Finding[] {
  const how = 'a working folder that was deleted';
  if (run.exitCode !== 1 || !NO_WORKING_FOLDER.test(run.stderr)) return judgeRun(check, run, context, how);
  return [
    {
      ...finding(
        check,
        `the app asks for its working folder and ends with ${how}`,
        'exit code 0',
        `exit code 1${tail(run)}`,
        'catch the `FileNotFoundError` of `os.getcwd()`, if the app is to start there',
      ),
      level: 'warning',
    },
  ];
}

/** Paths that the answer names lie in the bundle; the version is the one that was expected. */
export function judgeAnswer(
  check: CheckId,
  answer: Answer,
  places: readonly string[],
  context: Pick<ProbeContext, 'request' | 'manifest' | 'layout'>,
  how: string,
): Finding[] {
  const isInside = (path: string): boolean => places.some((place) => isAtOrBelow(path, place));
  const fix = 'let the launcher set the home of the embedded Python (PYTHONHOME or PyConfig.home) to the bundle';
  const outside = pathsOf(answer)
    .filter(([, path]) => !isInside(path))
    .map(([key, path]) =>
      finding(check, `with ${how}, \`${key}\` of the running app lies outside the bundle`, `a path below \`${places[0]}\``, path, fix),
    );
  return [...outside, ...judgeVersion(check, answer['version'], context, how)];
}

function judgeVersion(
  check: CheckId,
  version: unknown,
  { request, manifest, layout }: Pick<ProbeContext, 'request' | 'manifest' | 'layout'>,
  how: string,
): Finding[] {
  if (typeof version !== 'string') return [];
  const findings: Finding[] = [];
  const wanted = manifest?.runtime.version ?? layout.pythonVersion;
  if (wanted !== undefined && !version.startsWith(wanted)) {
    const fix = 'let the program find the libpython of the bundle first (DT_RPATH)';
    findings.push(finding(check, `with ${how}, another Python answers than that of the bundle`, wanted, version, fix));
  }
  const expected = request.expect.python;
  if (expected !== undefined && !versionFits(version, expected)) {
    const fix = 'package the bundle with that Python, or correct `expect.python`';
    findings.push(finding(check, `with ${how}, the Python is not the one that \`expect.python\` asks for`, expected, version, fix));
  }
  return findings;
}

function pathsOf(answer: Answer): [string, string][] {
  const named = PATH_KEYS.flatMap((key): [string, string][] =>
    typeof answer[key] === 'string' && answer[key].startsWith('/') ? [[key, answer[key]]] : [],
  );
  const imports = answer['imports'];
  if (typeof imports !== 'object' || imports === null) return named;
  return [
    ...named,
    ...Object.entries(imports).flatMap(([key, value]): [string, string][] =>
      typeof value === 'string' && value.startsWith('/') ? [[`imports.${key}`, value]] : [],
    ),
  ];
}

/** How a run ended, when not well. */
export function endOf(run: Pick<AppRun, 'timedOut' | 'diedOf' | 'exitCode'>): string | undefined {
  if (run.timedOut) return 'it did not end in time';
  if (run.diedOf !== undefined) return `it died of ${run.diedOf}`;
  return run.exitCode === 0 ? undefined : `exit code ${run.exitCode}`;
}

const show = (text: string): string => (text.trim() === '' ? 'nothing' : text.trim().slice(-SHOWN));
const tail = ({ stderr }: AppRun): string => (stderr.trim() === '' ? '' : `: ${stderr.trim().split('\n').slice(-3).join(' · ').slice(-SHOWN)}`);

const NO_HOME =
  'let the launcher set the home of Python to the bundle: it does not find its standard library; a program that starts Python isolated (`PyConfig_InitIsolatedConfig`) hears no launcher and must set `PyConfig.home` itself';

const NO_MODULE = /ModuleNotFoundError: No module named '([^']+)'/;

/** The usual causes, by what they print; the first that fits counts. `found`: what the pattern’s group holds. */
const HINTS: readonly (readonly [RegExp, (found: string) => string])[] = [
  [
    /error while loading shared libraries: ([^:\s]+): cannot open/,
    (found) => `carry \`${found}\` in the bundle and let the program search there (DT_RPATH with \`$ORIGIN\`; \`$ORIGIN\` needs a mounted /proc)`,
  ],
  [
    /OSError: (?:[^:\n]*\/)?([^:/\n]+\.so[\w.]*): cannot open shared object file/,
    (found) => `carry \`${found}\` in the bundle, and let the app load it by a path relative to its own files`,
  ],
  [/version `(GLIBC_[\d.]+)' not found/, (found) => `build against an older glibc: ${found} is not there`],
  [/No module named 'encodings'|init_fs_encoding/, () => NO_HOME],
  [/ZoneInfoNotFoundError|No time zone found with key/, () => 'add `tzdata` to the requirements: a bare system has no time zones'],
  [NO_MODULE, (found) => `add \`${found}\` to the requirements, or to \`include\``],
  [
    /FileNotFoundError: \[Errno 2\] No such file or directory: '([^']+)'/,
    (found) => `the app needs \`${found}\` of the machine: carry it in the bundle, or let the app live without it`,
  ],
  [/not found|No such file or directory/, () => 'let the launcher need nothing of the machine: no external commands, no absolute paths'],
];

function hintFor({ stderr, stdout, timedOut }: AppRun, context: Pick<ProbeContext, 'manifest' | 'layout'>): string {
  const lacked = lackedOfHost(stderr, context);
  if (lacked !== undefined)
    return `install the package that holds \`${lacked}\`, which the bundle takes from the host, on the machine that proves (\`apt-file search ${lacked}\`), or name a \`command\` that needs no desktop`;
  if (timedOut) return 'start it by hand in that way; when it only needs longer, raise `timeoutMs` above its default (of `prove`: `--timeout-ms=`)';
  const text = `${stderr}\n${stdout}`;
  const missing = NO_MODULE.exec(text)?.[1];
  const left = missing === undefined ? undefined : prunedEntry(missing, context);
  if (left !== undefined) return `packaging left \`${missing}\` out: ${left.reason}; if the app needs it, ${KEEP_IT}`;
  for (const [pattern, hint] of HINTS) {
    const match = pattern.exec(text);
    if (match) return hint(match[1] ?? '');
  }
  return 'start it by hand in that way and mend what it says';
}

const finding = (check: CheckId, message: string, expected: string, actual: string, fix: string): Finding => ({
  check,
  level: 'error',
  message,
  expected,
  actual,
  fix,
});
