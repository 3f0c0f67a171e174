import { existsSync } from 'node:fs';

const SYSTEMS: Readonly<Record<string, string>> = { linux: 'linux', darwin: 'macos', win32: 'windows' };
const ARCHITECTURES: Readonly<Record<string, string>> = { x64: 'x86_64', arm64: 'aarch64' };

/** The platform of this process in the words of the tool lock: `linux-x86_64`, `linux-aarch64-musl`. */
export function toolPlatform(): string {
  const architecture = ARCHITECTURES[process.arch] ?? process.arch;
  return `${SYSTEMS[process.platform] ?? process.platform}-${architecture}${isMusl(architecture) ? '-musl' : ''}`;
}

/** Both C libraries may be there; which one runs Node is in its report, which costs more than the first look. */
function isMusl(architecture: string): boolean {
  if (process.platform !== 'linux' || !existsSync(`/lib/ld-musl-${architecture}.so.1`)) return false;
  const { header } = process.report.getReport() as unknown as { header: { glibcVersionRuntime?: string } };
  return header.glibcVersionRuntime === undefined;
}
