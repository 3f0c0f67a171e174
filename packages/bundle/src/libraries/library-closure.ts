import { dirname, isAbsolute } from 'node:path';
import type { ElfFacts } from '@waybill/binary';
import { isSystemLibrary } from '@waybill/relocation';
import { bundleErrors } from '../errors/bundle-errors';
import type { HostLibraries, HostLibrary } from './find-host-library';
import { isFromHost, isOfDesktop } from './host-provided';
import { isStrongCopyleft, knownLibrary, stemOf } from './library-licences';
import type { VendorLibrariesOptions } from './vendor-types';

/** Why a library is not carried. `byUser` when the option `deny` says so. */
export type Refusal =
  | { kind: 'denied'; soname: string; reason: string; byUser: boolean; desktop?: true }
  | { kind: 'missing'; soname: string; searched: readonly string[] }
  | { kind: 'unlicensed'; soname: string; file: string };

export type Closure = { ok: true; libraries: readonly HostLibrary[] } | { ok: false; refusal: Refusal };

const inList = (list: readonly string[], soname: string): boolean => list.includes(soname) || list.includes(stemOf(soname));

/** The licence of a library: as the user names it, else by the kept table. */
export function licenceOf(soname: string, options: VendorLibrariesOptions): string | undefined {
  return options.licences[soname] ?? options.licences[stemOf(soname)] ?? knownLibrary(soname)?.licence;
}

type Denial = Extract<Refusal, { kind: 'denied' }>;

/** The policy on one library, from its name alone: why it may not be in the bundle, `host` where it is to come from the system, nothing where it is carried. Pure. */
export function decideByName(soname: string, options: VendorLibrariesOptions): Denial | 'host' | undefined {
  const denied = (reason: string, byUser = false) => ({
    kind: 'denied' as const,
    soname,
    reason,
    byUser,
    ...(isOfDesktop(soname) && { desktop: true as const }),
  });
  if (inList(options.deny, soname)) return denied('named in `vendorLibraries.deny`', true);
  if (/^libpython\d/.test(soname)) return denied('a second Python in one process');
  if (inList(options.allow, soname)) return undefined;
  if (isFromHost(soname, options)) return 'host';
  const licence = licenceOf(soname, options);
  if (licence && options.allow.includes(licence)) return undefined;
  if (licence && isStrongCopyleft(licence)) return denied(`its licence is ${licence}`);
  if (knownLibrary(soname)?.desktop) return denied('it is a part of the desktop that the bundle runs on');
  return undefined;
}

/** Search folders that a file of the host names for itself. */
export function ownFoldersOf(elf: ElfFacts, found?: string): string[] {
  const entries = (elf.rpath ?? elf.runpath ?? '').split(':').filter(Boolean);
  const origin = found ? dirname(found) : undefined;
  const resolved = entries.map((entry) => (origin ? entry.replace(/\$ORIGIN|\$\{ORIGIN\}/g, origin) : entry));
  return resolved.filter((entry) => isAbsolute(entry) && !entry.includes('$'));
}

/** Finds libraries with all that they need; each name is decided once. */
export class LibraryClosures {
  private readonly decided = new Map<string, Closure>();
  private readonly found = new Map<string, HostLibrary>();

  constructor(
    private readonly platform: string,
    private readonly options: VendorLibrariesOptions,
    private readonly host: HostLibraries,
    /** Is a library of that name in the bundle already, where everything finds it. */
    private readonly provided: (soname: string) => boolean,
  ) {}

  /** The library and all that it needs beyond the system and the bundle, or why that cannot be. */
  async resolve(soname: string, neededBy: ElfFacts, ownFolders: readonly string[]): Promise<Closure> {
    const before = this.decided.get(soname);
    if (before) {
      if (before.ok && ownFolders.length > 0) await this.refuseConflict(soname, neededBy, ownFolders);
      return before;
    }
    const byName = decideByName(soname, this.options);
    if (byName === 'host') return this.decide(soname, { ok: true, libraries: [] });
    if (byName) return this.decide(soname, { ok: false, refusal: byName });
    const library = await this.host.find(soname, neededBy, ownFolders);
    if (!library) return this.decide(soname, { ok: false, refusal: { kind: 'missing', soname, searched: this.host.folders(neededBy.architecture) } });
    if (!licenceOf(soname, this.options)) return this.decide(soname, { ok: false, refusal: { kind: 'unlicensed', soname, file: library.file } });
    this.found.set(soname, library);
    this.decided.set(soname, { ok: true, libraries: [library] });
    return this.decide(soname, await this.withNeeds(library, ownFolders));
  }

  private async withNeeds(library: HostLibrary, inherited: readonly string[]): Promise<Closure> {
    const libraries = new Map([[library.soname, library]]);
    const folders = [...new Set([...ownFoldersOf(library.elf, library.found), ...inherited])];
    for (const needed of library.elf.needed) {
      if (isSystemLibrary(this.platform, needed) || this.provided(needed)) continue;
      const closure = await this.resolve(needed, library.elf, folders);
      if (!closure.ok) return closure;
      for (const item of closure.libraries) libraries.set(item.soname, item);
    }
    return { ok: true, libraries: [...libraries.values()] };
  }

  private decide(soname: string, closure: Closure): Closure {
    this.decided.set(soname, closure);
    return closure;
  }

  private async refuseConflict(soname: string, neededBy: ElfFacts, ownFolders: readonly string[]): Promise<void> {
    const first = this.found.get(soname);
    const second = await this.host.find(soname, neededBy, ownFolders);
    if (!first || !second || first.file === second.file) return;
    if (first.elf.buildId !== undefined && first.elf.buildId === second.elf.buildId) return;
    throw bundleErrors.error('BUNDLE_LIBRARY_CONFLICT', { soname, files: [first.file, second.file] });
  }
}
