import type { ErrorText } from '@waybill/core';

export interface Place {
  /** Relative to the workspace. */
  file: string;
  line: number;
}

const at = ({ file, line }: Place): string => `\`${file}\` line ${line}`;

const LOCK_COMMAND = '`uv export --no-emit-workspace --format requirements-txt` or `uv pip compile --generate-hashes`';

/** Errors of requirements files and of wheels' names. Sorted by code. */
export const wheelErrorTexts = {
  WHEEL_NAME: (args: { fileName: string }): ErrorText => ({
    message: `\`${args.fileName}\` is not the name of a wheel`,
    fix: 'build the wheel again with its target: a wheel is named `{distribution}-{version}-{python}-{abi}-{platform}.whl`',
  }),
  WHEEL_PLATFORM: (args: { distribution: string; wheels: readonly string[]; series: string; abiFlags: string; platform: string }): ErrorText => ({
    message: `no wheel of \`${args.distribution}\` fits Python ${args.series}${args.abiFlags} on \`${args.platform}\``,
    fix: `build one: give the project a target \`build-wheel-${args.platform}\`, or package with the runtime that the wheel was made for`,
    details: [
      `expected a wheel for \`cp${args.series.replace('.', '')}${args.abiFlags}\` or \`py3\` on \`${args.platform}\` or \`any\``,
      ...args.wheels.map((name) => `actual \`${name}\``),
    ],
  }),
  WHEEL_REQUIREMENT_DIRECT: (args: Place & { text: string }): ErrorText => ({
    message: `${at(args)} names an editable, a folder, a repository or an sdist, whose build no hash pins: \`${args.text}\``,
    fix: `of this workspace: lock with ${LOCK_COMMAND}, without its packages (\`--no-emit-package <name>\`): their wheels come from the \`build-wheel\` targets that the target depends on; of others: build a wheel once, and name it by its path with its hash`,
  }),
  WHEEL_REQUIREMENT_FILE: (args: Place & { name: string; paths: readonly string[] }): ErrorText => ({
    message: `${at(args)}: the wheel of \`${args.name}\` is not there`,
    fix: 'put the wheel there, or lock again: its path is relative to the file that names it, or to the workspace',
    details: args.paths.map((path) => `looked for \`${path}\``),
  }),
  WHEEL_REQUIREMENT_HASH: (args: Place & { requirement: string; hash?: string }): ErrorText => ({
    message: `${at(args)}: \`${args.requirement}\` has no sha256 hash`,
    fix: `lock with hashes: ${LOCK_COMMAND}`,
    details: args.hash === undefined ? [] : ['expected `--hash=sha256:` and 64 hexadecimal digits', `actual \`${args.hash}\``],
  }),
  WHEEL_REQUIREMENT_OPTION: (args: Place & { option: string }): ErrorText => ({
    message: `${at(args)}: the option \`${args.option}\` is not known in a locked requirements file`,
    fix: `remove \`${args.option}\`: a lock holds pins with hashes, \`-r\` includes, and where the index is`,
  }),
  WHEEL_REQUIREMENT_PIN: (args: Place & { text: string }): ErrorText => ({
    message: `${at(args)}: \`${args.text}\` is not pinned to one version by \`==\``,
    fix: `lock with ${LOCK_COMMAND}`,
  }),
  WHEEL_REQUIREMENT_SECRET: (args: Place): ErrorText => ({
    message: `${at(args)}: the address of the index holds a password, or a token as its user name`,
    fix: 'take it out of the file, and give it to the installer by its own variables (`UV_INDEX_<NAME>_USERNAME`, `UV_INDEX_<NAME>_PASSWORD`)',
  }),
  WHEEL_REQUIREMENT_SYNTAX: (args: Place & { text: string }): ErrorText => ({
    message: `${at(args)} is not a requirement: \`${args.text}\``,
    fix: `write the file again with ${LOCK_COMMAND}`,
  }),
  WHEEL_REQUIREMENT_TWICE: (args: Place & { name: string; first: Place }): ErrorText => ({
    message: `${at(args)} pins \`${args.name}\` to another version than ${at(args.first)}`,
    fix: 'keep one of the two lines',
  }),
  WHEEL_REQUIREMENTS_LOOP: (args: { files: readonly string[] }): ErrorText => ({
    message: `the requirements files include each other: ${args.files.map((file) => `\`${file}\``).join(' → ')}`,
    fix: `remove the \`-r\` line in \`${args.files.at(-2) ?? args.files[0]!}\` that closes the circle`,
  }),
  WHEEL_REQUIREMENTS_MISSING: (args: { file: string; from?: string }): ErrorText => ({
    message: `the requirements file \`${args.file}\` does not exist${args.from === undefined ? '' : ` (included by \`${args.from}\`)`}`,
    fix: `write it with ${LOCK_COMMAND}, or correct the option \`requirements\``,
  }),
};
