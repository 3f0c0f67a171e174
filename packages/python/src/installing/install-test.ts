import type { Finding, Processes } from '@waybill/core';
import type { OptionalRequirement } from './find-extras';
import type { Network, NetworkTier } from '../environment/network';

/** A wheel to be installed; `file` is absolute and was verified. */
export interface InstallableWheel {
  name: string;
  file: string;
}

/** What `testInstall` tries. All paths absolute. */
export interface InstallTestRequest {
  wheel: InstallableWheel;
  /** Wheels of this workspace that the wheel needs, by record. */
  local: readonly InstallableWheel[];
  /** Interpreter that makes the fresh environment. */
  python: string;
  /** Third-party dependencies: a hash-locked file, a folder of wheels, or none at all (`--no-deps`). */
  dependencies: { from: 'lock'; file: string; wheelhouse?: string } | { from: 'wheelhouse'; folder: string } | { from: 'none' };
  /** Modules to import; absent: every top level of the wheel. */
  imports?: readonly string[];
  topLevels: readonly string[];
  /** Console scripts to start with the arguments given; absent: every console script with `--help`. */
  commands?: readonly (readonly string[])[];
  consoleScripts: readonly string[];
  /** What the wheel requires for extras alone. */
  optional?: readonly OptionalRequirement[];
  /** Installer: uv when it is there, else pip of the fresh environment. */
  uv?: { path: string; prefixArgs: readonly string[] };
  /** What everything runs in: nothing that is installed here needs the network. Only what a lock names may be downloaded, through `download`. */
  network: { run: NetworkTier; download: Network };
  scratch: string;
  environment: Readonly<Record<string, string>>;
  timeoutMs: number;
  processes: Processes;
}

/** Findings of the check `install`, and what was tried, for report.json. */
export interface InstallTestResult {
  findings: readonly Finding[];
  tried: {
    imports: readonly string[];
    /** Module → the file or folders that it came from, relative to the environment; one that came from elsewhere or failed is a finding. */
    files: Readonly<Record<string, readonly string[]>>;
    commands: readonly string[];
    installed: readonly string[];
  };
}
