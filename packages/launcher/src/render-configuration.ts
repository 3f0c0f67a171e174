import type { LauncherConfig } from './launcher-config';

const escape = (value: string) => value.replaceAll('\\', '\\\\').replaceAll('\n', '\\n');

/** `share/waybill/launcher.conf`, which the native launcher reads: the format stands in `native/configuration.c`. */
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
  return ['waybill-launcher 1', ...lines.map(([key, value]) => `${key} ${escape(value)}`), 'end', ''].join('\n');
}
