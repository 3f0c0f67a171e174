import { createHash } from 'node:crypto';
import { mkdir, open, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { bundleErrors } from '../../errors/bundle-errors';
import { timeoutOf } from '../runtime-ports';
import type { RuntimePorts } from '../runtime-facts';

const PROGRESS_EVERY_BYTES = 16 * 1024 * 1024;
/** Larger than any Python archive known (python-build-standalone's full debug builds are below 200 MB). */
const LIMIT_BYTES = 1024 * 1024 * 1024;

const megabytes = (bytes: number): string => `${Math.round(bytes / 1_000_000)} MB`;

/** The address without what may be secret: user, password, query. */
export function publicUrl(url: string): string {
  const parsed = new URL(url);
  return `${parsed.protocol}//${parsed.host}${parsed.pathname}`;
}

/** Turns a stall of `timeoutMs` into an abort; `touch` is called whenever bytes arrive. */
function stallGuard(timeoutMs: number): { signal: AbortSignal; touch(): void; stop(): void } {
  const controller = new AbortController();
  const abort = (): void => controller.abort(new Error(`no byte arrived for ${timeoutMs} ms`));
  let timer = setTimeout(abort, timeoutMs);
  return {
    signal: controller.signal,
    touch: () => {
      clearTimeout(timer);
      timer = setTimeout(abort, timeoutMs);
    },
    stop: () => clearTimeout(timer),
  };
}

async function* bodyOf(response: Response, guard: { touch(): void }): AsyncGenerator<Uint8Array> {
  if (!response.ok || !response.body) throw new Error(`the server answered ${response.status} ${response.statusText}`.trim());
  for await (const chunk of response.body as unknown as AsyncIterable<Uint8Array>) {
    guard.touch();
    yield chunk;
  }
}

async function writeHashed(chunks: AsyncIterable<Uint8Array>, output: string, total: number, ports: RuntimePorts): Promise<string> {
  const hash = createHash('sha256');
  const file = await open(output, 'wx');
  let bytes = 0;
  try {
    for await (const chunk of chunks) {
      const before = bytes;
      bytes += chunk.length;
      if (bytes > LIMIT_BYTES) throw new Error(`it is larger than ${megabytes(LIMIT_BYTES)}`);
      hash.update(chunk);
      await file.write(chunk);
      if (Math.floor(before / PROGRESS_EVERY_BYTES) !== Math.floor(bytes / PROGRESS_EVERY_BYTES)) {
        ports.progress?.line(`fetched ${megabytes(bytes)}${total > 0 ? ` of ${megabytes(total)}` : ''}`);
      }
    }
  } finally {
    await file.close();
  }
  if (total > 0 && bytes !== total) throw new Error(`it ended after ${bytes} of ${total} bytes`);
  return hash.digest('hex');
}

/** Length that the body must have; 0 when unknown or when the transport compressed it. */
const bodyLength = (response: Response): number =>
  response.headers.get('content-encoding') ? 0 : Number(response.headers.get('content-length') ?? 0);

/**
 * Fetches a URL into the file `output` (which must not exist), hashing while writing. Throws `BUNDLE_RUNTIME_DOWNLOAD` or
 * `BUNDLE_RUNTIME_DIGEST`; then no file is left.
 */
export async function fetchArchive(url: string, sha256: string, output: string, ports: RuntimePorts): Promise<void> {
  await mkdir(dirname(output), { recursive: true });
  const guard = stallGuard(timeoutOf(ports));
  try {
    const response = await (ports.fetch ?? fetch)(url, { signal: guard.signal, redirect: 'follow' });
    const actual = await writeHashed(bodyOf(response, guard), output, bodyLength(response), ports);
    if (actual !== sha256) throw bundleErrors.error('BUNDLE_RUNTIME_DIGEST', { source: publicUrl(url), expected: sha256, actual });
  } catch (cause) {
    await rm(output, { force: true });
    if (isOurs(cause)) throw cause;
    throw bundleErrors.error('BUNDLE_RUNTIME_DOWNLOAD', { url: publicUrl(url), reason: reasonOf(cause) }, { cause });
  } finally {
    guard.stop();
  }
}

/** A coded error, or the file system's own (a full disk): neither is the server's fault. */
const isOurs = (cause: unknown): boolean =>
  cause instanceof Error &&
  (cause.name === 'WaybillError' || ['open', 'write', 'mkdir', 'close'].includes((cause as NodeJS.ErrnoException).syscall ?? ''));

/** `fetch failed` says nothing: its cause does. */
function reasonOf(cause: unknown): string {
  if (!(cause instanceof Error)) return String(cause);
  return cause.cause instanceof Error ? `${cause.message}: ${cause.cause.message}` : cause.message;
}
