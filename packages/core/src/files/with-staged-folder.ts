export async function withStagedFolder<T>(_finalPath: string, _work: (stage: string) => Promise<T>): Promise<T> {
  throw new Error('not yet');
}
