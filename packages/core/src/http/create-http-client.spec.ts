import { createHttpClient, type HttpClientOptions } from './create-http-client';
import type { HttpBody, HttpClient } from './http-port';
import { answer, drop, loopbackServer } from './testing/loopback-server';

describe('createHttpClient', () => {
  const server = loopbackServer();
  const waits: number[] = [];
  const client = (options: Partial<HttpClientOptions> = {}): HttpClient => {
    waits.length = 0;
    return createHttpClient({ readOnly: false, userAgent: 'waybill/test', env: {}, pause: async (ms) => void waits.push(ms), ...options });
  };
  const body = (pieces: readonly string[], size = pieces.join('').length): HttpBody => ({
    size,
    open: async function* () {
      for (const piece of pieces) yield Buffer.from(piece);
    },
  });

  it('sends method, headers and a body of known length, and gives the answer of any status', async () => {
    server.answers(answer(409, { 'x-reason': 'taken' }, 'no'));
    const sent: number[] = [];
    const request = { method: 'PUT', url: `${server.url}/a?b=c`, headers: { 'x-own': '1' }, body: body(['ab', 'cde']) } as const;
    const response = await client().request({ ...request, onSent: (bytes) => sent.push(bytes) });
    expect([response.status, response.headers['x-reason'], await response.text(), sent]).toEqual([409, 'taken', 'no', [2, 3]]);
    expect(server.seen).toMatchObject([
      { method: 'PUT', path: '/a?b=c', body: 'abcde', headers: { 'x-own': '1', 'content-length': '5', 'user-agent': 'waybill/test' } },
    ]);
  });

  it('says that a body is empty rather than nothing', async () => {
    await client().request({ method: 'POST', url: server.url });
    expect(server.seen[0]!.headers['content-length']).toBe('0');
    expect(server.seen[0]!.headers['transfer-encoding']).toBeUndefined();
  });

  it('sends bytes, text in UTF-8 and many megabytes with the pace of the server', async () => {
    const piece = Buffer.alloc(1 << 20, 7);
    let received = 0;
    server.answers((_request, response, raw) => {
      raw.on('data', (chunk: Buffer) => (received += chunk.length)).on('end', () => response.end('ü'));
    });
    const large: HttpBody = {
      size: 12 << 20,
      open: async function* () {
        for (let n = 0; n < 12; n += 1) yield piece;
      },
    };
    expect(await (await client().request({ method: 'PUT', url: server.url, body: large })).text()).toBe('ü');
    expect(received).toBe(12 << 20);
  });

  it.each([
    ['a dropped connection', drop],
    ['503', answer(503)],
    ['502', answer(502)],
    ['504', answer(504)],
    ['429', answer(429)],
  ])('repeats a read behind %s', async (_, step) => {
    server.answers(step, step, answer(200, {}, 'at last'));
    expect(await (await client().request({ method: 'GET', url: server.url })).text()).toBe('at last');
    expect(waits).toHaveLength(2);
    expect(waits[0]).toBeGreaterThanOrEqual(200);
    expect(waits[1]).toBeLessThanOrEqual(800);
  });

  it('repeats a read whose answer broke off', async () => {
    server.answers(
      (_, response) => void (response.writeHead(200, { 'content-length': '9' }).write('abc'), response.destroy()),
      answer(200, {}, 'whole'),
    );
    expect(await (await client().request({ method: 'GET', url: server.url })).text()).toBe('whole');
  });

  it('waits as long as the server asks, and gives its answer back when that is too long', async () => {
    server.answers(answer(503, { 'retry-after': '7' }), answer(429, { 'retry-after': '3600' }, 'tomorrow'));
    const response = await client().request({ method: 'GET', url: server.url });
    expect([response.status, await response.text(), waits]).toEqual([429, 'tomorrow', [7_000]]);
  });

  it('gives up within bounds', async () => {
    server.answers(answer(503));
    const response = await client({ retry: { attempts: 3 } }).request({ method: 'HEAD', url: server.url });
    expect([response.status, server.seen.length]).toEqual([503, 3]);
    server.answers(drop);
    await expect(client({ retry: { attempts: 2 } }).request({ method: 'GET', url: server.url })).rejects.toMatchObject({
      code: 'NETWORK_FAILED',
      message: expect.stringContaining('the connection was dropped'),
    });
    expect(server.seen).toHaveLength(5);
  });

  it.each(['PUT', 'POST', 'PATCH', 'DELETE'] as const)('sends a %s once, whatever happens', async (method) => {
    server.answers(answer(503), drop);
    expect((await client().request({ method, url: server.url })).status).toBe(503);
    await expect(client().request({ method, url: server.url })).rejects.toMatchObject({ code: 'NETWORK_FAILED' });
    expect([server.seen.length, waits]).toEqual([2, []]);
  });

  it('names a server that is not there', async () => {
    await expect(client({ retry: { attempts: 1 } }).request({ method: 'GET', url: 'http://127.0.0.1:1/x' })).rejects.toMatchObject({
      code: 'NETWORK_FAILED',
      message: '`GET http://127.0.0.1:1/x` got no whole answer: nothing listens there (ECONNREFUSED)',
      fix: expect.stringContaining('start the server'),
    });
  });

  it('names a header that cannot be sent, which no second run mends', async () => {
    const headers = { authorization: 'Bearer a\nb' };
    await expect(client().request({ method: 'GET', url: server.url, headers })).rejects.toMatchObject({
      message: expect.stringContaining('line break in a token'),
      fix: expect.stringContaining('without line breaks'),
    });
    expect(server.seen).toHaveLength(0);
  });

  it('names what is not HTTP', async () => {
    server.answers((_, response) => void response.socket!.end('SSH-2.0-x\r\n'));
    await expect(client().request({ method: 'GET', url: server.url })).rejects.toMatchObject({
      code: 'NETWORK_FAILED',
      message: expect.stringContaining('not HTTP'),
    });
  });

  it('does not wait longer than it was told', async () => {
    server.answers(() => undefined);
    await expect(client().request({ method: 'GET', url: server.url, timeoutMs: 50 })).rejects.toMatchObject({
      code: 'NETWORK_TIMEOUT',
      message: expect.stringContaining('within 50 ms'),
    });
    expect(server.seen).toHaveLength(1);
  });

  it('does not wait for the rest of an answer that has stopped', async () => {
    const early = 'x'.repeat(70_000);
    server.answers((_, response) => void response.writeHead(200, { 'content-length': '90000' }).write(early));
    const response = await client().request({ method: 'GET', url: server.url, timeoutMs: 300 });
    await expect(response.text()).rejects.toMatchObject({ code: 'NETWORK_TIMEOUT', details: ['waited for the next bytes of the answer'] });
  });

  it('gives large answers as they come, and refuses them where they must stand in memory', async () => {
    const large = 'y'.repeat(3 << 20);
    server.answers(answer(200, {}, large));
    let size = 0;
    for await (const piece of (await client().request({ method: 'GET', url: server.url })).stream()) size += piece.length;
    expect(size).toBe(3 << 20);
    const get = (): ReturnType<HttpClient['request']> => client().request({ method: 'GET', url: `${server.url}/list?token=geheim` });
    await expect((await get()).bytes()).rejects.toMatchObject({
      code: 'NETWORK_TOO_LARGE',
      message: `\`GET ${server.url}/list\` answered with more than 1048576 bytes`,
    });
    expect(await (await get()).text(4 << 20)).toHaveLength(3 << 20);
  });

  it.each([
    ['shorter', ['ab'], 3],
    ['longer', ['ab', 'cd', 'ef'], 3],
  ])('leaves a body that is %s than said incomplete', async (_, pieces, size) => {
    await expect(client().request({ method: 'PUT', url: server.url, body: body(pieces, size) })).rejects.toMatchObject({ code: 'NETWORK_BODY_SIZE' });
    expect(server.seen.every((request) => request.body !== pieces.join('').slice(0, size))).toBe(true);
  });

  it('holds the last piece back until the source has ended well, and tells the failure of the source', async () => {
    const failing: HttpBody = {
      size: 4,
      open: async function* () {
        yield Buffer.from('ab');
        yield Buffer.from('cd');
        throw new Error('other bytes');
      },
    };
    await expect(client().request({ method: 'PUT', url: server.url, body: failing })).rejects.toThrow('other bytes');
    expect(server.seen.every((request) => request.body !== 'abcd')).toBe(true);
  });

  it('gives an answer that comes before the body was taken', async () => {
    server.answers((_request, response, _raw) => void response.writeHead(403, { connection: 'close' }).end('no'));
    const slow: HttpBody = {
      size: 3,
      open: async function* () {
        yield Buffer.from('a');
        yield Buffer.from('b');
        await new Promise((resolve) => setTimeout(resolve, 100));
        yield Buffer.from('c');
      },
    };
    expect((await client().request({ method: 'PUT', url: server.url, body: slow })).status).toBe(403);
  });
});
