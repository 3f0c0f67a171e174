import type { Answer } from './run-signer';

/** Timestamp servers of a run, in the order in which they are asked. One that let a program hang is asked last from then on. */
export interface TimestampServers {
  readonly urls: readonly string[];
  hangs(url: string): void;
}

export function timestampServers(named: readonly string[]): TimestampServers {
  let urls = named;
  return {
    get urls() {
      return urls;
    },
    hangs: (url) => void (urls = [...urls.filter((other) => other !== url), url]),
  };
}

export interface ServerTries {
  servers: TimestampServers;
  /** In what the tool said: that the server was the reason. */
  isTimestampFault: RegExp;
  /** Signs with a timestamp of one server; without one when there are none. */
  sign(timestampUrl: string | undefined): Promise<Answer>;
}

/** The first answer that no other server could make better, else that of the last one. A tool that does not end while a server is asked waits for the server. */
export async function tryServers({ servers, isTimestampFault, sign }: ServerTries): Promise<Answer> {
  if (servers.urls.length === 0) return sign(undefined);
  let answer: Answer | undefined;
  for (const url of servers.urls) {
    answer = await sign(url);
    if (!isServerFault(answer, isTimestampFault)) return answer;
    if (answer.timedOut) servers.hangs(url);
  }
  return answer!;
}

/** Is a timestamp server the reason that it failed? Only for what asked one. */
export const isServerFault = (answer: Answer, isTimestampFault: RegExp): answer is Extract<Answer, { ok: false }> =>
  !answer.ok && (answer.timedOut || isTimestampFault.test(answer.said));
