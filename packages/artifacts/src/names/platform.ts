import { artifactsErrors } from '../errors/artifacts-errors';
import type { Platform } from '../artifact-record';

const PATTERN = /^(linux|macos|windows)-(x86_64|aarch64|universal2)(-musl)?$/;

/** `{os}-{arch}`, `-musl` behind it for musl systems. Anything else is `OPTION_PLATFORM`. */
export function parsePlatform(text: string): Platform {
  const match = PATTERN.exec(text);
  const platform = match && ({ os: match[1], arch: match[2], musl: match[3] !== undefined } as Platform);
  if (!platform || (platform.arch === 'universal2' && platform.os !== 'macos') || (platform.musl && platform.os !== 'linux')) {
    throw artifactsErrors.error('OPTION_PLATFORM', { platform: text });
  }
  return platform;
}

export function formatPlatform(platform: Platform): string {
  return `${platform.os}-${platform.arch}${platform.musl ? '-musl' : ''}`;
}

/** What of Node's `process` tells the host apart. `report` says which libc the process runs on. */
export interface HostProcess {
  platform: string;
  arch: string;
  report?: { getReport(): unknown } | undefined;
}

const SYSTEMS: Readonly<Record<string, Platform['os']>> = { linux: 'linux', darwin: 'macos', win32: 'windows' };
const MACHINES: Readonly<Record<string, Platform['arch']>> = { x64: 'x86_64', arm64: 'aarch64' };

/** The platform of the process given: `hostPlatform(process)`. A machine that Waybill has no name for is `OPTION_HOST`. */
export function hostPlatform(host: HostProcess): Platform {
  const os = SYSTEMS[host.platform];
  const arch = MACHINES[host.arch];
  if (!os || !arch) throw artifactsErrors.error('OPTION_HOST', { host: `${host.platform}-${host.arch}` });
  return { os, arch, musl: os === 'linux' && glibcVersion(host) === undefined };
}

/** Version of the glibc that the process runs on; `undefined` on musl and off Linux. Without a report glibc is assumed. */
export function glibcVersion(host: HostProcess): string | undefined {
  if (host.platform !== 'linux') return undefined;
  if (!host.report) return 'unknown';
  const { header } = host.report.getReport() as { header?: { glibcVersionRuntime?: string } };
  return header?.glibcVersionRuntime;
}
