import type { Artifact } from '@waybill/artifacts';
import type { Finding, HttpBody } from '@waybill/core';

/** `stable`, or `prerelease` for a version with a, b, rc, dev. */
export type Channel = 'stable' | 'prerelease';

export const DESTINATION_TYPES = ['index', 's3', 'github-release', 'oci', 'folder'] as const;
export type DestinationType = (typeof DESTINATION_TYPES)[number];

/** The release that is published. */
export interface Release {
  project: string;
  /** Base name of its artifacts. */
  name: string;
  /** PEP 440 form. */
  version: string;
  channel: Channel;
  /** The release tag at HEAD; absent only where `folder` alone is written. */
  tag?: string;
  /** Full hash. */
  commit?: string;
  /** Seconds since 1970. */
  sourceDateEpoch: number;
}

/** A file that ships, as its record says. */
export interface PublishFile extends Pick<Artifact, 'name' | 'kind' | 'platform' | 'size' | 'sha256'> {
  /** Its bytes; the reader throws `PUBLISH_CHANGED` when they are not those of `sha256`. */
  content: HttpBody;
  /** `sha256:<hex>` of the artifacts it was made from: a signature names what it signs. */
  madeFrom: readonly string[];
  /**
   * Of a signature: whether other bytes are one of the same file by the same key. Some formats give other bytes each time; what stands at a destination
   * is as good then, and goes to the others too.
   */
  accepts?(other: Uint8Array): Promise<boolean>;
}

/**
 * What a destination holds under the name of a file: nothing, these bytes, other bytes, or a rest of a broken upload that can be repaired.
 */
export type RemoteState = 'absent' | 'same' | 'conflict' | 'partial';

export interface RemoteFile {
  name: string;
  state: RemoteState;
  /** Digest that the destination itself tells or that was computed from its bytes; lower-case hex. */
  sha256?: string;
  /** Bytes. */
  size?: number;
  /** Where anybody gets it. No credentials. */
  url?: string;
  /** For people: why it is a conflict, what is broken. */
  reason?: string;
}

/** What an upload was seen to do. `uncertain`: the server may have stored it (502, dropped connection); the remote state decides. */
export type UploadOutcome = {
  /** An attestation of who published it went along. */
  attested?: boolean;
} & (
  | { outcome: 'stored' }
  | {
      outcome: 'uncertain';
      reason: string;
      /** How long the server asks to wait. */ retryAfterMs?: number;
      /** What to do when it stays so. */ fix?: string;
    }
);

export interface UploadProgress {
  /** Bytes of the body that were taken since the last call. */
  onSent(bytes: number): void;
  /** Bounds one request. */
  timeoutMs: number;
}

/** How a published release is checked and taken back, for the receipt and for people. Argument lists and sentences, no secret. */
export interface DestinationGuide {
  /** Command lines that install it or download it. */
  install: readonly string[];
  /** How to take it back: what `take-back` does, and what only a person can do. */
  takeBack: readonly string[];
}

/** What trying out gave, in a sentence for people. */
export interface TriedOut {
  outcome: 'works' | 'untried' | 'waiting';
  line: string;
}

/** What a take-back did at one destination. `pending`: a person has to act (PyPI has no API to yank); `absent`: it was not there. */
export interface TakenBack {
  outcome: 'done' | 'pending' | 'absent';
  /** What was changed, or the step that is left to a person. */
  lines: readonly string[];
}

/**
 * One place to publish to. The engine (plan, ledger, retries, order) knows nothing of servers, and a destination nothing of the ledger: it looks,
 * sends one file, moves pointers. All methods but `upload`, `finalise` and `takeBack` read only, and work with a read-only HTTP client.
 * Every refusal is a coded error (`PUBLISH_…`) with a fix.
 */
export interface Destination {
  readonly id: string;
  readonly type: DestinationType;
  /** Needs a release tag, a clean tree and an unused version. */
  readonly remote: boolean;
  /** Two destinations of one identity would overwrite each other: normalised address and prefix, no credentials. */
  readonly identity: string;
  /**
   * What shows that the credential may write: `preflight`; or, where no call that reads tells it, `proveRights`, which leaves nothing that people see;
   * or the upload of the first file, which then goes there before anything goes anywhere else.
   */
  readonly rights: 'preflight' | 'hidden-write' | 'first-file';
  /** In a plan: the place in words, without credentials (`s3 bucket releases, prefix pychat/`). */
  readonly title: string;
  /** Which files go there (an index takes wheels and sdists), in the order of their upload; the others with the reason. Pure. */
  choose(release: Release, files: readonly PublishFile[]): { files: readonly PublishFile[]; left: readonly { name: string; reason: string }[] };
  /**
   * Credentials and their rights, limits, the window for late files, clock: everything that can be asked before the first byte. All findings. With a
   * client that may write, an identity may be exchanged for a token of this run.
   */
  preflight(release: Release, files: readonly PublishFile[]): Promise<readonly Finding[]>;
  /** The state of each file, in the order given. */
  inspect(release: Release, files: readonly PublishFile[]): Promise<readonly RemoteFile[]>;
  /**
   * Writes what people do not see (a draft, a blob without a name, an upload that is given up), before the first file goes anywhere: where that is refused,
   * nothing is public at any destination. Doing it twice does no harm. Gives remarks. Only with the rights `hidden-write`.
   */
  proveRights?(release: Release, files: readonly PublishFile[]): Promise<readonly string[]>;
  /** Sends one file that is `absent` or `partial`. Never overwrites other bytes, whatever happened since `inspect`. */
  upload(release: Release, file: PublishFile, progress: UploadProgress): Promise<UploadOutcome>;
  /** What makes it visible, after all files are there: pointers (`latest.json`), the draft's release, tags. Doing it twice changes nothing. */
  finalise(release: Release, files: readonly PublishFile[], body: string): Promise<readonly string[]>;
  /**
   * After `finalise`: in words, what keeps it from being public although its part is done, where somebody has to see to it (not what the options foresee).
   * Absent where nothing can.
   */
  heldBack?(release: Release): Promise<string | undefined>;
  /** Everything that stands under this release there, for `nothing missing, nothing extra`. `undefined`: it does not show it yet. */
  list(release: Release): Promise<readonly RemoteFile[] | undefined>;
  /** The bytes that anybody gets, for comparing digests. */
  download(release: Release, name: string): AsyncIterable<Uint8Array>;
  /**
   * Uses what it gives as its users do (installs a wheel), once everything was downloaded and compared. `waiting`: it does not offer it yet. Throws a coded
   * error when it does not work. `attested` names the files that this or an earlier run sent an attestation with. Absent where downloading is all that users do.
   */
  tryOut?(release: Release, files: readonly PublishFile[], attested: readonly string[]): Promise<TriedOut>;
  guide(release: Release, files: readonly PublishFile[]): DestinationGuide;
  /**
   * How the version is spelt under which it stands there, or stood until it was taken back (`1.0` for `1.0.0`); `undefined` when it never did. Absent where
   * versions are compared and not their texts.
   */
  spelling?(release: Release): Promise<string | undefined>;
  /**
   * In words, what stands there and says that the release was taken back; `undefined` when nothing does. A ledger is known to one machine: by this
   * mark every other one learns that the version is not published again.
   */
  readTakenBack(release: Release): Promise<string | undefined>;
  /** Leaves the mark that `readTakenBack` finds, where the place can hold one. Pointers move only when they name this version. */
  takeBack(release: Release): Promise<TakenBack>;
}
