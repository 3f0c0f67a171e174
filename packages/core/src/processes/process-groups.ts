import { spawn } from 'node:child_process';

const END_SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
/** From SIGTERM to SIGKILL. */
export const KILL_AFTER_MS = 3_000;
/**
 * Outlives this process: kills the groups (arguments after the first, which is how often it looks, ten times a second) that have not ended by themselves.
 * Waiting here instead would let the work of this process go on that somebody has just stopped.
 */
const KILL_LATER = `looks=$1; shift
while [ "$looks" -gt 0 ]; do
  alive=
  for group; do kill -s 0 -- "-$group" 2>/dev/null && alive=yes; done
  [ -n "$alive" ] || exit 0
  sleep 0.1; looks=$((looks - 1))
done
for group; do kill -s KILL -- "-$group" 2>/dev/null; done`;
/** Tells listeners of other groups from those of strangers. */
const OURS = Symbol.for('waybill.process-groups');

/**
 * The process groups that are running. A group of its own lets a timeout end all that a program started; the price is that the terminal's
 * Ctrl-C no longer reaches it, so when this process ends, its groups are ended with it.
 */
export class ProcessGroups {
  /** Windows has no process groups that can be signalled. */
  readonly supported = process.platform !== 'win32';
  readonly #leaders = new Set<number>();
  #count = 0;

  /**
   * Starts a leader and keeps it until `ended`. The listeners are there before it is: a signal that arrives while it is being started is
   * handled after it has been noted.
   */
  start<T extends { pid?: number | undefined }>(startLeader: () => T): T {
    if (!this.supported) return startLeader();
    this.#begin();
    let pid: number | undefined;
    try {
      const leader = startLeader();
      pid = leader.pid;
      return leader;
    } finally {
      if (pid === undefined) this.#end();
      else this.#leaders.add(pid);
    }
  }

  ended(pid: number | undefined): void {
    if (pid !== undefined && this.#leaders.delete(pid)) this.#end();
  }

  /** False when nothing of the group is left. */
  signal(pid: number, signal: NodeJS.Signals): boolean {
    try {
      return process.kill(-pid, signal);
    } catch (cause) {
      if ((cause as NodeJS.ErrnoException).code === 'ESRCH' || (cause as NodeJS.ErrnoException).code === 'EPERM') return false;
      throw cause;
    }
  }

  readonly #atExit = (): void => this.#leaders.forEach((pid) => this.signal(pid, 'SIGKILL'));

  /** Whoever else listens for the signal decides what becomes of this process; when nobody does, it ends by the signal as it would have. */
  readonly #atSignal = Object.assign(
    (signal: NodeJS.Signals): void => {
      this.#leaders.forEach((pid) => this.signal(pid, 'SIGTERM'));
      if (process.listeners(signal).some((listener) => !(OURS in listener))) return;
      const args = ['-c', KILL_LATER, 'sh', String(KILL_AFTER_MS / 100), ...[...this.#leaders].map(String)];
      if (this.#leaders.size > 0) spawn('/bin/sh', args, { detached: true, stdio: 'ignore' });
      this.#stopListening();
      process.kill(process.pid, signal);
    },
    { [OURS]: true },
  );

  #begin(): void {
    this.#count += 1;
    if (this.#count > 1) return;
    process.on('exit', this.#atExit);
    END_SIGNALS.forEach((signal) => process.on(signal, this.#atSignal));
  }

  #end(): void {
    this.#count -= 1;
    if (this.#count === 0) this.#stopListening();
  }

  #stopListening(): void {
    process.removeListener('exit', this.#atExit);
    END_SIGNALS.forEach((signal) => process.removeListener(signal, this.#atSignal));
  }
}
