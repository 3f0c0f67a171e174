import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createProcesses, type WaybillError } from '@waybill/core';
import { temporaryFolder } from '@waybill/core/testing';
import { join } from 'node:path';
import { placeProgram } from '../testing/place-program';
import { retryTimestamps } from './retry-timestamps';
import { runSigner, type Answer } from './run-signer';
import { timestampServers, tryServers } from './timestamp-servers';

const folder = temporaryFolder();
const FAULT = /no timestamp/i;
const failed = (said: string, timedOut = false): Answer => ({ ok: false, said, timedOut, error: new Error(said) as WaybillError });
const [HANGS, DEAD, GOOD] = ['http://hangs', 'http://dead', 'http://good'];
const ANSWERS: Readonly<Record<string, Answer>> = { [HANGS]: failed('', true), [DEAD]: failed('no timestamp'), [GOOD]: { ok: true } };

function signer(): { asked: (string | undefined)[]; sign(url: string | undefined): Promise<Answer> } {
  const asked: (string | undefined)[] = [];
  return { asked, sign: async (url) => (asked.push(url), ANSWERS[url!]!) };
}

describe('timestamp servers', () => {
  it('are asked in their order; one that hangs counts as one that fails, and is asked last from then on', async () => {
    const { asked, sign } = signer();
    const servers = timestampServers([HANGS, DEAD, GOOD]);
    const tries = { servers, isTimestampFault: FAULT, sign };
    expect(await tryServers(tries)).toEqual({ ok: true });
    expect(await tryServers(tries)).toEqual({ ok: true });
    expect(asked).toEqual([HANGS, DEAD, GOOD, DEAD, GOOD]);
  });

  const retry = (urls: readonly string[], sign: (url: string | undefined) => Promise<Answer>): Promise<void> =>
    retryTimestamps({
      ...{ path: 'a.so', output: join(folder.path, 'none'), servers: timestampServers(urls), pausesMs: [1] },
      ...{ isTimestampFault: FAULT, sign, warn: () => undefined },
    });

  it('that all hang end in SIGN_TIMESTAMP; whatever hangs without a server is no fault of one', async () => {
    await expect(retry([HANGS], signer().sign)).rejects.toMatchObject({ code: 'SIGN_TIMESTAMP' });
    await expect(retry([], async () => failed('it hangs', true))).rejects.toThrow('it hangs');
    await expect(retry([GOOD], async () => failed('wrong key'))).rejects.toThrow('wrong key');
  });

  it('that never answer let the program that signs hang, and that is told as such', async () => {
    const silent: Server = createServer(() => undefined).listen(0, '127.0.0.1');
    try {
      await new Promise((resolve) => silent.once('listening', resolve));
      const url = `http://127.0.0.1:${(silent.address() as AddressInfo).port}`;
      const bin = placeProgram(folder.path, 'signs', `#!/bin/sh\nexec "${process.execPath}" -e 'fetch(process.argv[1])' "$@"\n`);
      const tool = { id: 'signs', path: join(bin, 'signs'), prefixArgs: [], version: '1', source: 'path' as const };
      const ports = { processes: createProcesses(), tool, environment: { PATH: process.env['PATH']! }, timeoutMs: 1_500 };
      expect(await runSigner(ports, [url])).toMatchObject({ ok: false, timedOut: true });
    } finally {
      silent.closeAllConnections();
      silent.close();
    }
  });
});
