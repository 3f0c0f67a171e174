import { basename } from 'node:path';
import { isAtOrBelow, isBelow, type Finding } from '@waybill/core';
import { isSystemLibrary } from '@waybill/relocation';
import type { HiddenPlace } from '../isolation';
import { groupOf } from './allowed-paths';
import type { FileCall } from './parse-strace';
import type { AppTrace } from './read-trace';

const SHOWN = 5;

export interface TraceJudgement {
  findings: Finding[];
  /** Calls by group of places. */
  groups: Record<string, number>;
}

export interface TraceSubject {
  /** Where the bundle stood. */
  place: string;
  platform: string;
  hidden: readonly HiddenPlace[];
  /** Is a library of the machine one that the bundle takes from it on purpose. */
  isOfHost?: (path: string) => boolean;
}

/** Check 18: nothing of the building machine is asked for, not even in vain; no library and no Python of the machine is used. */
export function judgeTrace(trace: AppTrace, { place, platform, hidden, isOfHost = () => false }: TraceSubject): TraceJudgement {
  const groups: Record<string, number> = {};
  const outside = new Map<string, FileCall>();
  const ofMachine = new Map<string, FileCall>();
  for (const call of trace.calls) {
    const group = isAtOrBelow(call.path, place)
      ? 'bundle'
      : hidden.some((hiddenPlace) => tells(hiddenPlace, call.path))
        ? 'building machine'
        : (groupOf(call.path) ?? (isAbove(call.path, place) ? 'folders above' : 'elsewhere'));
    groups[group] = (groups[group] ?? 0) + 1;
    if (group === 'building machine') ofMachine.set(call.path, call);
    else if (group !== 'bundle' && call.opens && call.error === undefined) outside.set(call.path, call);
  }
  const findings = [...ofMachine.values()].slice(0, SHOWN).map((call) => ofMachineFinding(call, ofMachine.size));
  const libraries = [...outside.keys()].filter((path) => isForeignLibrary(path, platform) && !isOfHost(path));
  findings.push(...libraries.map(libraryFinding));
  const settings = trace.calls.find(({ path, opens }) => opens && OPENSSL_SETTINGS.test(path) && !isAtOrBelow(path, place));
  if (settings !== undefined) findings.push(opensslFinding(settings));
  const elsewhere = [...outside.keys()].filter((path) => groupOf(path) === undefined && !libraries.includes(path) && !isOfHost(path));
  if (elsewhere.length > 0) findings.push(elsewhereFinding(elsewhere));
  const misled = trace.calls.filter((call) => isMisled(call, place));
  if (misled.length > 0) findings.push(misledFinding(misled));
  return { findings, groups };
}

/** A program of the machine that is told the bundle's home: any Python among what it starts would take the bundle's library for its own (trap T9). */
const isMisled = ({ path, pythonHome }: FileCall, place: string): boolean =>
  pythonHome !== undefined && isAtOrBelow(pythonHome, place) && !isAtOrBelow(path, place);

/** A look for `python3` on PATH tells nothing of the building machine; a look into its library does. */
const tells = ({ path, why }: HiddenPlace, asked: string): boolean => isAtOrBelow(asked, path) && (why !== 'python' || !/\/s?bin\/[^/]+$/.test(path));

const isAbove = (path: string, folder: string): boolean => isBelow(folder, path === '/' ? '' : path);

/** A shared library that belongs to no system's C library. NSS modules and gconv are glibc's own. */
export const isForeignLibrary = (path: string, platform: string): boolean =>
  /\.so(\.[\d.]+)?$/.test(path) && !isSystemLibrary(platform, basename(path)) && !/\/(gconv|libnss_[^/]*$)/.test(path);

const ofMachineFinding = (call: FileCall, count: number): Finding => ({
  check: 'file-trace',
  level: 'error',
  message: `the running bundle asks for \`${call.path}\` of the building machine (${call.call}${call.error === undefined ? '' : `, ${call.error}`}; ${count} such paths)`,
  expected: 'no path of the building machine, not even in vain',
  actual: call.path,
  fix: 'find what holds the path (check `build-paths`), or what computes it, and make it relative to the bundle',
});

const libraryFinding = (path: string): Finding => ({
  check: 'file-trace',
  level: 'error',
  message: `the running bundle loads \`${path}\` of the machine`,
  expected: `\`${basename(path)}\` from the bundle`,
  actual: path,
  fix: 'carry the library in `lib/` (`vendorLibraries`), and let the program search there first (DT_RPATH)',
});

/** They name providers and engines, libraries of the machine, for another build of OpenSSL (trap T22). */
const OPENSSL_SETTINGS = /\/openssl\.cnf$/;

const opensslFinding = ({ path }: FileCall): Finding => ({
  check: 'file-trace',
  level: 'warning',
  message: 'the OpenSSL of the bundle reads settings of the machine, which may load libraries that do not fit it',
  expected: '`OPENSSL_CONF` set by the launcher',
  actual: path,
  fix: 'let the launcher set `OPENSSL_CONF=/dev/null` where the user has not set it, as the launchers of Waybill do',
});

const misledFinding = (misled: readonly FileCall[]): Finding => ({
  check: 'file-trace',
  level: 'warning',
  message: `the running bundle starts \`${misled[0]!.path}\` of the machine with its own \`PYTHONHOME\`: a Python among its programs runs with the library of the bundle`,
  expected: 'an environment without `PYTHONHOME` for programs of the machine',
  actual: [...new Set(misled.map(({ path }) => path))].slice(0, SHOWN).join(', '),
  fix: 'start programs after Python, and where the language keeps a copy of the environment (Go) take out of it what `WAYBILL_PRIVATE` names: “A native program that embeds Python” in the guide `package-an-app`',
});

const elsewhereFinding = (paths: readonly string[]): Finding => ({
  check: 'file-trace',
  level: 'warning',
  message: `the running bundle reads ${paths.length} files of the machine that are on no list`,
  expected: 'files of the bundle, or those that every system has',
  actual: `${paths.slice(0, SHOWN).join(', ')}${paths.length > SHOWN ? ', …' : ''}`,
  fix: 'carry what the app needs in the bundle; allow the rest for `file-trace` with a reason',
});
