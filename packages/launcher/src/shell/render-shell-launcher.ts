import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { LauncherConfig } from '../launcher-config';

/** Supervises in the shell's stead: a shell cannot tell a terminal's signal from a process's, nor `exit 143` from a death by SIGTERM. */
export const SUPERVISOR_PATH = 'share/waybill/supervise.py';

/** One word of shell for any text; `{bundle}` becomes the shell's variable. */
const word = (text: string) =>
  text
    .split('{bundle}')
    .map((part) => (part === '' ? '' : `'${part.replaceAll("'", "'\\''")}'`))
    .join('"$waybill_bundle"') || "''";

/** Options of the interpreter for the user's variables that keep working although it runs isolated. */
const KEPT_OPTIONS = [
  ['PYTHONFAULTHANDLER', '-X faulthandler'],
  ['PYTHONDONTWRITEBYTECODE', '-B'],
  ['PYTHONUNBUFFERED', '-u'],
] as const;

/** The POSIX shell launcher: fixed functions (`launcher.sh`), then the steps for this bundle. */
export function renderShellLauncher(config: LauncherConfig): string {
  const functions = readFileSync(join(__dirname, 'launcher.sh'), 'utf8');
  return `${functions}${[...place(config), ...environment(config), ...start(config)].join('\n')}\n`;
}

function place(config: LauncherConfig): string[] {
  return [
    `waybill_name=${word(config.appName)}`,
    'find_self',
    'follow_links',
    'waybill_bundle=$(CDPATH= cd -P "${waybill_self%/*}/" 2>/dev/null && pwd -P && echo .) || fail 126 "cannot enter the folder of $waybill_self"',
    'waybill_bundle=${waybill_bundle%??}',
    '[ "$waybill_bundle" != / ] || waybill_bundle=',
    'case $waybill_bundle in',
    '*:*) fail 64 "the folder name contains \\`:\\` ($waybill_bundle), which Python takes for the end of a path; move the folder" ;;',
    'esac',
    '',
  ];
}

function environment(config: LauncherConfig): string[] {
  const lines = ['drop_foreign'];
  if (config.program !== config.python) {
    lines.push(`private PYTHONHOME "$waybill_bundle"/${word(config.pythonHome)}`, 'private PYTHONNOUSERSITE 1');
  }
  if (config.platform.startsWith('linux')) lines.push('force_utf8');
  const openssl = config.carries?.includes('openssl') === true;
  if (openssl || config.certificates !== undefined) {
    const carried = config.certificates === undefined ? "''" : `"$waybill_bundle"/${word(config.certificates)}`;
    lines.push(`point_openssl ${carried} ${openssl ? 'carried' : 'host'}`);
  }
  if (config.carries?.includes('ncurses')) {
    lines.push(setDefault('TERMINFO_DIRS', '/etc/terminfo:/lib/terminfo:/usr/share/terminfo:/usr/lib/terminfo:/usr/share/lib/terminfo'));
  }
  for (const [name, value] of Object.entries(config.environment ?? {}).sort(([left], [right]) => (left < right ? -1 : 1))) {
    lines.push(setDefault(name, value));
  }
  const folder = config.program.slice(0, config.program.lastIndexOf('/'));
  lines.push(`[ -e /proc/self/exe ] || private LD_ORIGIN_PATH "$waybill_bundle"/${word(folder)}`, '');
  return lines;
}

const setDefault = (name: string, value: string) => `[ -n "\${${name}+x}" ] || export ${name}=${word(value)}`;

function start(config: LauncherConfig): string[] {
  const program = `"$waybill_bundle"/${word(config.program)}`;
  const lines = config.arguments.length > 0 ? [`set -- ${config.arguments.map(word).join(' ')} "$@"`] : [];
  if (config.program === config.python) {
    lines.push(...KEPT_OPTIONS.map(([variable, option]) => `[ -z "\${${variable}-}" ] || set -- ${option} "$@"`));
  }
  if (config.behaviour === 'become') return [...lines, 'leave_deleted_folder', `start ${program} "$@"`];
  const python = `"$waybill_bundle"/${word(config.python)}`;
  return [...lines, `start ${python} -I -S -X utf8 "$waybill_bundle"/${SUPERVISOR_PATH} "$waybill_name" ${program} "$@"`];
}
