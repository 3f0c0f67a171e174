import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

/** The stand-ins of `tools/stand-ins`, which e2e and specs share. */
const standIn = (name: string): Promise<Record<string, (...args: unknown[]) => Promise<unknown>>> =>
  import(pathToFileURL(join(__dirname, '../../../../tools/stand-ins', `${name}.mjs`)).href);

export interface S3StandIn {
  url: string;
  bucket: string;
  accessKeyId: string;
  secretAccessKey: string;
  objects: Map<string, { bytes: Buffer; headers: Record<string, string>; etag: string }>;
  uploads: Map<string, { key: string; parts: Map<number, { bytes: Buffer; etag: string }> }>;
  requests: string[];
  stored: string[];
  pageSize: number;
  denies(action: string): boolean;
  stop(): Promise<void>;
}

export interface RealS3 {
  url: string;
  bucket: string;
  region: string;
  accessKeyId: string;
  secretAccessKey: string;
  stop(): Promise<void>;
}
export const startRealS3 = async (): Promise<RealS3> => (await standIn('real-s3'))['startRealS3']!() as Promise<RealS3>;

export interface FaultProxy {
  url: string;
  requests: string[];
  faults: Fault[];
  stop(): Promise<void>;
}

/** `at` counts requests from 1. */
export type Fault = { at: number } & (
  | { fault: 'status'; status: number; headers?: Record<string, string> }
  | { fault: 'status-after'; status: number }
  | { fault: 'drop-before' | 'drop-after' }
  | { fault: 'slow'; ms: number }
);

export const startS3 = async (options: object = {}): Promise<S3StandIn> => (await standIn('s3-server'))['startS3']!(options) as Promise<S3StandIn>;

export const startFaultProxy = async (target: string, faults: Fault[] = [], onDone?: (number: number) => void): Promise<FaultProxy> =>
  (await standIn('fault-proxy'))['startFaultProxy']!(target, faults, onDone) as Promise<FaultProxy>;

export interface Registry {
  /** `127.0.0.1:port`. */
  host: string;
  url: string;
  /** What the token server was asked for. */
  tokens: string[];
  stop(): Promise<void>;
}

export const startRegistry = async (options: object = {}): Promise<Registry> =>
  (await standIn('oci-registry'))['startRegistry']!(options) as Promise<Registry>;

/** The registry is a program of the system, not a package: found as `startRegistry` finds it. */
export const hasRegistry = spawnSync('docker-registry', ['--version'], { stdio: 'ignore' }).status === 0;
export const NO_REGISTRY = 'docker-registry is not installed';

export interface GithubStandIn {
  url: string;
  apiUrl: string;
  repository: string;
  token: string;
  releases: StandInRelease[];
  requests: string[];
  /** Names of whole uploads, each time. */
  stored: string[];
  latest?: string;
  tags: Record<string, string>;
  push: boolean;
  readsOnly: boolean;
  limited?: boolean;
  immutable: boolean;
  digests: boolean;
  breakUploads: number;
  listLags: boolean;
  stop(): Promise<void>;
}

export interface StandInRelease {
  id: number;
  tag_name: string;
  draft: boolean;
  prerelease: boolean;
  immutable: boolean;
  body: string | null;
  assets: { id: number; name: string; state: string; bytes: Buffer }[];
}

export const startGithub = async (options: object = {}): Promise<GithubStandIn> =>
  (await standIn('github-server'))['startGithub']!(options) as Promise<GithubStandIn>;

export { idTokenClaims, startIdTokens, startSigstore, type IdTokens, type SigstoreStandIn } from '@waybill/signatures/testing';

/** What the index stand-in expects an attestation to say. */
export const attestationPredicate = async (): Promise<string> => ((await standIn('attestations')) as never as { PREDICATE: string }).PREDICATE;

export interface TrustedIndex {
  /** Attestations by the name of the file. */
  attestations: Map<string, { envelope: { statement: string } }[]>;
  /** In the list of files. */
  showsAttestations: boolean;
  uploadUrl: string;
  simpleUrl: string;
  /** Whether its pages have `provenance` at all. */
  tellsProvenance: boolean;
  /** Answers that trusted publishing is off. */
  closed: boolean;
  tokens: Map<string, { project: string; expires: number }>;
  publishers: { environment: string; repository: string; workflow: string; project: string }[];
  requests: string[];
  stored: string[];
  stop(): Promise<void>;
}

export const startTrustedIndex = async (options: object): Promise<TrustedIndex> =>
  (await standIn('trusted-index'))['startTrustedIndex']!(options) as Promise<TrustedIndex>;

export interface RealIndexes {
  remove(): void;
}

export interface RealIndex {
  stop(): Promise<void>;
}

export const realIndexes = async (): Promise<{
  installIndexes(uv: { file: string; prefixArgs: readonly string[] }): Promise<RealIndexes>;
  startDevpi(installed: RealIndexes, indexes: Readonly<Record<string, boolean>>): Promise<RealIndex & { url(name: string): string }>;
  startPypiserver(installed: RealIndexes, actions: readonly string[]): Promise<RealIndex & { url: string }>;
}> => (await standIn('real-indexes')) as never;
