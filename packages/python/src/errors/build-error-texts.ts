import type { ErrorText } from '@waybill/core';
import type { ReportedBuild } from '../building/cibuildwheel';

export interface FailedRun {
  what: 'sdist' | 'wheel' | 'build requirements';
  backend: string;
  command: string;
  output: string;
}

const list = (items: readonly string[]): string => items.map((item) => `\`${item}\``).join(', ');
const outputLines = (output: string): string[] => (output === '' ? ['it printed nothing'] : [output]);
const buildLine = ({ id, took }: ReportedBuild): string => `build \`${id}\` ${took === undefined ? 'did not end well' : `finished in ${took}`}`;
const MANY = 20;
const some = (paths: readonly string[]): string[] => [
  ...paths.slice(0, MANY).map((path) => `\`${path}\``),
  ...(paths.length > MANY ? [`and ${paths.length - MANY} more`] : []),
];

export interface FailedBuild extends FailedRun {
  frontend: string;
  ending: string;
  /** Files that the sdist lacks. */
  missing: readonly string[];
  /** A build requirement that the index cannot meet. */
  unresolved?: string;
  builds?: readonly ReportedBuild[];
  attempts?: number;
}

const ABSENT = /No such file or directory: '(?<python>[^'/]+)'|\b(?<shell>[\w.+-]+): (?:command )?not found$|linker `(?<rust>[^`]+)` not found/m;
const OF_TOOLCHAINS =
  /^(?:(?:[\w.]+-)*(?:cc|gcc|c\+\+|g\+\+|clang|clang\+\+|gfortran)(?:-\d[\d.]*)?|cargo|rustc|cmake|ninja|make|meson|swig|pkg-config|nasm|git)$/;

/** What a build starts and the machine has not, as compilers, by what it printed; the headers of Python are of that kind. */
function absentIn(output: string): string | undefined {
  if (/fatal error: '?Python\.h'?(?::| file)/.test(output))
    return 'the headers of the interpreter (`Python.h`; Debian: `apt-get install python3-dev`)';
  const { python, shell, rust } = ABSENT.exec(output)?.groups ?? {};
  const program = python ?? shell ?? rust;
  return program !== undefined && OF_TOOLCHAINS.test(program) ? `\`${program}\`, which the build starts and PATH has not` : undefined;
}

function adviceOn({ missing, unresolved, output, frontend }: FailedBuild): string {
  if (missing.length > 0)
    return `the sdist lacks ${list(missing)}, which the sources have; have the backend put into it what the build needs (\`MANIFEST.in\`, \`include\`)`;
  if (unresolved !== undefined) return `correct \`${unresolved}\` in \`[build-system] requires\`: the index has nothing that meets it`;
  const absent = absentIn(output);
  if (absent !== undefined) return `install ${absent}`;
  return `correct what the backend says; \`${frontend.startsWith('uv') ? 'uv build' : 'python -m build'}\` in the folder of the project shows it alone`;
}

