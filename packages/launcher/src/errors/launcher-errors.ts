interface Text {
  message: string;
  fix: string;
  details?: readonly string[];
}

/** A coded error. Has the name and the shape of core's `WaybillError`; this package depends on nothing, not on core either. */
export class LauncherError extends Error {
  override readonly name = 'WaybillError';
  readonly fix: string;
  readonly details: readonly string[];

  constructor(
    readonly code: string,
    text: Text,
  ) {
    super(text.message);
    this.fix = text.fix;
    this.details = text.details ?? [];
  }
}

const entries = {
  TOOL_LAUNCHER_PLATFORM: (args: { platform: string; known: readonly string[] }): Text => ({
    message: `there is no native launcher for \`${args.platform}\``,
    fix: 'set `launcher: "shell"`, or choose a platform that has a native one',
    details: [`expected one of ${args.known.map((name) => `\`${name}\``).join(', ')}`, `actual \`${args.platform}\``],
  }),
  TOOL_LAUNCHER_BUILD: (args: { target: string; version: string; output: string }): Text => ({
    message: `zig \`${args.version}\` could not build the launcher for \`${args.target}\``,
    fix: 'use zig 0.17.0 (`pip install ziglang==0.17.0`; `WAYBILL_ZIG` names another), or set `launcher: "shell"`',
    details: args.output.split('\n').filter((line) => line !== ''),
  }),
  BUNDLE_LAUNCHER_CONFIG: (args: { key: string; expected: string; actual: string }): Text => ({
    message: `\`${args.key}\` of the launcher is not valid`,
    fix: `give \`${args.key}\` a value that a launcher can hold: ${args.expected}`,
    details: [`expected ${args.expected}`, `actual \`${args.actual}\``],
  }),
};

/** Has the shape of core's catalogs. */
export const launcherErrors = {
  entries,
  error: <K extends keyof typeof entries>(code: K, args: Parameters<(typeof entries)[K]>[0]): LauncherError =>
    new LauncherError(code, (entries[code] as (args: unknown) => Text)(args)),
};
