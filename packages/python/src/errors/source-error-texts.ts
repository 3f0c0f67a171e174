import type { ErrorText } from '@waybill/core';

const list = (items: readonly string[]): string => items.map((item) => `\`${item}\``).join(', ');

/** Errors of a project's own files and of the machine that is to build it. Sorted by code. */
export const sourceErrorTexts = {
  WHEEL_BACKEND_MISSING: (a: { path: string; there: boolean }): ErrorText => ({
    message: a.there
      ? `\`${a.path}\` names no build backend`
      : `There is no \`${a.path}\`, and no setup.py or setup.cfg: nothing says how to build a wheel`,
    details: ['expected `[build-system]` with `requires` and `build-backend`', 'actual none'],
    fix: `add to \`${a.path}\`: \`[build-system]\`, \`requires = ["hatchling"]\`, \`build-backend = "hatchling.build"\``,
  }),
  WHEEL_BUILD_PYTHON: (a: { version: string; python: string }): ErrorText => ({
    message: `\`build\` ${a.version} does not run on Python ${a.python}, and that Python has no \`build\` of its own`,
    fix: 'install it there (`pip install build`), or let uv build: `pip install uv==0.13.8`',
  }),
  WHEEL_FRONTEND: (a: { frontend: string; backend: string }): ErrorText => ({
    message: `\`${a.frontend}\` cannot build a project whose backend is \`${a.backend}\``,
    fix: 'leave out the option `frontend`, or give `--frontend=build` or `--frontend=uv`',
  }),
  WHEEL_FRONTEND_PINNED: (a: { frontend: string; asked: readonly string[] }): ErrorText => ({
    message: `\`${a.frontend}\` makes the environments of its builds itself, and cannot be held to ${a.asked.join(', ')}`,
    fix: 'leave that out of this target (the target `build-wheel`, which makes the sdist, can have it), pin build requirements in `[tool.cibuildwheel]` (`dependency-versions`, `PIP_CONSTRAINT` in `environment`), or take another frontend: `--frontend=uv`',
  }),
  WHEEL_GIT: (a: { command: string; exitCode: number | null; output: string }): ErrorText => ({
    message: `The copy of the sources could not be made a git repository, which its build backend needs: \`${a.command}\` ended with exit code ${a.exitCode ?? 'unknown'}`,
    fix: 'install git (`apt-get install git`) and run again',
    details: a.output === '' ? [] : [a.output],
  }),
  WHEEL_LINK_OUTSIDE: (a: { path: string; target: string }): ErrorText => ({
    message: `The symbolic link \`${a.path}\` leads out of the project`,
    details: ['expected a target in the project, relative to the link', `actual \`${a.target}\``],
    fix: `put the file itself in its place: \`cp --remove-destination\` of what it names, or leave the link out of git and of the project`,
  }),
  WHEEL_LOCAL_MISSING: (a: { requirement: string; project: string; hasTarget: boolean }): ErrorText => ({
    message: `The build requirement \`${a.requirement}\` is the project \`${a.project}\` of this workspace, and the target does not get its wheel: an index would be asked for that name`,
    fix: a.hasTarget
      ? 'have the target depend on it: `"dependsOn": ["^build-wheel"]`'
      : `give that project a target that makes its wheel (\`npx nx g @waybill/release:release-targets ${a.project}\`), and this one \`"dependsOn": ["^build-wheel"]\``,
  }),
  WHEEL_NOTHING_WANTED: (a: { target: string; project: string }): ErrorText => ({
    message: `The target \`${a.target}\` would deliver nothing: it makes no wheel, and it is not the one that delivers the sdist`,
    details: ['expected `wheel: true`, or the target that makes the sdist', 'actual `wheel: false`'],
    fix: `remove \`wheel: false\` from \`${a.target}\` of \`${a.project}\`, or remove the target`,
  }),
  WHEEL_PLATFORM_HOST: (a: { platform: string; host: string; frontend: string }): ErrorText => ({
    message: `\`${a.frontend}\` makes wheels for the machine that it runs on, not for \`${a.platform}\``,
    details: [`expected \`${a.host}\``, `actual \`${a.platform}\``],
    fix: `run this target on a machine of that kind, or give \`--frontend=cibuildwheel\` where it can build for \`${a.platform}\``,
  }),
  WHEEL_PLATFORM_NAME: (a: { target: string; platform: string }): ErrorText => ({
    message: `The name of the target \`${a.target}\` says another platform than its option \`platform\``,
    details: [`expected the platform that the name ends with`, `actual \`${a.platform}\``],
    fix: `remove the option \`platform\`, or call the target \`build-wheel-${a.platform}\``,
  }),
  WHEEL_PYPROJECT: (a: { path: string; reason: string }): ErrorText => ({
    message: `\`${a.path}\` cannot be used: ${a.reason}`,
    fix: `correct \`${a.path}\`; the grammar is TOML 1.0, the tables are those of PEP 518 and PEP 621`,
  }),
  WHEEL_PYTHON_MISSING: (a: { wanted: string; looked: readonly string[] }): ErrorText => ({
    message: `There is no Python \`${a.wanted}\` to build with`,
    details: a.looked,
    fix: 'install it (`uv python install`, pyenv, or the system’s packages), or name another one: `--python=python3.12`',
  }),
  WHEEL_PYTHON_QUERY: (a: { executable: string; reason: string }): ErrorText => ({
    message: `\`${a.executable}\` does not answer as a Python: ${a.reason}`,
    fix: 'name an interpreter that runs here: `--python=python3.12`',
  }),
  WHEEL_PYTHON_VERSION: (a: { expected: string; actual: string; executable: string }): ErrorText => ({
    message: `The interpreter does not fit the project’s \`requires-python\``,
    details: [`expected ${a.expected}`, `actual ${a.actual} (\`${a.executable}\`)`],
    fix: 'name an interpreter that fits (`--python=python3.12`), or write its version into `.python-version`',
  }),
  WHEEL_REQUIREMENT_UNLOCKED: (a: { file: string; missing: readonly string[] }): ErrorText => ({
    message: `\`${a.file}\` does not hold all build requirements of the project`,
    details: [
      'expected every requirement of `[build-system] requires`, and what wheels of this workspace among them need',
      `missing ${list(a.missing)}`,
    ],
    fix: `lock them: \`uv pip compile --generate-hashes\` over what \`[build-system] requires\` lists, into \`${a.file}\``,
  }),
  WHEEL_REQUIREMENT_VERSION: (a: { unfit: readonly { requirement: string; actual: string }[] }): ErrorText => ({
    message: 'Build requirements would be of versions that the project refuses',
    details: a.unfit.map(({ requirement, actual }) => `expected \`${requirement}\`, actual ${actual}`),
    fix: 'lock again (`uv pip compile --generate-hashes` over what `[build-system] requires` lists), or correct the requirement; a wheel of this workspace has the version of its project',
  }),
  WHEEL_SOURCE_SPECIAL: (a: { path: string }): ErrorText => ({
    message: `\`${a.path}\` is neither a file nor a link`,
    fix: `remove \`${a.path}\` (a socket, a pipe or a device), or have git ignore it`,
  }),
  WHEEL_WHEELHOUSE: (a: { path: string; option: string }): ErrorText => ({
    message: `\`${a.path}\` (option \`${a.option}\`) is no folder with wheels`,
    fix: `fill it: \`pip download -d ${a.path} …\`, or correct the option`,
  }),
  WHEEL_WORKPLACE: (a: { path: string; actual: string }): ErrorText => ({
    message: `\`${a.path}\` is where this project is built, and something else stands there`,
    details: ['expected nothing, or what an earlier build of this user left', `actual ${a.actual}`],
    fix: `find out who put it there, and move it away: \`ls -ld ${a.path}\``,
  }),
};
