import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

export interface TimestampAuthority {
  url: string;
  /** PEM file. */
  root: string;
  /** How many were asked for. */
  requests(): Promise<number>;
  stop(): Promise<void>;
}

const STAND_IN = join(__dirname, '../../../../tools/stand-ins/timestamp-authority.mjs');

export async function startTimestampAuthority(...args: readonly string[]): Promise<TimestampAuthority> {
  const child = spawn(process.execPath, [STAND_IN, ...args], { stdio: ['pipe', 'pipe', 'inherit'] });
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  const line = await new Promise<string>((resolve, reject) => {
    createInterface({ input: child.stdout }).once('line', resolve);
    child.once('exit', (code) => reject(new Error(`the timestamp authority ended with ${code}`)));
  });
  const { url, root } = JSON.parse(line) as { url: string; root: string };
  return {
    url,
    root,
    requests: async () => Number(await (await fetch(`${url}/requests`)).text()),
    stop: () => {
      child.stdin.end();
      return ended;
    },
  };
}

/** One for all tests of a spec: it starts before them, where `works`, and ends behind them. `args`: of the stand-in. */
export function useTimestampAuthority(works: boolean, ...args: readonly string[]): () => TimestampAuthority {
  let authority: TimestampAuthority | undefined;
  beforeAll(async () => {
    if (works) authority = await startTimestampAuthority(...args);
  });
  afterAll(() => authority?.stop());
  return () => authority!;
}

/** The server for what a real program signs; where recordings of it are replayed, the address that stands in them. */
export function useRecordedServers(isReal: boolean): () => readonly string[] {
  const authority = useTimestampAuthority(isReal, '--keys=rsa');
  return () => [isReal ? authority().url : 'http://127.0.0.1:1/recorded'];
}