/** Errors of what backends and frontends do. Sorted by code. */
export const buildErrorTexts = {
  WHEEL_BUILD_FAILED: (a: FailedBuild): ErrorText => ({
    message: `\`${a.backend}\`, called by ${a.frontend}, made no ${a.what}: ${a.ending}`,
    fix: adviceOn(a),
    details: [
      ...(a.attempts ? [`network the build has none, and tried it ${a.attempts} ${a.attempts === 1 ? 'time' : 'times'}`] : []),
      ...(a.builds ?? []).map(buildLine),
      `command \`${a.command}\``,
      ...outputLines(a.output),
    ],
  }),
  WHEEL_ENGINE: (a: { engine: string; reason: string }): ErrorText => ({
    message: `cibuildwheel builds wheels for Linux in containers, and \`${a.engine}\` does not answer here`,
    details: [`actual ${a.reason === '' ? 'it said nothing' : a.reason}`],
    fix: 'start or install it, or name another one in `[tool.cibuildwheel] container-engine`; the variables that it needs (`DOCKER_HOST`) go into `passEnv`',
  }),
  WHEEL_NETWORK: (a: FailedRun & { attempt: string; caller?: string; tier: string }): ErrorText => ({
    message: `Making the ${a.what} with \`${a.backend}\` wanted the network, which this build must not use`,
    details: [
      `network ${a.tier}`,
      `attempt \`${a.attempt}\``,
      ...(a.caller === undefined ? [] : [`from ${a.caller}`]),
      `command \`${a.command}\``,
      ...outputLines(a.output),
    ],
    fix: 'put what it asks for into the wheelhouse, or let the build have the network: leave out the option `wheelhouse` and the variable `WAYBILL_OFFLINE`',
  }),
  WHEEL_NOTHING_BUILT: (a: { what: string; backend: string; there: readonly string[]; output: string }): ErrorText => ({
    message: `\`${a.backend}\` said that all is well, but made no ${a.what}`,
    details: [`expected one ${a.what}`, `actual ${a.there.length === 0 ? 'nothing' : list(a.there)}`, ...outputLines(a.output)],
    fix: 'correct the settings of the backend; a backend must leave its result in the folder that it is given (PEP 517)',
  }),
  WHEEL_OUTPUT_SET: (a: { what: string; backend: string; files: readonly string[] }): ErrorText => ({
    message: `\`${a.backend}\` made other files than one ${a.what}`,
    details: [`expected one ${a.what}`, `actual ${list(a.files)}`],
    fix: 'correct the settings of the backend, so that it makes one file in a call; wheels for other systems have targets of their own (`build-wheel-{platform}`)',
  }),
  WHEEL_REQUIREMENT_DIGEST: (a: {
    what: string;
    expected: string;
    actual: string;
    files: readonly string[];
    command: string;
    output: string;
  }): ErrorText => ({
    message: `\`${a.what}\` is not the file that ${list(a.files)} names by its hash`,
    details: [`expected ${a.expected}`, `actual ${a.actual}`, `command \`${a.command}\``, ...outputLines(a.output)],
    fix: 'find out who changed the file: the index or wheelhouse gives other bytes than those that were locked; lock again only when you know that they are right',
  }),
  WHEEL_REQUIREMENT_SDIST: (a: {
    requirement: string;
    files: readonly string[];
    wheelhouse: string;
    command: string;
    output: string;
  }): ErrorText => ({
    message: `Of \`${a.requirement}\` in ${list(a.files)} there is no wheel that this interpreter can use, and an sdist is not built: what that build fetches is pinned by no hash`,
    details: [`command \`${a.command}\``, ...outputLines(a.output)],
    fix: `build its wheel once (\`pip wheel --no-deps --wheel-dir ${a.wheelhouse} '${a.requirement}'\`), put the wheel’s hash into the lock (\`pip hash\`), and name the folder by a line \`--find-links\` of the lock or by the option \`wheelhouse\``,
  }),
  WHEEL_REQUIREMENTS: (a: { files: readonly string[]; command: string; output: string }): ErrorText => ({
    message: `The build requirements of ${list(a.files)} could not be installed`,
    details: [`command \`${a.command}\``, ...outputLines(a.output)],
    fix: 'lock them again for this interpreter and system: `uv pip compile --generate-hashes`',
  }),
  WHEEL_SDIST_SHAPE: (a: { file: string; folders: readonly string[] }): ErrorText => ({
    message: `\`${a.file}\` is no sdist that can be built from: it must hold one folder`,
    details: ['expected one folder at the top', `actual ${a.folders.length === 0 ? 'none' : list(a.folders)}`],
    fix: 'correct the settings of the backend: an sdist holds `{name}-{version}/` with `PKG-INFO` and `pyproject.toml` in it',
  }),
  WHEEL_SOURCE_CHANGED: (a: { backend: string; changed: readonly string[]; removed: readonly string[] }): ErrorText => ({
    message: `\`${a.backend}\` changed the sources that it was given`,
    details: [...some(a.changed).map((path) => `changed ${path}`), ...some(a.removed).map((path) => `removed ${path}`)],
    fix: 'have it write what it generates to files that are not there beforehand (and have git ignore them), and leave sources alone',
  }),
  WHEEL_TIMEOUT: (a: { what: string; timeoutMs: number; command: string; output: string }): ErrorText => ({
    message: `The build did not end in time: \`${a.what}\` was ended after ${Math.round(a.timeoutMs / 100) / 10} s, with all that it had started`,
    details: [`command \`${a.command}\``, ...outputLines(a.output)],
    fix: 'look in what it printed for what it waits for; if it needs more time, give a higher `timeoutMs`',
  }),
  WHEEL_TREE_CHANGED: (a: { added: readonly string[]; changed: readonly string[]; removed: readonly string[] }): ErrorText => ({
    message: 'Files of the project changed while it was built',
    details: [
      ...some(a.added).map((path) => `added ${path}`),
      ...some(a.changed).map((path) => `changed ${path}`),
      ...some(a.removed).map((path) => `removed ${path}`),
    ],
    fix: 'run it again when nothing else writes there; if the build itself wrote them, it must write to the folder that it is given',
  }),
  WHEEL_WHEELHOUSE_LACKS: (a: FailedRun & { path: string; requirement: string }): ErrorText => ({
    message: `The wheelhouse \`${a.path}\` has nothing that meets \`${a.requirement}\`, so that the ${a.what} could not be made`,
    details: [`command \`${a.command}\``, ...outputLines(a.output)],
    fix: `put it there: \`pip download --dest ${a.path} '${a.requirement}'\`, with the interpreter that builds`,
  }),
  WHEEL_WROTE_OUTSIDE: (a: { backend: string; paths: readonly string[] }): ErrorText => ({
    message: `\`${a.backend}\` wrote outside the folder that it was given`,
    details: [
      'expected nothing beside the sources, nor in folders for temporary files but the one that TMPDIR names',
      ...some(a.paths).map((path) => `actual ${path}`),
    ],
    fix: 'have the build write below the project, or into the folder that TMPDIR names (`tempfile` takes it): what lies elsewhere is lost, or is somebody else’s',
  }),
};
