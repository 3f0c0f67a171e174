export async function writeFileAtomic(_path: string, _data: string | Uint8Array, _options: { mode?: number } = {}): Promise<void> {
  throw new Error('not yet');
}
