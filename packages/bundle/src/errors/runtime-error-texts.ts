import type { ErrorText } from '@waybill/core';

const wanted = (expected: string, actual: string): string[] => [`expected ${expected}`, `actual ${actual}`];

/** Errors of choosing and preparing a runtime. Sorted by code. */
export const runtimeErrorTexts = {
  BUNDLE_BYTECODE: (args: { exitCode: number | null; output: string }): ErrorText => ({
    message: 'the prepared runtime could not compile its own standard library',
    fix: 'set the option `pyc` to `none` to ship without byte code, or choose another runtime',
    details: [`exit code ${args.exitCode ?? 'none (signal)'}`, `${args.output}`],
  }),
  BUNDLE_ELF_DAMAGED: (args: { path: string; tool: string; expected: string; actual: string }): ErrorText => ({
    message: `\`${args.path}\` is no longer the same library after \`${args.tool}\` changed it`,
    fix: 'use patchelf 0.19 or newer (`WAYBILL_PATCHELF=<path>`), or set the option `strip` to `false`',
    details: wanted(args.expected, args.actual),
  }),
  BUNDLE_LIBPYTHON_MISMATCH: (args: { file: string; expected: string; actual: string }): ErrorText => ({
    message: `\`${args.file}\` does not belong to the interpreter`,
    fix: 'point `runtime.path` at an interpreter whose libpython comes from the same build',
    details: wanted(args.expected, args.actual),
  }),
  BUNDLE_LIBPYTHON_MISSING: (args: { source: string; soname: string; searched: readonly string[] }): ErrorText => ({
    message: `the app embeds Python, and the runtime (${args.source}) has no shared libpython`,
    fix: 'use an interpreter that was built with `--enable-shared` (pyenv: `PYTHON_CONFIGURE_OPTS=--enable-shared pyenv install <version>`; Debian: `apt install libpython3-dev`)',
    details: [`expected \`${args.soname}\``, ...args.searched.map((place) => `looked at \`${place}\``)],
  }),
  BUNDLE_RUNTIME_ARCHITECTURE: (args: { source: string; expected: string; actual: string }): ErrorText => ({
    message: `the runtime (${args.source}) is made for another machine than the bundle`,
    fix: 'choose a runtime for the platform of the bundle (`runtime.path`, `runtime.url`), or set the option `platform`',
    details: wanted(args.expected, args.actual),
  }),
  BUNDLE_RUNTIME_BROKEN: (args: { check: string; expected: string; actual: string }): ErrorText => ({
    message: `the prepared runtime does not work in its new place (${args.check})`,
    fix: 'choose another runtime, or set `strip` to `false` and `prune.preset` to `none` to find the step at fault',
    details: wanted(args.expected, args.actual),
  }),
  BUNDLE_RUNTIME_DIGEST: (args: { source: string; expected: string; actual: string }): ErrorText => ({
    message: `the runtime (${args.source}) is not the file that was asked for`,
    fix: 'compare `runtime.sha256` with the sum that the publisher gives; if the file changed with your knowledge, set it to the actual one',
    details: wanted(`sha256 ${args.expected}`, `sha256 ${args.actual}`),
  }),
  BUNDLE_RUNTIME_DOWNLOAD: (args: { url: string; reason: string }): ErrorText => ({
    message: `the runtime could not be fetched from \`${args.url}\``,
    fix: 'check the address and the network (`curl -I <url>`), then run the same command again: nothing was kept; or give a file by `runtime.path`',
    details: [`${args.reason}`],
  }),
  BUNDLE_RUNTIME_INCOMPLETE: (args: { source: string; missing: string; searched?: readonly string[] }): ErrorText => ({
    message: `the runtime (${args.source}) has no ${args.missing}`,
    fix: 'give a complete Python, such as a python-build-standalone `install_only` archive or a folder that holds `bin/python3.x` and `lib/python3.x`',
    details: (args.searched ?? []).map((place) => `looked at \`${place}\``),
  }),
  BUNDLE_RUNTIME_MISSING: (args: { wanted?: string; searched: readonly string[] }): ErrorText => ({
    message: args.wanted ? `no Python ${args.wanted} was found for the bundle` : 'no Python was found for the bundle',
    fix: 'name the interpreter with the option `runtime.path`, or install the version that `.python-version` asks for',
    details: args.searched.map((place) => `looked at ${place}`),
  }),
  BUNDLE_RUNTIME_QUERY: (args: { executable: string; reason: string; output: string }): ErrorText => ({
    message: `\`${args.executable}\` did not answer as a Python interpreter`,
    fix: `run \`${args.executable} -I -S -c "import sys; print(sys.version)"\` to see why, or name another one with \`runtime.path\``,
    details: [`${args.reason}`, ...(args.output ? [`${args.output}`] : [])],
  }),
  BUNDLE_RUNTIME_UNSUITABLE: (args: { source: string; expected: string; actual: string }): ErrorText => ({
    message: `the runtime (${args.source}) cannot be bundled`,
    fix: 'choose CPython 3.9 or newer with `runtime.path` or `runtime.version`',
    details: wanted(args.expected, args.actual),
  }),
  BUNDLE_RUNTIME_VERSION: (args: { source: string; expected: string; actual: string }): ErrorText => ({
    message: `the runtime (${args.source}) has another version than the one asked for`,
    fix: 'change `runtime.version`, or choose a runtime of that version',
    details: wanted(args.expected, args.actual),
  }),
  BUNDLE_STRIP: (args: { output: string }): ErrorText => ({
    message: '`strip` refused a file of the runtime',
    fix: 'set the option `strip` to `false`, or name a strip for that machine with `WAYBILL_STRIP=<path>` (`llvm-strip` knows all)',
    details: [`${args.output}`],
  }),
  BUNDLE_UV: (args: { command: string; output: string }): ErrorText => ({
    message: `\`${args.command}\` gave no interpreter`,
    fix: 'run that command by hand; behind a firewall set `UV_PYTHON_INSTALL_MIRROR`',
    details: [`${args.output}`],
  }),
  OPTION_RUNTIME_SHA256: (args: { reason: string }): ErrorText => ({
    message: `\`runtime.sha256\` ${args.reason}`,
    fix: 'set `runtime.sha256` (or the variable that `runtime.sha256Env` names) to the 64 hexadecimal digits that the publisher gives',
  }),
  OPTION_RUNTIME_SOURCE: (args: { provider: string; reason: string }): ErrorText => ({
    message: `the runtime provider \`${args.provider}\` ${args.reason}`,
    fix: 'for `archive` set exactly one of `runtime.path` and `runtime.url`; for `interpreter` and `uv` set neither `url` nor `sha256`',
  }),
  OPTION_RUNTIME_VARIABLE: (args: { option: string; variable: string }): ErrorText => ({
    message: `the variable \`${args.variable}\`, which \`${args.option}\` names, is not set`,
    fix: `export \`${args.variable}\`, or remove \`${args.option}\``,
  }),
  OPTION_RUNTIME_VERSION: (args: { value: string }): ErrorText => ({
    message: `\`${args.value}\` is no version of Python that can be asked for`,
    fix: 'write `runtime.version` or `expect.python` as `3.11`, `3.11.7` or `>=3.10,<3.13`',
  }),
} as const;
