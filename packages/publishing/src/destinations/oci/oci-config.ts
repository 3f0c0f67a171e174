import type { HttpClient, Secret } from '@waybill/core';
import type { Channel } from '../../destination';
import { publishingErrors } from '../../errors/publishing-errors';

export interface OciConfig {
  id: string;
  http: HttpClient;
  /** `host[:port]/path`, as `oras` takes it. This machine is spoken to without encryption. */
  repository: string;
  credentials?: { username: string; password: Secret };
  /** Channels whose releases the tag `latest` may name: `stable` alone by default; none: it is not written. */
  latest?: readonly Channel[];
  nowMs?: () => number;
}

/** A repository, checked and with its defaults. */
export interface OciRepository {
  id: string;
  http: HttpClient;
  /** Address of its API, without a slash at the end. */
  url: string;
  /** Origin of the registry. */
  origin: string;
  path: string;
  repository: string;
  /** On this machine: tools need `--plain-http`. */
  plain: boolean;
  credentials?: { username: string; password: Secret };
  latest: readonly Channel[];
  nowMs: () => number;
}

/** Grammar of the distribution specification, "Pulling manifests". */
const REPOSITORY =
  /^([A-Za-z0-9.-]+(?::\d+)?|\[[0-9a-f:]+\](?::\d+)?)\/([a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*(?:\/[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*)*)$/;

/** Names that people know the registry of Docker by; it answers at none of them. */
const DOCKER_HUB: ReadonlySet<string> = new Set(['docker.io', 'index.docker.io']);

/** Registries on this machine are spoken to without encryption. */
export const isPlainHost = (host: string): boolean => /^(localhost|127\.\d+\.\d+\.\d+|\[::1\])(:\d+)?$/.test(host);

/** `PUBLISH_OCI_SETTING` for what can never work. */
export function ociRepository({ id, http, repository, credentials, latest, nowMs }: OciConfig): OciRepository {
  const [, host, path] = REPOSITORY.exec(repository) ?? [];
  if (host === undefined || path === undefined) {
    throw publishingErrors.error('PUBLISH_OCI_SETTING', { id, repository, reason: 'it is no name of a repository' });
  }
  const plain = isPlainHost(host);
  const origin = `${plain ? 'http' : 'https'}://${DOCKER_HUB.has(host) ? 'registry-1.docker.io' : host}`;
  return {
    ...{ id, http, origin, path, repository, plain, url: `${origin}/v2/${path}` },
    ...(credentials && { credentials }),
    latest: latest ?? ['stable'],
    nowMs: nowMs ?? Date.now,
  };
}

/** A tag has no `+`: a local version has `_` there. */
export const tagOf = (version: string): string => version.replaceAll('+', '_');
export const LATEST = 'latest';
