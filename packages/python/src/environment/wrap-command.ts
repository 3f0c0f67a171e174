import { enterNamespace, type Network } from './network';

/** Conditions of a program that no variable gives. */
export interface RunConditions {
  /** Octal digits. */
  umask: string;
  network: Network;
}

/** Sets the umask of this one program and becomes it: the same process, in the same group. */
const SCRIPT = 'umask "$0" && exec "$@"';

/** The command as it is started, so that it runs under the conditions. Windows has neither. */
export function wrapCommand(
  command: { file: string; args: readonly string[] },
  { umask, network }: RunConditions,
  system: string,
): { file: string; args: readonly string[] } {
  if (system === 'win32') return command;
  const [file, ...args] = [...enterNamespace(network), '/bin/sh', '-c', SCRIPT, umask, command.file, ...command.args];
  return { file: file!, args };
}
