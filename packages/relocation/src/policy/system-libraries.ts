/** Platform key (`linux`, `linux-musl`) → file name pattern → why every target system has it. */
export interface SystemLibrary {
  name: string;
  reason: string;
}
export const SYSTEM_LIBRARIES: Readonly<Record<string, readonly SystemLibrary[]>> = {};
export function isSystemLibrary(_platform: string, _soname: string): boolean {
  throw new Error('not yet');
}
