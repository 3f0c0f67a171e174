import type { ErrorText } from '@waybill/core';

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
  WHEEL_TWICE: (args: { file: string; line: number; distribution: string; wheel: string }): ErrorText => ({
    message: `\`${args.distribution}\` comes twice: as \`${args.wheel}\` of this workspace, and from \`${args.file}\` line ${args.line}`,
    fix: `remove the line, or the target's dependency on the target that builds the wheel`,
  }),
};
