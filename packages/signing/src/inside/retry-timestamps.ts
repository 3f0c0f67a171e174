import { rm } from 'node:fs/promises';
import { setTimeout as wait } from 'node:timers/promises';
import { signingErrors } from '../errors/signing-errors';
import type { Answer } from './run-signer';
import { isServerFault, tryServers, type TimestampServers } from './timestamp-servers';

/** How timestamps are asked for, for all files of a run. */
export interface TimestampRules {
  /** Empty: no timestamp. */
  servers: TimestampServers;
  /** Milliseconds to wait before each further try of the servers. */
  pausesMs?: readonly number[] | undefined;
  warn(line: string): void;
}

export interface TimestampRetry extends TimestampRules {
  /** Path for people. */
  path: string;
  /** Where the signed file comes to lie; removed before each further try. */
  output: string;
  /** In what the tool said: that a server was the reason. */
  isTimestampFault: RegExp;
  /** Signs with a timestamp of one server. */
  sign(timestampUrl: string | undefined): Promise<Answer>;
}

/** Outages of timestamp servers last seconds, mostly. */
const PAUSES_MS = [1_000, 4_000];

/** Servers are tried in their order, all of them anew after a pause; whatever else the tool fails for is no reason to try again (`SIGN_TIMESTAMP`). */
export async function retryTimestamps(request: TimestampRetry): Promise<void> {
  const { path, output, servers, pausesMs = PAUSES_MS, isTimestampFault, warn } = request;
  const sign = async (timestampUrl: string | undefined): Promise<Answer> => {
    await rm(output, { force: true });
    return request.sign(timestampUrl);
  };
  for (let attempt = 0; ; attempt += 1) {
    const answer = await tryServers({ servers, isTimestampFault, sign });
    if (answer.ok) return;
    if (servers.urls.length === 0 || !isServerFault(answer, isTimestampFault)) throw answer.error;
    const pause = pausesMs[attempt];
    if (pause === undefined)
      throw signingErrors.error('SIGN_TIMESTAMP', { path, urls: servers.urls, tries: attempt + 1, said: shorten(answer.said) });
    warn(`no timestamp for \`${path}\` (try ${attempt + 1}), again in ${pause} ms`);
    await wait(pause);
  }
}

/** Without OpenSSL’s error stack. */
const shorten = (said: string): readonly string[] => said.split('\n').filter((line) => line.trim() !== '' && !/^[0-9A-F]{8,}:error:/.test(line));
