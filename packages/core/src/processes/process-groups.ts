const END_SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/**
 * The process groups that are running. A group of its own lets a timeout end all that a program started; the price is that the terminal's
 * Ctrl-C no longer reaches it, so when this process ends, its groups are ended with it.
 */
export class ProcessGroups {
  /** Windows has no process groups that can be signalled. */
  readonly supported = process.platform !== 'win32';
  readonly #leaders = new Set<number>();

  add(pid: number): void {
    if (!this.supported) return;
    if (this.#leaders.size === 0) this.#listen();
    this.#leaders.add(pid);
  }

  delete(pid: number): void {
    if (this.#leaders.delete(pid) && this.#leaders.size === 0) this.#stopListening();
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
  readonly #atSignal = (signal: NodeJS.Signals): void => {
    this.#leaders.forEach((pid) => this.signal(pid, 'SIGTERM'));
    if (process.listenerCount(signal) > 1) return;
    this.#stopListening();
    process.kill(process.pid, signal);
  };

  #listen(): void {
    process.on('exit', this.#atExit);
    END_SIGNALS.forEach((signal) => process.on(signal, this.#atSignal));
  }

  #stopListening(): void {
    process.removeListener('exit', this.#atExit);
    END_SIGNALS.forEach((signal) => process.removeListener(signal, this.#atSignal));
  }
}
