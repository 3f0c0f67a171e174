import { join } from 'node:path';
import type { RuntimePorts } from './runtime-facts';

const DEFAULT_TIMEOUT_MS = 120_000;

export const timeoutOf = (ports: RuntimePorts): number => ports.timeoutMs ?? DEFAULT_TIMEOUT_MS;

/** Where unpacked archives are kept by digest. */
export function cacheFolderOf(ports: RuntimePorts, fallback: string): string {
  if (ports.cacheFolder) return ports.cacheFolder;
  const { XDG_CACHE_HOME: cache, HOME: home } = ports.environment;
  if (cache) return join(cache, 'waybill', 'runtimes');
  if (home) return join(home, '.cache', 'waybill', 'runtimes');
  return fallback;
}

/** Runs a step by the caller's progress, or just runs it. */
export function step<T>(ports: RuntimePorts, name: string, work: () => Promise<T>): Promise<T> {
  return ports.progress ? ports.progress.step(name, work) : work();
}
