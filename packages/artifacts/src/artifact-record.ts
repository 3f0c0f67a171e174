export const RECORD_SCHEMA = 'waybill/artifacts/1';

export const ARTIFACT_KINDS = [
  'wheel',
  'sdist',
  'bundle-archive',
  'bundle-folder',
  'app',
  'dmg',
  'pkg',
  'deb',
  'rpm',
  'msi',
  'installer',
  'image',
  'sbom',
  'provenance',
  'checksums',
  'signature',
  'delivery',
  'symbols',
  'runtime',
  'smoke-report',
] as const;
export type ArtifactKind = (typeof ARTIFACT_KINDS)[number];

/** Platform of an artifact or target: `{os}-{arch}`, `-musl` behind it for musl systems. */
export interface Platform {
  os: 'linux' | 'macos' | 'windows';
  arch: 'x86_64' | 'aarch64' | 'universal2';
  musl: boolean;
}

/** One artifact in a record (CONTRACT §3). Keys are written in this order. */
export interface Artifact {
  /** Unique in a release, also the file's base name. */
  name: string;
  /** Relative to the record, `/` separated, never upwards. */
  path: string;
  kind: ArtifactKind;
  /** Absent when it runs anywhere. */
  platform?: string;
  /** Leaves the house: summed, signed for delivery and published. */
  ships: boolean;
  /** Bytes. */
  size: number;
  /** Lower-case hex; of a folder: of its tree manifest. */
  sha256: string;
  /** `sha256:<hex>` of the artifacts that went in, sorted. */
  madeFrom: readonly string[];
}

export type Json = string | number | boolean | null | readonly Json[] | { readonly [key: string]: Json | undefined };

/** `artifacts.json`: what passes between targets. Holds no time of day, host, user or absolute path. */
export interface ArtifactRecord {
  schema: typeof RECORD_SCHEMA;
  project: string;
  target: string;
  stage: string;
  version: string;
  sourceDateEpoch: number;
  artifacts: readonly Artifact[];
  facts: { readonly [key: string]: Json | undefined };
}
