import { chmod, rename, rm, stat } from 'node:fs/promises';
import { setTimeout as wait } from 'node:timers/promises';
import { signingErrors } from '../errors/signing-errors';
import type { SignPe } from './osslsigncode';
import { problemOfSignature, readPeFile } from './read-pe-file';

export interface SignFileRequest {
  sign: SignPe;
  /** Absolute; replaced by the signed file, its mode kept. */
  file: string;
  /** Path for people. */
  path: string;
  /** Authenticode digest that it has. */
  digest: string;
  fingerprint: string;
  timestampUrls: readonly string[];
  /** Milliseconds to wait before each further try of the servers. */
  pausesMs?: readonly number[];
  warn(line: string): void;
}

/** Outages of timestamp servers last seconds, mostly. */
const PAUSES_MS = [1_000, 4_000];

/** Signs one PE file with a timestamp and verifies it by our own reader, before it takes the place of the unsigned one. `SIGN_TIMESTAMP`, `SIGN_VERIFY`. */
export async function signPeFile(request: SignFileRequest): Promise<void> {
  const { file, path } = request;
  const output = `${file}.waybill-signed`;
  const { mode } = await stat(file);
  try {
    await signWithRetry(request, output);
    const read = readPeFile(output, Date.now());
    const problem = !read ? 'it is no PE file any more' : 'broken' in read ? read.broken : problemOfSignature(read, request);
    if (problem !== undefined) throw signingErrors.error('SIGN_VERIFY', { name: path, by: '`@waybill/binary`', reason: problem });
    await chmod(output, mode & 0o777);
    await rename(output, file);
  } finally {
    await rm(output, { force: true });
  }
}

/** Servers are tried in their order, all of them anew after a pause; whatever else the tool fails for is no reason to try again. */
async function signWithRetry({ sign, file, path, timestampUrls, pausesMs = PAUSES_MS, warn }: SignFileRequest, output: string): Promise<void> {
  for (let attempt = 0; ; attempt += 1) {
    const answer = await sign({ input: file, output, timestampUrls });
    if (answer.ok) return;
    if (!/time-?stamp/i.test(answer.said)) throw answer.error;
    await rm(output, { force: true });
    const pause = pausesMs[attempt];
    if (pause === undefined)
      throw signingErrors.error('SIGN_TIMESTAMP', { path, urls: timestampUrls, tries: attempt + 1, said: shorten(answer.said) });
    warn(`no timestamp for \`${path}\` (try ${attempt + 1}), again in ${pause} ms`);
    await wait(pause);
  }
}

/** Without OpenSSL’s error stack. */
const shorten = (said: string): readonly string[] => said.split('\n').filter((line) => line.trim() !== '' && !/^[0-9A-F]{8,}:error:/.test(line));
