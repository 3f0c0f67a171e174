import { createHttpClient, type HttpClientOptions } from './create-http-client';
import type { HttpClient } from './http-port';
import { findProxy } from './find-proxy';
import { retryAfterMs, RETRY_POLICY, waitBefore } from './retry-policy';
import { answer, loopbackServer } from './testing/loopback-server';

const client = (options: Partial<HttpClientOptions> = {}): HttpClient =>
  createHttpClient({ readOnly: false, userAgent: 'waybill/test', env: {}, retry: { attempts: 1 }, ...options });

describe('what does not leave', () => {
  const server = loopbackServer();

  it.each(['PUT', 'POST', 'PATCH', 'DELETE'] as const)('%s of a client that only reads', async (method) => {
    await expect(client({ readOnly: true }).request({ method, url: `${server.url}/a?secret=1` })).rejects.toMatchObject({
      code: 'NETWORK_READ_ONLY',
      message: `\`${method} ${server.url}/a\` would change something, and this run only looks`,
    });
    expect(server.seen).toEqual([]);
  });

  it('but its reads, and a POST that only asks', async () => {
    const reader = client({ readOnly: true });
    expect(reader.readOnly).toBe(true);
    await reader.request({ method: 'GET', url: server.url });
    await reader.request({ method: 'HEAD', url: server.url });
    await reader.request({ method: 'POST', url: server.url, asks: true });
    await expect(reader.request({ method: 'PUT', url: server.url, asks: true })).rejects.toMatchObject({ code: 'NETWORK_READ_ONLY' });
    expect(server.seen.map(({ method }) => method)).toEqual(['GET', 'HEAD', 'POST']);
  });

  it('clear text to another machine', async () => {
    for (const host of ['example.test', '127.0.0.1.example.test', 'localhost.example.test', '10.0.0.1', '0.0.0.0']) {
      await expect(client().request({ method: 'GET', url: `http://${host}/x` })).rejects.toMatchObject({ code: 'NETWORK_INSECURE' });
    }
  });

  it.each([
    ['not an address?key=geheim', 'it is no URL'],
    ['ftp://example.test/x', '`ftp:` is not HTTP'],
    ['https://user:geheim@example.test/x', 'it holds a user name or password'],
  ])('%s', async (url, reason) => {
    const failing = client().request({ method: 'GET', url });
    await expect(failing).rejects.toMatchObject({ code: 'NETWORK_URL', message: expect.stringContaining(reason) });
    await expect(failing).rejects.not.toMatchObject({ message: expect.stringContaining('geheim') });
  });

  it('a secret in what is shown', async () => {
    const redact = (text: string): string => text.replaceAll('geheim', '******');
    await expect(client({ redact }).request({ method: 'GET', url: 'http://127.0.0.1:1/geheim' })).rejects.toMatchObject({
      message: expect.stringContaining('http://127.0.0.1:1/******'),
    });
  });
});

describe('redirects', () => {
  const server = loopbackServer();
  const other = loopbackServer();

  it('are followed with credentials at the same origin, and without at another', async () => {
    server.answers(answer(302, { location: '/next' }), (_, response) => void response.writeHead(307, { location: `${other.url}/far` }).end());
    const headers = { authorization: 'Bearer geheim', 'x-amz-security-token': 'geheim', cookie: 'geheim', accept: 'text/x' };
    expect((await client().request({ method: 'GET', url: server.url, headers })).status).toBe(200);
    expect(server.seen.map(({ path, headers: { authorization } }) => [path, authorization])).toEqual([
      ['/', 'Bearer geheim'],
      ['/next', 'Bearer geheim'],
    ]);
    expect(other.seen).toHaveLength(1);
    expect(JSON.stringify(other.seen)).not.toContain('geheim');
    expect(other.seen[0]!.headers.accept).toBe('text/x');
  });

  it('are an answer to what writes, and without a location', async () => {
    server.answers(answer(307, { location: other.url }), answer(301));
    expect((await client().request({ method: 'PUT', url: server.url, body: Buffer.from('x') })).status).toBe(307);
    expect((await client().request({ method: 'GET', url: server.url })).status).toBe(301);
    expect(other.seen).toEqual([]);
  });

  it('to another origin are an answer to who asks for one origin alone; at the same origin they tell where they led', async () => {
    server.answers(answer(302, { location: '/next' }), answer(303, { location: `${other.url}/far` }));
    const response = await client().request({ method: 'GET', url: server.url, sameOrigin: true });
    expect([response.status, response.url, other.seen]).toEqual([303, `${server.url}/next`, []]);
  });

  it.each([
    ['in a circle', '/', 'more than 5 redirects'],
    ['to what is no URL', 'http://[', 'no URL'],
  ])('%s are refused', async (_, location, reason) => {
    server.answers(answer(302, { location }));
    await expect(client().request({ method: 'GET', url: server.url })).rejects.toMatchObject({
      code: 'NETWORK_REDIRECT',
      message: expect.stringContaining(reason),
    });
  });

  it('to clear text elsewhere are refused', async () => {
    server.answers(answer(302, { location: 'http://example.test/' }));
    await expect(client().request({ method: 'GET', url: server.url })).rejects.toMatchObject({ code: 'NETWORK_INSECURE' });
  });
});

