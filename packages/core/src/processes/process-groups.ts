const END_SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
/** From SIGTERM to SIGKILL. */
export const KILL_AFTER_MS = 3_000;
/** How often a group that is being ended is looked at. */
const LOOK_EVERY_MS = 25;
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
  /** Groups that were asked to end because this process ends, their leaders perhaps gone already. */
  readonly #asked = new Set<number>();
  #ending: NodeJS.Timeout | undefined;
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

  readonly #atExit = (): void => [...this.#leaders, ...this.#asked].forEach((pid) => this.signal(pid, 'SIGKILL'));

  /**
   * Whoever else listens for the signal decides what becomes of this process. When nobody does, it ends by the signal as it would have, as
   * soon as nothing of its groups is left; what is left after a while, or at a second signal, is killed.
   */
  readonly #atSignal = Object.assign(
    (signal: NodeJS.Signals): void => {
      for (const pid of this.#leaders) if (this.signal(pid, 'SIGTERM')) this.#asked.add(pid);
      if (process.listeners(signal).some((listener) => !(OURS in listener))) return;
      if (this.#ending !== undefined) return this.#endBy(signal);
      const endMs = performance.now() + KILL_AFTER_MS;
      this.#ending = setInterval(() => this.#endWhenDone(signal, endMs), LOOK_EVERY_MS);
    },
    { [OURS]: true },
  );

  #endWhenDone(signal: NodeJS.Signals, endMs: number): void {
    if (performance.now() > endMs || ![...this.#asked].some((pid) => this.#isAlive(pid))) this.#endBy(signal);
  }

  /** The last copy of this module that listens ends the process: others may still wait for their groups. */
  #endBy(signal: NodeJS.Signals): void {
    this.#atExit();
    clearInterval(this.#ending);
    this.#stopListening();
    if (process.listenerCount(signal) === 0) process.kill(process.pid, signal);
  }

  #isAlive(pid: number): boolean {
    try {
      return process.kill(-pid, 0);
    } catch (cause) {
      return (cause as NodeJS.ErrnoException).code === 'EPERM';
    }
  }

  #begin(): void {
    this.#count += 1;
    if (this.#count > 1 || this.#ending !== undefined) return;
    process.on('exit', this.#atExit);
    END_SIGNALS.forEach((signal) => process.on(signal, this.#atSignal));
  }

  #end(): void {
    this.#count -= 1;
    if (this.#count === 0 && this.#ending === undefined) this.#stopListening();
  }

  #stopListening(): void {
    process.removeListener('exit', this.#atExit);
    END_SIGNALS.forEach((signal) => process.removeListener(signal, this.#atSignal));
  }
}
