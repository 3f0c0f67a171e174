import type { Finding, WaybillError } from '@waybill/core';
import type { Destination, PublishFile, Release } from '../destination';
import type { LedgerStore } from '../ledger/ledger-store';
import type { PlannedDestination } from '../plan/publish-plan';

/** The world as the engine sees it. */
export interface PublishPorts {
  ledgers: LedgerStore;
  /** Milliseconds since 1970. */
  nowMs(): number;
  sleep(milliseconds: number): Promise<void>;
  /** A line for people. */
  line(text: string): void;
  /** How many bytes of a file were sent, of this attempt: it begins anew when a file is sent again. */
  onSent?(destination: string, file: PublishFile, sentBytes: number): void;
}

export interface PublishRequest {
  release: Release;
  destinations: readonly Destination[];
  /** Destinations that do not apply, with the reason: for the plan and the receipt. */
  skipped: readonly { id: string; reason: string }[];
  files: readonly PublishFile[];
  /** Found before any destination was asked; told with what they find. */
  faults?: readonly WaybillError[];
  /** Text for people beside the files, where a destination shows one. */
  body: string;
  /** Name of the file with the sha256 sums, as checksum calls it. */
  sums?: string | undefined;
  /** Of the key that signed the sums, as `--fingerprint` takes it. */
  fingerprint?: string | undefined;
  /** Version of Waybill. */
  tool: string;
  /** False: the remote state alone counts, and a ledger that is there is set aside. */
  resume: boolean;
  /** Longest wait for a destination to show what it took. */
  waitMs: number;
  /** Bounds one request of an upload. */
  requestTimeoutMs: number;
}

/** One destination with what shall go there. */
export interface Delivery {
  destination: Destination;
  /** In the order of their upload. */
  files: readonly PublishFile[];
  plan: PlannedDestination;
  /** Names that stand there and are not of this release. */
  extra: readonly string[];
  /** What says there that the release was taken back. */
  takenBack?: string;
  /** Where anybody gets a file, by its name, as the destination showed it last. */
  addresses: Map<string, string>;
  /** Of its preflight. */
  findings: readonly Finding[];
  /** It could not be asked. */
  failure?: WaybillError;
}
