import { launcherErrors } from './errors/launcher-errors';
import type { LauncherConfig } from './launcher-config';

const PATH = 'a path in the bundle, relative, `/` separated, without `.` and `..`';
const PLAIN = 'text without a zero character';

const isPath = (text: string) => !/[\\\0]/.test(text) && text.split('/').every((part) => part !== '' && part !== '.' && part !== '..');
const isPlain = (text: string) => !text.includes('\0');

/** Throws `BUNDLE_LAUNCHER_CONFIG` for what a launcher could not hold or would refuse to read. */
export function checkConfig(config: LauncherConfig): void {
  demand('appName', config.appName, /^[^/\\\n\0]+$/.test(config.appName), 'a file name');
  for (const key of ['program', 'pythonHome', 'python', 'certificates'] as const) {
    const value = config[key];
    if (value !== undefined) demand(key, value, isPath(value), PATH);
  }
  for (const argument of config.arguments) demand('arguments', argument, isPlain(argument), PLAIN);
  for (const [name, value] of Object.entries(config.environment ?? {})) {
    demand('environment', name, /^[A-Za-z_][A-Za-z0-9_]*$/.test(name), 'names of letters, digits and `_`');
    demand('environment', value, isPlain(value), PLAIN);
  }
  if (config.glibc !== undefined) demand('glibc', config.glibc, /^\d+\.\d+$/.test(config.glibc), 'a version such as `2.35`');
}

function demand(key: string, actual: string, valid: boolean, expected: string): void {
  if (!valid) throw launcherErrors.error('BUNDLE_LAUNCHER_CONFIG', { key, expected, actual });
}
