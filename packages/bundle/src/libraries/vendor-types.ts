import type { CarriedLibrary, PrunedEntry } from '@waybill/artifacts';
import type { Finding, ResolvedTool } from '@waybill/core';
import type { BundleFacts } from '@waybill/relocation';
import type { RuntimePorts } from '../runtime/runtime-facts';

export interface VendorLibrariesOptions {
  /** Default true. */
  enabled: boolean;
  /** SONAMEs or SPDX licences that are carried although the defaults deny them. */
  allow: readonly string[];
  /** SONAMEs that are never carried. */
  deny: readonly string[];
  /** SONAMEs or stems that are taken from the system the bundle runs on; `desktop` stands for those of every desktop. */
  fromHost: readonly string[];
  /** SONAME (or its stem, `libfoo`) → SPDX expression, for libraries whose licence is not known. */
  licences: Readonly<Record<string, string>>;
}

export interface VendorLibrariesRequest {
  /** Absolute. */
  bundleRoot: string;
  /** Facts of the tree as it is; only entries with `elf` matter. */
  facts: BundleFacts;
  options: VendorLibrariesOptions;
  /** Absolute folders that are looked into before the system's (the runtime's own lib folder, folders of a native build). */
  searchFolders: readonly string[];
  /**
   * Paths in the bundle that may be left out when a library they need is refused (optional modules of the standard library); `byUser`
   * when the option `deny` refuses it.
   */
  dispensable?: (path: string, byUser: boolean) => { reason: string; alsoDrop: readonly string[] } | undefined;
  patchelf: ResolvedTool;
  ports: RuntimePorts;
}

export interface VendoredLibraries {
  /** Sorted by path. */
  carried: readonly CarriedLibrary[];
  /** Removed from the tree because what they need is denied or absent. */
  dropped: readonly PrunedEntry[];
  findings: readonly Finding[];
}
