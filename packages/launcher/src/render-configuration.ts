import { launcherErrors } from './errors/launcher-errors';
import type { LauncherConfig } from './launcher-config';

/** As in `native/configuration.c` (MAX_REPEATED) and `native/main-posix.c`, `native/windows.c` (MAX_CONFIGURATION_BYTES). */
const MOST_LINES_OF_A_KEY = 256;
const MOST_BYTES = 64 * 1024 - 1;

const escape = (value: string) => value.replaceAll('\\', '\\\\').replaceAll('\n', '\\n');

/** Throws `BUNDLE_LAUNCHER_CONFIG` for more than the native launcher reads. `share/waybill/launcher.conf`, which the native launcher reads: the format stands in `native/configuration.c`. */
export function renderConfiguration(config: LauncherConfig): string {
  const lines: [key: string, value: string][] = [
    ['behaviour', config.behaviour],
    ['name', config.appName],
    ['program', config.program],
    ['home', config.pythonHome],
    ['python', config.python],
    ...config.arguments.map((argument): [string, string] => ['argument', argument]),
    ...Object.entries(config.environment ?? {})
      .sort(([left], [right]) => (left < right ? -1 : 1))
      .map(([name, value]): [string, string] => ['default', `${name}=${value}`]),
    ...[...new Set(config.carries ?? [])].sort().map((part): [string, string] => ['carries', part]),
  ];
  if (config.certificates !== undefined) lines.push(['certificates', config.certificates]);
  if (config.glibc !== undefined) lines.push(['glibc', config.glibc]);
  const text = ['waybill-launcher 1', ...lines.map(([key, value]) => `${key} ${escape(value)}`), 'end', ''].join('\n');
  demandAtMost('arguments', MOST_LINES_OF_A_KEY, config.arguments.length, 'in number');
  demandAtMost('environment', MOST_LINES_OF_A_KEY, Object.keys(config.environment ?? {}).length, 'variables');
  const sizes = { arguments: config.arguments.join('').length, environment: JSON.stringify(config.environment ?? {}).length };
  demandAtMost(sizes.arguments > sizes.environment ? 'arguments' : 'environment', MOST_BYTES, Buffer.byteLength(text), 'bytes of `launcher.conf`');
  return text;
}

function demandAtMost(key: string, most: number, actual: number, what: string): void {
  if (actual > most) throw launcherErrors.error('BUNDLE_LAUNCHER_CONFIG', { key, expected: `at most ${most} ${what}`, actual: `${actual}` });
}
