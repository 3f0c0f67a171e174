import type { ElfFacts, MachOFacts, MachOSymbol, PeFacts } from '@waybill/binary';
import type { CoreMetadata, EntryPoint, WheelFile } from './metadata/core-metadata';

export type MemberKind = 'file' | 'directory' | 'symlink' | 'hardlink' | 'special';

/** What RECORD may use beside sha256 (binary distribution format: sha256 or better). */
export type RecordAlgorithm = 'sha384' | 'sha512';

/** One entry of a wheel or sdist, as the archive spells it; nothing of it is checked. */
export interface MemberFacts {
  path: string;
  kind: MemberKind;
  /** Permission bits, `mode & 0o7777`. */
  mode: number;
  /** Bytes of content; 0 for what is no file. */
  size: number;
  /** Of files, lower-case hex. */
  sha256?: string;
  /** Of files for which RECORD names a digest of another algorithm: that digest, lower-case hex. */
  otherDigests?: Readonly<Partial<Record<RecordAlgorithm, string>>>;
  /** Of files: a text that tells a linker which libraries to take, and stands under the name of one (`INPUT(…)`, `GROUP(…)`). */
  linkerScript?: boolean;
  linkTarget?: string;
  /** Seconds since 1970 as stored (zip times are read as UTC, and even). */
  mtimeSeconds: number;
  /** Tar only. */
  owner?: { uid: number; gid: number; user: string; group: string };
}

/** What the container around the members says of itself; a difference here is one no member shows. */
export interface ContainerFacts {
  format: 'zip' | 'tar.gz';
  /** gzip only: the header's time in seconds and file name. */
  gzip?: { mtimeSeconds: number; name?: string };
}

/** Native code inside: an ELF, Mach-O or PE file. Its facts stand under its format when it could be read. */
export interface NativeMember {
  path: string;
  format: 'elf' | 'mach-o' | 'pe';
  elf?: ElfFacts;
  macho?: MachOFacts;
  /** Mach-O: external symbols of all slices. */
  machoSymbols?: readonly MachOSymbol[];
  pe?: PeFacts;
  /** Why the file could not be read as what it begins like. */
  refusal?: string;
}

interface DistributionFacts {
  /** Base name of the file. */
  fileName: string;
  container: ContainerFacts;
  /** In the order of the archive. */
  members: readonly MemberFacts[];
  natives: readonly NativeMember[];
}

/** A wheel, read whole. Absent parts are absent files; texts that do not parse are in `faults`. */
export interface WheelFacts extends DistributionFacts {
  kind: 'wheel';
  /** Names of all `*.dist-info` folders at the top. */
  distInfos: readonly string[];
  metadata?: CoreMetadata;
  wheel?: WheelFile;
  record?: readonly { path: string; hash?: string; size?: number }[];
  entryPoints: readonly EntryPoint[];
  /** Top-level modules and packages that an installation gives, sorted (`ruamel.yaml` for a namespace's only package). */
  topLevels: readonly string[];
  faults: readonly { path: string; message: string }[];
}

/** An sdist, read whole. */
export interface SdistFacts extends DistributionFacts {
  kind: 'sdist';
  /** First components of all paths: exactly one in a well-formed sdist. */
  topFolders: readonly string[];
  /** PKG-INFO of the top folder. */
  metadata?: CoreMetadata;
  hasPyproject: boolean;
  faults: readonly { path: string; message: string }[];
}
