/** The fixed part of a version resource (VS_FIXEDFILEINFO) of a program for Windows, as far as the versions of file and product; `version` has four parts. */
export function versionResource(version: string): Buffer {
  const bytes = Buffer.alloc(24);
  Buffer.from('bd04effe00000100', 'hex').copy(bytes);
  const [major = 0, minor = 0, build = 0, revision = 0] = version.split('.').map(Number);
  for (const base of [8, 16]) [minor, major, revision, build].forEach((part, index) => bytes.writeUInt16LE(part, base + 2 * index));
  return bytes;
}
