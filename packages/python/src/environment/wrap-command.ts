import { enterNamespace, type Network } from './network';

/** Conditions of a program that no variable gives. */
export interface RunConditions {
  /** Octal digits. */
  umask: string;
  network: Network;
  /** Gets what the namespace has counted when the program has ended: `attemptsIn` reads it. */
  counters?: string;
}

/** Sets the umask of this one program and becomes it: the same process, in the same group. */
const SCRIPT = 'umask "$0" && exec "$@"';
/** Stays, to read the counters of a namespace that ends with it; then ends as the program did, by its signal too. */
const COUNTED =
  'umask "$0" || exit; counters=$1; shift; "$@"; code=$?; cat /proc/net/snmp /proc/net/snmp6 >"$counters" 2>/dev/null; [ $code -le 128 ] || kill -$((code - 128)) $$ 2>/dev/null; exit $code';

/** The command as it is started, so that it runs under the conditions. Windows has neither. */
export function wrapCommand(
  command: { file: string; args: readonly string[] },
  { umask, network, counters }: RunConditions,
  system: string,
): { file: string; args: readonly string[] } {
  if (system === 'win32') return command;
  const entering = enterNamespace(network);
  const shell = counters !== undefined && entering.length > 0 ? [COUNTED, umask, counters] : [SCRIPT, umask];
  const [file, ...args] = [...entering, '/bin/sh', '-c', ...shell, command.file, ...command.args];
  return { file: file!, args };
}
