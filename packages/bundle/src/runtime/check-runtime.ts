import { bundleErrors } from '../errors/bundle-errors';
import type { Libpython } from './find-libpython';
import type { RuntimeRequest } from './runtime-facts';
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
  architecture: string;
  source: string;
  libpython?: Libpython;
  /** The name that a shared libpython would have. */
  soname: string;
  searched: readonly string[];
}

/** Refuses a runtime of another machine, and an app that embeds Python without a libpython to embed. */
export function checkFitsBundle(facts: FitFacts, request: RuntimeRequest): void {
  const expected = request.platform.split('-')[1] ?? request.platform;
  if (facts.architecture !== expected) {
    throw bundleErrors.error('BUNDLE_RUNTIME_ARCHITECTURE', { source: facts.source, expected, actual: facts.architecture });
  }
  if (request.embedded && !facts.libpython) {
    throw bundleErrors.error('BUNDLE_LIBPYTHON_MISSING', { source: facts.source, soname: facts.soname, searched: facts.searched });
  }
}
