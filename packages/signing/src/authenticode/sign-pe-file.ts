import { chmod, rename, rm, stat } from 'node:fs/promises';
import { signingErrors } from '../errors/signing-errors';
import { retryTimestamps } from '../inside/retry-timestamps';
import type { TimestampServers } from '../inside/timestamp-servers';
import { isInstaller } from './installers/read-installer';
import type { SignPe } from './osslsigncode';
import { problemOfSignature } from './read-pe-file';
import { readSignable, removeSignature, type SignableReading } from './read-script';

export interface SignFileRequest {
  sign: SignPe;
  /** Absolute; replaced by the signed file, its mode kept. */
  file: string;
  /** Path for people. */
  path: string;
  /** Authenticode digest that it has. */
  digest: string;
  fingerprint: string;
  servers: TimestampServers;
  /** Milliseconds to wait before each further try of the servers. */
  pausesMs?: readonly number[];
  warn(line: string): void;
}

/** As osslsigncode says it. */
const TIMESTAMP_FAULT = /time-?stamp/i;

/** Signs one PE file, installer or script with a timestamp and verifies it by our own reader, before it takes the place of the unsigned one. `SIGN_TIMESTAMP`, `SIGN_VERIFY`. */
export async function signPeFile(request: SignFileRequest): Promise<void> {
  const { file, path } = request;
  const output = `${file}.waybill-signed`;
  const { mode } = await stat(file);
  removeSignature(file, path);
  const installer = isInstaller(file, path);
  try {
    await retryTimestamps({
      ...request,
      output,
      isTimestampFault: TIMESTAMP_FAULT,
      sign: (timestampUrl) => request.sign({ input: file, output, timestampUrl, installer }),
    });
    const problem = problemOf(readSignable(output, Date.now(), path), request);
    if (problem !== undefined) throw signingErrors.error('SIGN_VERIFY', { name: path, by: '`@waybill/binary`', reason: problem });
    await chmod(output, mode & 0o777);
    await rename(output, file);
  } finally {
    await rm(output, { force: true });
  }
}

function problemOf(read: SignableReading, wanted: { fingerprint: string; digest: string }): string | undefined {
  if (!read) return 'it is nothing any more that could be signed';
  if ('broken' in read) return read.broken;
  return 'unsignable' in read ? read.unsignable : problemOfSignature(read, wanted);
}