describe('waits', () => {
  it('double, stay within bounds and are spread', () => {
    const policy = { attempts: 9, baseMs: 100, maxWaitMs: 1_000 };
    expect([1, 2, 3, 4, 5, 9].map((attempt) => waitBefore(policy, attempt, undefined, 1))).toEqual([100, 200, 400, 800, 1_000, undefined]);
    expect(waitBefore(policy, 1, undefined, 0)).toBe(50);
    expect(waitBefore(policy, 1, 900, 0.5)).toBe(900);
    expect(waitBefore(policy, 1, 1_001, 0.5)).toBeUndefined();
    expect(RETRY_POLICY.attempts * RETRY_POLICY.maxWaitMs).toBeLessThanOrEqual(150_000);
  });

  it.each<[string | undefined, number | undefined]>([
    [undefined, undefined],
    ['12', 12_000],
    [' 0 ', 0],
    ['Thu, 01 Jan 1970 00:00:10 GMT', 9_000],
    ['Thu, 01 Jan 1970 00:00:00 GMT', 0],
    ['soon', undefined],
    ['-1', undefined],
  ])('are read from Retry-After %p', (value, ms) => {
    expect(retryAfterMs(value, 1_000)).toBe(ms);
  });
});

describe('findProxy', () => {
  const at = (url: string, env: Record<string, string>): unknown => findProxy(new URL(url), env);
  const HTTPS_PROXY = 'http://proxy.test:3128';

  it('takes the address that the usual variables name', () => {
    expect(at('https://a.test', {})).toBeUndefined();
    expect(at('https://a.test', { HTTPS_PROXY })).toEqual({ host: 'proxy.test', port: 3128 });
    expect(at('https://a.test', { ALL_PROXY: 'proxy.test' })).toEqual({ host: 'proxy.test', port: 80 });
    expect(at('https://a.test', { https_proxy: 'http://u:p%40@[::1]:1', HTTPS_PROXY })).toEqual({
      host: '::1',
      port: 1,
      authorization: `Basic ${Buffer.from('u:p@').toString('base64')}`,
    });
  });

  it.each(['a.test', '.test', '*.a.test', 'x, b.test a.test', '*', 'a.test:443', 'A.TEST'])('leaves out what NO_PROXY=%s exempts', (NO_PROXY) => {
    expect(at('https://a.test/x', { HTTPS_PROXY, NO_PROXY })).toBeUndefined();
  });

  it.each(['b.test', 'ba.test', 'a.test:8443', '', 'test.a'])('and nothing else by NO_PROXY=%p', (NO_PROXY) => {
    expect(at('https://a.test/x', { HTTPS_PROXY, NO_PROXY })).toBeDefined();
  });

  it('never sends this machine’s own traffic away', () => {
    expect(at('https://127.0.0.1:8443', { HTTPS_PROXY })).toBeUndefined();
  });

  it.each(['socks5://p.test', 'https://p.test', 'http://['])('refuses %s', (address) => {
    expect(() => at('https://a.test', { HTTPS_PROXY: address })).toThrow(expect.objectContaining({ code: 'NETWORK_PROXY' }));
  });
});
