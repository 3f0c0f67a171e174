import type { ErrorText } from '@waybill/core';

/** A line of a lock that an installer could not follow; `details` are its command and its own words. */
export interface LockedLine {
  file: string;
  line: number;
  requirement: string;
  details: readonly string[];
}

const at = ({ file, line, requirement }: LockedLine): string => `\`${file}\` line ${line}: \`${requirement}\``;

/** Errors of wheels that are put together. Sorted by code. */
export const wheelErrorTexts = {
  WHEEL_CONFLICT: (args: { path: string; distributions: readonly string[] }): ErrorText => ({
    message: `the wheels ${args.distributions.map((name) => `\`${name}\``).join(' and ')} both install \`${args.path}\`, with different content`,
    fix: 'keep one of them in the requirements: the one installed last would silently win',
  }),
  WHEEL_DEPENDENCIES: (args: { lacking: readonly string[] }): ErrorText => ({
    message: `${args.lacking.join('; ')}: nothing brings that into the bundle`,
    fix: 'write the lock anew from the manifest (`uv pip compile --generate-hashes pyproject.toml -o requirements.lock`, or `uv export --no-emit-project`) and name it in the target’s option `requirements`; a package of this workspace comes by `"dependsOn": ["^build-wheel"]`',
  }),
  WHEEL_LOCKED_ABSENT: (args: LockedLine & { offline: boolean }): ErrorText => ({
    message: `${at(args)} is not where the installer looked`,
    fix: args.offline
      ? 'fill the cache once without `WAYBILL_OFFLINE`, or name a folder that holds its wheel by a line `--find-links` of the lock'
      : 'name the index that has it in the lock (`--index-url`, `--extra-index-url`; `uv pip compile --emit-index-url` writes it), a folder of wheels by `--find-links`, or pin a version that is there',
    details: args.details,
  }),
  WHEEL_LOCKED_DIGEST: (args: LockedLine & { expected: string; actual: string }): ErrorText => ({
    message: `${at(args)} is not the file that the lock names by its hash`,
    fix: 'find out who changed the file: the index or folder gives other bytes than those that were locked; lock again only when you know that they are right',
    details: [`expected ${args.expected}`, `actual ${args.actual}`, ...args.details],
  }),
  WHEEL_LOCKED_SDIST: (args: LockedLine & { series: string; platform: string }): ErrorText => ({
    message: `${at(args)} comes without a wheel for Python ${args.series} on \`${args.platform}\`, and packaging compiles nothing: what that build fetches is pinned by no hash`,
    fix: `build its wheel once (\`pip wheel --no-deps --wheel-dir vendor/wheels '${args.requirement}'\`), and lock again with that folder (\`uv pip compile --generate-hashes --find-links vendor/wheels --emit-find-links …\`, in the folder of the lock: what it names by path is relative to it)`,
    details: args.details,
  }),
  WHEEL_LOCKED_TAGS: (args: LockedLine & { series: string; platform: string }): ErrorText => ({
    message: `${at(args)} has wheels, but none for Python ${args.series} on \`${args.platform}\``,
    fix: 'pin a version that has one, or package with a Python that its wheels are made for (`runtime.version`); the installer’s hint says which there are',
    details: args.details,
  }),
  WHEEL_TWICE: (args: { file: string; line: number; distribution: string; wheel: string }): ErrorText => ({
    message: `\`${args.distribution}\` comes twice: as \`${args.wheel}\` of this workspace, and from \`${args.file}\` line ${args.line}`,
    fix: `remove the line, or the target's dependency on the target that builds the wheel`,
  }),
};
