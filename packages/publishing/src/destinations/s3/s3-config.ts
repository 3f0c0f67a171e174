import type { HttpClient, Secret } from '@waybill/core';
import type { Channel } from '../../destination';
import { publishingErrors } from '../../errors/publishing-errors';

export interface S3Config {
  id: string;
  http: HttpClient;
  bucket: string;
  /** Address of the store (R2, MinIO, …); absent: AWS. */
  endpoint?: string;
  /** By default `auto` for R2, else `us-east-1`. */
  region?: string;
  /** What stands before `{name}/{version}/{file}`; no slash at either end. */
  prefix?: string;
  accessKeyId: Secret;
  secretAccessKey: Secret;
  sessionToken?: Secret;
  /** Channels whose releases `latest.json` may name: `stable` alone by default; none: it is not written. */
  latest?: readonly Channel[];
  /** Address under which anybody gets what stands in the bucket, where there is one. */
  publicUrl?: string;
  /** From how many bytes on a file is sent in parts, and the size of each but the last; 64 MiB and 8 MiB by default. */
  parts?: { fromBytes: number; partBytes: number };
  nowMs?: () => number;
  /** How it waits before a part is sent again, given by specs. */
  pause?: (milliseconds: number) => Promise<void>;
}

/** A store, checked and with its defaults. */
export interface S3Store {
  id: string;
  http: HttpClient;
  bucket: string;
  region: string;
  /** Ends with a slash, or is empty. */
  prefix: string;
  /** Address of the bucket, without a slash at its end. */
  bucketUrl: string;
  endpoint?: string;
  publicUrl?: string;
  keys: { accessKeyId: Secret; secretAccessKey: Secret; sessionToken?: Secret };
  latest: readonly Channel[];
  parts: { fromBytes: number; partBytes: number };
  nowMs: () => number;
  pause: (milliseconds: number) => Promise<void>;
}

const MIB = 1024 * 1024;
const PARTS = { fromBytes: 64 * MIB, partBytes: 8 * MIB };

/** `PUBLISH_S3_SETTING` for what can never work. */
export function s3Store(config: S3Config): S3Store {
  const { id, http, bucket, endpoint, accessKeyId, secretAccessKey, sessionToken, publicUrl } = config;
  const refuse = (what: string, value: string, reason: string): Error => publishingErrors.error('PUBLISH_S3_SETTING', { id, what, value, reason });
  if (!/^[a-z0-9][a-z0-9._-]{1,61}[a-z0-9]$/i.test(bucket)) throw refuse('bucket', bucket, 'a bucket has 3 to 63 letters, digits, `-`, `.` and `_`');
  const prefix = config.prefix ?? '';
  if (!/^([A-Za-z0-9_.-]+(\/[A-Za-z0-9_.-]+)*)?$/.test(prefix) || prefix.split('/').some((part) => /^\.+$/.test(part))) {
    throw refuse('prefix', prefix, 'it has letters, digits, `.`, `_`, `-` and `/` between them');
  }
  for (const [what, url] of [
    ['endpoint', endpoint],
    ['publicUrl', publicUrl],
  ] as const) {
    if (url !== undefined && !/^https?:\/\/[^/?#@]+(\/[^?#]*)?$/.test(url)) throw refuse(what, url, 'it is an address of the form `https://host`');
  }
  const region = config.region ?? (endpoint?.includes('.r2.') ? 'auto' : 'us-east-1');
  if (!/^[a-z0-9-]+$/i.test(region)) throw refuse('region', region, 'it has letters, digits and `-`');
  return {
    ...{ id, http, bucket, region, endpoint, publicUrl: publicUrl?.replace(/\/+$/, '') },
    prefix: prefix === '' ? '' : `${prefix}/`,
    bucketUrl: bucketUrl(bucket, region, endpoint),
    keys: { accessKeyId, secretAccessKey, ...(sessionToken && { sessionToken }) },
    latest: config.latest ?? ['stable'],
    parts: config.parts ?? PARTS,
    nowMs: config.nowMs ?? Date.now,
    pause: config.pause ?? ((milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds))),
  };
}

/** A name with dots fits no certificate of AWS: such a bucket is addressed by path, as are all buckets elsewhere. */
function bucketUrl(bucket: string, region: string, endpoint: string | undefined): string {
  if (endpoint !== undefined) return `${endpoint.replace(/\/+$/, '')}/${bucket}`;
  const host = `s3.${region}.amazonaws.com`;
  return /^[a-z0-9-]+$/.test(bucket) ? `https://${bucket}.${host}` : `https://${host}/${bucket}`;
}

/** Immutable: a version stands in it. */
export const versionPrefix = ({ prefix }: S3Store, name: string, version: string): string => `${prefix}${name}/${version}/`;
export const latestKey = ({ prefix }: S3Store, name: string): string => `${prefix}${name}/latest.json`;
/** What was taken back, as objects beside the versions. */
export const takenBackPrefix = ({ prefix }: S3Store, name: string): string => `${prefix}${name}/taken-back/`;
