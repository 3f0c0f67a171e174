import type { ElfFacts } from '@waybill/binary';
import { bundleErrors } from '../../errors/bundle-errors';
import type { Libpython } from '../find-libpython';
import type { RuntimeRequest } from '../runtime-facts';
import { versionFits } from './version-request';

/** compileall can strip paths from 3.9 on; below it every byte code carries the build's folders (facts §6). */
const LOWEST = '3.9';

/** Refuses what is no CPython, is too old, or not what was asked for. */
export function checkPython(python: { implementation: string; version: string }, request: RuntimeRequest, source: string): void {
  if (python.implementation !== 'cpython') {
    throw bundleErrors.error('BUNDLE_RUNTIME_UNSUITABLE', { source, expected: 'cpython', actual: python.implementation });
  }
  if (!versionFits(python.version, `>=${LOWEST}`)) {
    throw bundleErrors.error('BUNDLE_RUNTIME_UNSUITABLE', { source, expected: `version ${LOWEST} or newer`, actual: python.version });
  }
  if (request.version && !versionFits(python.version, request.version)) {
    throw bundleErrors.error('BUNDLE_RUNTIME_VERSION', { source, expected: request.version, actual: python.version });
  }
}

export interface FitFacts {
  /** Of the executable. */
  elf: Pick<ElfFacts, 'architecture' | 'interpreter'> | undefined;
  source: string;
  libpython?: Libpython;
  /** The name that a shared libpython would have. */
  soname: string;
  searched: readonly string[];
}

/** Refuses a runtime of another machine or C library, and an app that embeds Python without a libpython to embed. */
export function checkFitsBundle(facts: FitFacts, request: RuntimeRequest): void {
  const musl = facts.elf?.interpreter?.includes('ld-musl') ? '-musl' : '';
  const actual = `linux-${facts.elf?.architecture ?? 'unknown'}${musl}`;
  if (actual !== request.platform)
    throw bundleErrors.error('BUNDLE_RUNTIME_ARCHITECTURE', { source: facts.source, expected: request.platform, actual });
  if (request.embedded && !facts.libpython) {
    throw bundleErrors.error('BUNDLE_LIBPYTHON_MISSING', { source: facts.source, soname: facts.soname, searched: facts.searched });
  }
}
