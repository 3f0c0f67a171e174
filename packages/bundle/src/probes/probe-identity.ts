import { readdir, readFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import type { Finding } from '@waybill/core';
import { isSystemLibrary, type BundleEntry } from '@waybill/relocation';
import { baseEnvironment } from './conditions';
import { parseLdDebug } from '../trace/parse-ld-debug';
import type { AppTrace } from '../trace/read-trace';
import { ownLibrariesOfHost } from './host-libraries';
import { fault, type AppRun, type Probe, type ProbeContext } from './probe';
import { endOf, judgeAnswer } from './judge-answer';
import type { DriverReport } from './read-driver';

const LIBPYTHON = /^libpython\d.*\.so/;

/** Files that a run opened, with how that is known. */
export interface OpenedFiles {
  /** Absolute paths inside, successful opens and started programs. */
  files: readonly string[];
  place: string;
  evidence: 'strace' | 'LD_DEBUG';
  /** How the app ended, when not well. */
  ended?: string;
}

/** Check 17: positive evidence of which Python ran, taken from outside the app; what the app says of itself counts only against it. */
export const probeIdentity: Probe = {
  check: 'identity',
  async run(context) {
    const [opened, driver, facts] = await Promise.all([openedFiles(context), context.driver(), context.facts()]);
    const entries = new Map(facts.entries.map((entry) => [entry.path, entry]));
    const app = judgeOpened(opened, context, entries);
    const own = typeof driver === 'string' ? [] : judgeDriver(driver, context);
    const libpython = opened.files.find((path) => LIBPYTHON.test(basename(path)));
    const evidence = {
      evidence: opened.evidence,
      libpython: libpython === undefined ? null : (inBundle(libpython, opened.place) ?? libpython),
      buildId: libpython === undefined ? null : (entries.get(inBundle(libpython, opened.place) ?? '')?.elf?.buildId ?? null),
      version: typeof driver === 'string' ? null : (driver.identity?.version ?? null),
      filesOpened: opened.files.length,
    };
    return { findings: [...app, ...own], evidence };
  },
};

async function openedFiles(context: ProbeContext): Promise<OpenedFiles> {
  const traced = await context.traced();
  if (typeof traced !== 'string') return { files: filesOf(traced.trace), place: traced.run.place, evidence: 'strace', ...endedAs(traced.run) };
  const name = 'ld-debug';
  const folder = join(context.request.workFolder, 'tmp');
  const output = `${context.sandboxes.host.rootFolder === undefined ? folder : '/tmp'}/${name}`;
  const run = await context.start({ request: { env: { ...baseEnvironment(context.sandboxes.host), LD_DEBUG: 'files', LD_DEBUG_OUTPUT: output } } });
  const names = (await readdir(folder).catch(() => [])).filter((file) => file.startsWith(`${name}.`));
  const texts = await Promise.all(names.map((file) => readFile(join(folder, file), 'utf8')));
  return { files: texts.flatMap(parseLdDebug), place: run.place, evidence: 'LD_DEBUG', ...endedAs(run) };
}

function endedAs(run: AppRun): { ended?: string } {
  const ended = endOf(run);
  return ended === undefined ? {} : { ended };
}

export function filesOf(trace: AppTrace): string[] {
  const opened = trace.calls.filter(({ opens, error }) => opens && error === undefined).map(({ path }) => path);
  return [...new Set([...trace.programs, ...opened])];
}

const inBundle = (path: string, place: string): string | undefined => (path.startsWith(`${place}/`) ? path.slice(place.length + 1) : undefined);

type IdentityContext = Pick<ProbeContext, 'layout' | 'manifest' | 'request'>;

/** What the app's processes loaded, against what the bundle holds and the manifest promises. */
export function judgeOpened(opened: OpenedFiles, context: IdentityContext, entries: ReadonlyMap<string, BundleEntry>): Finding[] {
  const foreign = judgeForeign(opened, context, entries);
  if (opened.ended !== undefined) {
    const detail = { expected: 'an app that answers', actual: opened.ended, fix: 'see `moved-copy`' };
    return [...foreign, fault('identity', 'the app does not run, so nothing shows which Python it would be', detail)];
  }
  const libraries = opened.files.filter((path) => LIBPYTHON.test(basename(path)));
  return [
    ...foreign,
    ...(context.layout.libpython === undefined ? [] : judgeLibpython(libraries, opened, context, entries)),
    ...judgeUse(opened, context),
    ...judgeBuildId(libraries, opened, context, entries),
  ];
}

function judgeForeign({ files, place }: OpenedFiles, { request, manifest }: IdentityContext, entries: ReadonlyMap<string, BundleEntry>): Finding[] {
  const isOfHost = ownLibrariesOfHost(files, { ...(manifest && { manifest }) }, entries.values());
  const isForeign = (path: string): boolean =>
    /\.so(\.[\d.]+)?$/.test(path) &&
    inBundle(path, place) === undefined &&
    !isSystemLibrary(request.platform, basename(path)) &&
    !/\/gconv\//.test(path) &&
    !isOfHost(path);
  return files.filter(isForeign).map((path) =>
    fault('identity', `the running app maps \`${path}\`, which is no file of the bundle`, {
      expected: 'files of the bundle, or of the C library',
      actual: path,
      fix: 'let the program search the bundle first (DT_RPATH), and carry the library',
    }),
  );
}

function judgeUse(opened: OpenedFiles, context: IdentityContext): Finding[] {
  if (usedPython(opened, context)) return [];
  const { layout } = context;
  return [
    fault('identity', 'the app answers without having opened anything of the Python in the bundle', {
      path: layout.launcher ?? '',
      expected: `files below \`${layout.pythonHome ?? 'the bundle'}\``,
      actual: `${opened.files.length} files opened, none of them`,
      fix: 'name a `command` that starts Python; a launcher that prints a fixed answer proves nothing',
    }),
  ];
}

function judgeBuildId(
  libraries: readonly string[],
  { place }: OpenedFiles,
  { manifest }: IdentityContext,
  entries: ReadonlyMap<string, BundleEntry>,
): Finding[] {
  const wanted = manifest?.runtime.buildId;
  const mapped = libraries.map((path) => entries.get(inBundle(path, place) ?? '')).find((entry) => entry?.elf);
  if (wanted === undefined || !mapped?.elf || mapped.elf.buildId === wanted) return [];
  return [
    fault('identity', 'the libpython that runs is not the one that was packaged', {
      path: mapped.path,
      expected: `build id ${wanted}`,
      actual: `build id ${mapped.elf.buildId ?? 'none'}`,
      fix: 'package again: something replaced the library',
    }),
  ];
}

function judgeLibpython(
  libraries: readonly string[],
  opened: OpenedFiles,
  { layout }: Pick<ProbeContext, 'layout'>,
  entries: ReadonlyMap<string, BundleEntry>,
): Finding[] {
  const needs = [layout.program, layout.python, layout.launcher].some((path) =>
    entries.get(path ?? '')?.elf?.needed.some((name) => LIBPYTHON.test(name)),
  );
  if (!needs || libraries.some((path) => inBundle(path, opened.place) !== undefined)) return [];
  return [
    fault('identity', 'the app does not map the libpython of the bundle', {
      path: layout.libpython!,
      expected: layout.libpython!,
      actual: libraries.join(', ') || 'no libpython',
      fix: "let the program search the bundle first: `patchelf --force-rpath --set-rpath '$ORIGIN/…'`",
    }),
  ];
}

/** Did the app open files of the bundle's Python: its standard library, or for a frozen app any library of it. */
function usedPython({ files, place, evidence }: OpenedFiles, { layout }: Pick<ProbeContext, 'layout'>): boolean {
  const inside = files.flatMap((path) => inBundle(path, place) ?? []);
  if (layout.frozen || layout.pythonHome === undefined)
    return inside.some((path) => LIBPYTHON.test(basename(path)) || /\.(so|pyc|zip|pyz)$/.test(path));
  const home = layout.pythonHome === '' ? '' : `${layout.pythonHome}/`;
  return evidence === 'LD_DEBUG'
    ? inside.length > 0
    : inside.some(
        (path) => (path.startsWith(`${home}lib`) || OTHER_LIBRARY.test(path)) && /\.(pyc?|so|zip)$/.test(path) && !LIBPYTHON.test(basename(path)),
      );
}

/** Of a second interpreter: a bundle may carry one for each of its programs. */
const OTHER_LIBRARY = /(?:^|\/)lib(?:64)?\/python3\.\d+t?\//;

/** The bundle's own interpreter, seen from inside: version, prefix, search path and mapped files. */
export function judgeDriver(driver: DriverReport, context: Pick<ProbeContext, 'layout' | 'manifest' | 'request'>): Finding[] {
  const { identity, place } = driver;
  if (!identity)
    return [
      fault('identity', 'the interpreter of the bundle does not say who it is', {
        path: context.layout.python ?? '',
        expected: 'an interpreter that starts',
        actual: driver.trouble ?? 'no answer',
        fix: 'start it by hand with `-I` and mend what it says',
      }),
    ];
  const { prefix, base_prefix, executable, os_file, version } = identity;
  const findings = judgeAnswer('identity', { prefix, base_prefix, executable, os_file, version }, [place], context, 'the interpreter of the bundle');
  const allowed = (path: string): boolean =>
    path.startsWith(`${place}/`) ||
    path.startsWith('/.waybill/') ||
    isSystemLibrary(context.request.platform, basename(path)) ||
    /^\/(dev|memfd|SYSV|usr\/lib\/locale)/.test(path) ||
    /gconv|locale-archive|\/ld[^/]*\.so/.test(path);
  for (const path of identity.maps.filter((mapped) => !allowed(mapped.replace(/ \(deleted\)$/, '')))) {
    findings.push(
      fault('identity', `the interpreter of the bundle maps \`${path}\``, {
        expected: 'files of the bundle, or of the C library',
        actual: path,
        fix: 'carry the library in the bundle',
      }),
    );
  }
  for (const path of identity.path.filter((entry) => entry.startsWith('/') && !entry.startsWith(`${place}/`) && !entry.startsWith('/.waybill'))) {
    findings.push(
      fault('identity', `\`sys.path\` of the bundle leads outside: \`${path}\``, {
        expected: `paths below \`${place}\``,
        actual: path,
        fix: 'remove the `.pth` file or setting that adds it',
      }),
    );
  }
  return findings;
}
