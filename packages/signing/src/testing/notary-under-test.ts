import { generateKeyPairSync, type KeyObject } from 'node:crypto';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { createHttpClient, hashBytes, type HttpClient } from '@waybill/core';
import type { ApiKey } from '../notary/api-key';
import { journalFiles, type Journal, type JournalEntry } from '../notary/journal';
import type { NotaryPorts, Submission } from '../notary/notarize-file';
import { restService } from '../notary/notary-service';

export interface NotaryStandIn {
  url: string;
  notaryUrl: string;
  bucketUrl: string;
  ticketUrl: string;
  requests: string[];
  /** Digests of what was judged, each time. */
  judged: string[];
  submissions: Map<string, { id: string; name: string; sha256: string; object: string; createdDate: string; verdict?: object }>;
  s3: { stored: string[]; objects: Map<string, { bytes: Buffer }>; requests: string[] };
  s3Keys: Readonly<Record<'accessKeyId' | 'secretAccessKey' | 'sessionToken', string>>;
  agreement: boolean;
  inProgress: number;
  logDelay: number;
  ticketDelay: number;
  logSha256?: string;
  judge(submission: { name: string; bytes: Buffer }): { status: string; issues?: object[]; cdhashes?: string[] };
  stop(): Promise<void>;
}

export const KEY_ID = 'ABCDE12345';
export const ISSUER = '69a6de70-03db-47e3-e053-5b8c7c11a4d1';

export interface TestApiKey extends ApiKey {
  publicKey: KeyObject;
  /** As the file `AuthKey_….p8`. */
  pem: string;
}

export function testApiKey(): TestApiKey {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  return { keyId: KEY_ID, issuer: ISSUER, key: privateKey, publicKey, pem: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString() };
}

/** A clock that stands still but for waiting. */
export interface TestClock {
  nowMs(): number;
  pause(ms: number): Promise<void>;
  forward(ms: number): void;
}

export function testClock(startMs = Date.now()): TestClock {
  let now = startMs;
  const forward = (ms: number): void => void (now += ms);
  return { nowMs: () => now, pause: async (ms) => forward(ms), forward };
}

const standIn = (name: string): Promise<Record<string, (...args: unknown[]) => Promise<unknown>>> =>
  import(pathToFileURL(join(__dirname, '../../../../tools/stand-ins', `${name}.mjs`)).href);

export async function startNotary(key: TestApiKey, options: object = {}): Promise<NotaryStandIn> {
  const { keyId, issuer, publicKey } = key;
  return (await standIn('notary-service'))['startNotary']!({ keyId, issuer, publicKey, ...options }) as Promise<NotaryStandIn>;
}

export interface AppleGateway {
  proxyUrl: string;
  /** Path of the certificate of its authority, in PEM. */
  authority: string;
  stop(): Promise<void>;
}

/** For programs that ask at Apple’s own address. */
export const startAppleGateway = async (target: string): Promise<AppleGateway> =>
  (await standIn('apple-gateway'))['startAppleGateway']!(target) as Promise<AppleGateway>;

export interface FaultProxy {
  url: string;
  requests: string[];
  stop(): Promise<void>;
}

export const startFaultProxy = async (target: string, faults: readonly object[]): Promise<FaultProxy> =>
  (await standIn('fault-proxy'))['startFaultProxy']!(target, faults) as Promise<FaultProxy>;

export interface PortsRequest {
  notary: Pick<NotaryStandIn, 'notaryUrl' | 'bucketUrl'>;
  key: ApiKey;
  clock: TestClock;
  /** Where the journal lies. */
  root: string;
  earlier?: readonly JournalEntry[];
  waitMs?: number;
  partBytes?: number;
  http?: (inner: HttpClient) => HttpClient;
  journal?: (inner: Journal) => Journal;
}

/** The ports of a run against the stand-in, on a clock of its own; `lines` is what it said. */
export function notaryPorts(request: PortsRequest): NotaryPorts & { lines: string[] } {
  const { notary, key, clock, root, waitMs = 45 * 60_000, partBytes } = request;
  const lines: string[] = [];
  const inner = createHttpClient({ readOnly: false, userAgent: 'waybill/test', env: {}, pause: clock.pause });
  const http = request.http?.(inner) ?? inner;
  const files = journalFiles(root, notary.notaryUrl, request.earlier);
  const { nowMs, pause } = clock;
  return {
    lines,
    service: restService({ wire: { http, url: notary.notaryUrl, key, nowMs, pause }, http, bucket: notary.bucketUrl, partBytes }),
    journal: request.journal?.(files) ?? files,
    nowMs,
    pause,
    deadlineMs: nowMs() + waitMs,
    line: (text) => void lines.push(text),
  };
}

export function testSubmission(bytes: Uint8Array, name = 'app.zip'): Submission {
  return {
    name,
    sha256: hashBytes(bytes),
    content: {
      size: bytes.length,
      open: async function* () {
        yield bytes;
      },
    },
  };
}
