import { basename } from 'node:path';
import type { Finding } from '@waybill/core';
import type { BundleEntry, CheckId } from '@waybill/relocation';
import { warning, type AppRun, type ProbeContext } from './probe';

type Declared = Pick<ProbeContext, 'manifest'>;

/** What the loader says of a library that no search found. One that was asked for by its path is another matter. */
const NOT_FOUND = /(?:^|[\s:])([^\s:/]+\.so[\w.]*): cannot open shared object file: No such file or directory/;

/** The library, of those that the manifest takes from the host, for want of which something did not load: by the last line of what it said. */
export function lackedOfHost(text: string, { manifest }: Declared): string | undefined {
  const [, soname] = NOT_FOUND.exec(text.trim().split('\n').at(-1) ?? '') ?? [];
  return soname !== undefined && manifest?.fromHost?.includes(soname) === true ? soname : undefined;
}

/** The same of a run of the app that failed. */
export const runLackedOfHost = (run: AppRun, context: Declared): string | undefined =>
  run.timedOut || run.diedOf !== undefined || run.exitCode === 0 ? undefined : lackedOfHost(run.stderr, context);

/** Not tried for want of a library that was never promised: told, and no fault. */
export const notTried = (check: CheckId, what: string, soname: string): Finding =>
  warning(check, `${what}: \`${soname}\` is to come from the host, as the manifest says, and is not there`, {
    expected: 'a start',
    actual: `\`${soname}\` is missing`,
    fix: `install the package that holds \`${soname}\` on the machine that proves (\`apt-file search ${soname}\`), and the proof tries it`,
  });

/**
 * Tells which libraries of the machine are the host's own part in the bundle: those that the manifest names, and, where one of these was loaded, what it drew in (drivers, modules of GTK). A library that the
 * bundle holds, or that its files need and the manifest does not name, is none of them.
 */
export function ownLibrariesOfHost(
  opened: readonly string[],
  { manifest }: Declared,
  entries: Iterable<Pick<BundleEntry, 'path' | 'elf'>>,
): (path: string) => boolean {
  const fromHost = new Set(manifest?.fromHost);
  if (!opened.some((path) => fromHost.has(basename(path)))) return () => false;
  const ofBundle = new Set(
    [...entries].flatMap(({ path, elf }) => (elf ? [basename(path), elf.soname ?? '', ...elf.needed.map((name) => basename(name))] : [])),
  );
  return (path) => fromHost.has(basename(path)) || !ofBundle.has(basename(path));
}
