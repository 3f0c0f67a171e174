/** A path that many machines have and that tells nothing of the building one: never a leak token. */
export function isGenericPath(_path: string): boolean {
  throw new Error('not yet');
}
