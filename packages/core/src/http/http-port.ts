/** A body whose length is known before it is sent: what it gives is `size` bytes, each time `open` is called. */
export interface HttpBody {
  /** Bytes. */
  size: number;
  open(): AsyncIterable<Uint8Array>;
}

export type HttpMethod = 'GET' | 'HEAD' | 'PUT' | 'POST' | 'PATCH' | 'DELETE';

export interface HttpRequest {
  method: HttpMethod;
  url: string;
  /** Names in lower case. Values may hold secrets: they are never shown. */
  headers?: Readonly<Record<string, string>>;
  body?: Uint8Array | HttpBody;
  /** From the start to the last byte of the answer's head. */
  timeoutMs?: number;
  /** Told as bytes of the body are taken. */
  onSent?(bytes: number): void;
  /** A POST that only asks (a token exchange) and may be sent by a client that is read-only. */
  asks?: true;
  /** A redirect to another origin is given as the answer that it is, and not followed. */
  sameOrigin?: true;
}

export interface HttpResponse {
  status: number;
  /** Where it came from, behind redirects; links in it are relative to this. */
  url?: string;
  /** Names in lower case. */
  headers: Readonly<Record<string, string>>;
  /** The whole body, at most `limit` bytes (1 MiB by default), else `NETWORK_TOO_LARGE`. */
  bytes(limit?: number): Promise<Uint8Array>;
  /** As `bytes`, decoded as UTF-8. */
  text(limit?: number): Promise<string>;
  /** The body as it comes, for files that must not stand in memory. */
  stream(): AsyncIterable<Uint8Array>;
}

/**
 * What goes over the network. An answer of any status is an answer; a connection that gives none is `NETWORK_FAILED` or `NETWORK_TIMEOUT`.
 * GET and HEAD are repeated within bounds (dropped connection, 429, 502, 503, 504; `Retry-After` is honoured); nothing else ever is: whoever sends a
 * write and gets no certain answer reads the remote state. A read-only client refuses every other method before a byte is sent (`NETWORK_READ_ONLY`):
 * that is how a dry run is enforced. Redirects are followed for GET and HEAD only, and credentials never cross to another origin.
 */
export interface HttpClient {
  readonly readOnly: boolean;
  request(request: HttpRequest): Promise<HttpResponse>;
}
