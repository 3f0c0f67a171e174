import type { AppRun } from '../probes/probe';

/** A run of an app at `/opt/app` that ended well and said nothing, but for what `rest` says. */
export const appRun = (rest: Partial<AppRun> = {}): AppRun => ({
  exitCode: 0,
  signal: null,
  timedOut: false,
  stdout: '',
  stderr: '',
  durationMs: 1,
  place: '/opt/app',
  aliases: [],
  argv: [],
  ...rest,
});
