export interface FileLockOptions {
  timeoutMs: number;
  /** Called once when the lock is held by another: who holds it. */
  onWait?: (holder: string) => void;
}

export async function withFileLock<T>(_path: string, _options: FileLockOptions, _work: () => Promise<T>): Promise<T> {
  throw new Error('not yet');
}
