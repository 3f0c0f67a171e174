import type { ErrorText } from '@waybill/core';

/** Errors of runtimes and of the host libraries that a bundle carries. Sorted by code. */
export const runtimeErrorTexts = {
  BUNDLE_RUNTIME_MISSING: (args: { searched: readonly string[] }): ErrorText => ({
    message: 'no Python interpreter was found for the bundle',
    fix: 'name one with the option `runtime.path`, or write its version to `.python-version`',
    details: args.searched.map((place) => `looked at ${place}`),
  }),
};
