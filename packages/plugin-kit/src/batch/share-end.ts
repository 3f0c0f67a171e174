import type { StageHost } from '../run/stage-host';

type OnEnd = StageHost['onEnd'];

/** The one end of a process that many runs listen for: all of them clean up before it exits. */
export function shareEnd(host: StageHost): { onEnd: OnEnd; stop(): void } {
  const callbacks = new Set<Parameters<OnEnd>[0]>();
  const stop = host.onEnd((signal) => {
    for (const callback of callbacks) callback(signal);
    host.exit(1);
  });
  const onEnd: OnEnd = (callback) => {
    callbacks.add(callback);
    return () => void callbacks.delete(callback);
  };
  return { onEnd, stop };
}

/** The machine as one of them sees it: its lines are kept together, and its end is that of all. */
export const hostOfOne = (host: StageHost, lines: string[], onEnd: OnEnd): StageHost => ({
  ...host,
  write: (line) => void lines.push(line),
  onEnd,
  exit: () => undefined,
});
