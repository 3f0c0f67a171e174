import { randomBytes } from 'node:crypto';
import { mkdtempSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { hashBytes, Secret, type HttpClient } from '@waybill/core';
import { temporaryFolder } from '@waybill/core/testing';
import {
  ISSUER,
  KEY_ID,
  notaryPorts,
  startFaultProxy,
  startNotary,
  testApiKey,
  testClock,
  testSubmission,
  type NotaryStandIn,
  type PortsRequest,
  type TestClock,
} from '../testing/notary-under-test';
import { submissionOf } from '../notarizing/open-subject';
import { readApiKey } from './api-key';
import { parseEntries, renderEntries, type Journal } from './journal';
import { notarizeFile, submissionName, type Notarized } from './notarize-file';
import type { NotaryService } from './notary-service';

const key = testApiKey();
const folder = temporaryFolder();
const running: { stop(): Promise<void> }[] = [];
let clock: TestClock;
beforeEach(() => (clock = testClock()));
afterEach(async () => {
  for (const one of running.splice(0)) await one.stop();
});

const BYTES = randomBytes(3_000);
const SUBMISSION = testSubmission(BYTES);

async function start(options: object = {}): Promise<NotaryStandIn> {
  const notary = await startNotary(key, { nowMs: clock.nowMs, ...options });
  running.push(notary);
  return notary;
}

const run = (notary: NotaryStandIn, request: Partial<PortsRequest> = {}): Promise<Notarized> =>
  notarizeFile(SUBMISSION, notaryPorts({ notary, key, clock, root: folder.path, ...request }));

/** Faults by number of the request to the service; the bucket is reached directly. */
async function withFaults(notary: NotaryStandIn, faults: readonly object[]): Promise<Pick<NotaryStandIn, 'notaryUrl' | 'bucketUrl'>> {
  const proxy = await startFaultProxy(new URL(notary.notaryUrl).origin, faults);
  running.push(proxy);
  return { notaryUrl: `${proxy.url}/notary/v2/submissions`, bucketUrl: notary.bucketUrl };
}

describe('a submission', () => {
  it('is uploaded whole, waited for, and its log kept', async () => {
    const issues = [{ severity: 'warning', path: 'app.zip/x', message: 'old', docUrl: null, architecture: 'arm64', code: null }];
    const notary = await start({ inProgress: 3, logDelay: 2, judge: () => ({ status: 'Accepted', issues, cdhashes: ['AB'.repeat(20)] }) });
    const done = await run(notary);
    expect(done).toMatchObject({ outcome: 'accepted', entry: { state: 'accepted', name: submissionName(SUBMISSION) } });
    expect(done.log).toMatchObject({ sha256: SUBMISSION.sha256, issues: [{ severity: 'warning', path: 'app.zip/x' }], cdhashes: ['ab'.repeat(20)] });
    expect(notary.judged).toEqual([hashBytes(BYTES)]);
    const kept = parseEntries(readFileSync(join(folder.path, `.waybill/notary/${SUBMISSION.sha256}.json`), 'utf8'), 'x')[0]!;
    expect(JSON.parse(kept.log!)).toMatchObject({ jobId: kept.id, status: 'Accepted' });
    const requests = notary.requests.length;
    expect(await run(notary)).toEqual(done);
    expect(notary.requests).toHaveLength(requests);
  });

  it('whose bytes may have arrived is not sent again by a run that waits less than it would take to know', async () => {
    const notary = await start({ inProgress: 1_000 });
    const journal = (inner: Journal): Journal => ({
      ...inner,
      write: (entry) => (entry.state === 'uploaded' ? Promise.reject(new Error('killed')) : inner.write(entry)),
    });
    await expect(run(notary, { journal })).rejects.toThrow('killed');
    for (const waitMs of [60_000, 8 * 60_000, 0]) expect(await run(notary, { waitMs })).toMatchObject({ outcome: 'pending' });
    expect([notary.submissions.size, notary.s3.stored.length]).toEqual([1, 1]);
    await run(notary, { waitMs: 11 * 60_000 });
    expect(notary.submissions.size).toBe(2);
  });

  it.each(['its journal', 'nothing but what Apple knows'])(
    'whose bytes never arrived is made anew by runs that do not wait, with %s',
    async (what) => {
      const notary = await start();
      const dying = notaryPorts({ notary, key, clock, root: folder.path });
      const submit: NotaryService['submit'] = async (...args) => ({
        ...(await dying.service.submit(...args)),
        upload: () => Promise.reject(new Error('killed')),
      });
      const dead = { ...dying.service, submit };
      await expect(notarizeFile(SUBMISSION, { ...dying, service: dead })).rejects.toThrow('killed');
      const root = what === 'its journal' ? folder.path : mkdtempSync(join(folder.path, 'fresh-'));
      expect(await run(notary, { root, waitMs: 0 })).toMatchObject({ outcome: 'pending' });
      expect(notary.submissions.size).toBe(1);
      clock.forward(what === 'its journal' ? 11 * 60_000 : 25 * 3_600_000);
      expect(await run(notary, { root, waitMs: 0 })).toMatchObject({ outcome: 'pending', entry: { abandoned: [expect.any(String)] } });
      expect(await run(notary, { root })).toMatchObject({ outcome: 'accepted' });
      expect([notary.submissions.size, notary.s3.stored.length]).toEqual([2, 1]);
    },
  );

  it('that takes hours is not sent again by runs that find it at Apple alone, or in the folder of such a run', async () => {
    const notary = await start({ inProgress: 1_000 });
    const { entry } = await run(notary, { waitMs: 0 });
    let found: Notarized | undefined;
    for (const waitMs of [0, 0, 45 * 60_000, 0]) {
      clock.forward(4 * 3_600_000);
      const fresh = { root: mkdtempSync(join(folder.path, 'fresh-')), waitMs, ...(found && { earlier: [found.entry] }) };
      expect(await run(notary, { ...fresh, earlier: [] })).toMatchObject({ outcome: 'pending', entry: { id: entry.id } });
      found = await run(notary, fresh);
      expect(found).toMatchObject({ outcome: 'pending', entry: { id: entry.id } });
    }
    expect([notary.submissions.size, notary.s3.stored.length]).toEqual([1, 1]);
    notary.inProgress = 0;
    expect(await run(notary, { root: mkdtempSync(join(folder.path, 'fresh-')) })).toMatchObject({ outcome: 'accepted', entry: { id: entry.id } });
  });

  it('that another service knows is of no meaning to this one, and both are kept', async () => {
    const [one, other] = [await start(), await start()];
    const first = await run(one);
    const second = await run(other, { earlier: [first.entry] });
    expect([second.entry.id === first.entry.id, one.judged.length, other.judged.length]).toEqual([false, 1, 1]);
    const asked = [one.requests.length, other.requests.length];
    expect([(await run(one)).entry, (await run(other)).entry]).toEqual([first.entry, second.entry]);
    expect([one.requests.length, other.requests.length]).toEqual(asked);
  });

  it('is read in pieces that stay as they are while others are read', async () => {
    const bytes = randomBytes(700_000);
    const file = join(folder.path, 'large.zip');
    writeFileSync(file, bytes);
    const { content } = submissionOf({ name: 'large.zip' }, file, { size: bytes.length, sha256: hashBytes(bytes) });
    const pieces: Uint8Array[] = [];
    for await (const piece of content.open()) pieces.push(piece);
    expect(pieces.length).toBeGreaterThan(1);
    expect(hashBytes(Buffer.concat(pieces))).toBe(hashBytes(bytes));
  });

  it('goes in parts when it is large, each repeated by itself', async () => {
    const notary = await start({ minPartBytes: 1_000 });
    let part = 0;
    const http = (inner: HttpClient): HttpClient => ({
      ...inner,
      request: async (request) => {
        const response = await inner.request(request);
        const lost = request.url.includes('uploadId') && (part += 1) <= 6 && part % 2 === 1;
        if (!lost) return response;
        return { ...response, status: 503, text: async () => '<Error><Code>SlowDown</Code></Error>' };
      },
    });
    expect(await run(notary, { partBytes: 1_000, http })).toMatchObject({ outcome: 'accepted' });
    expect(notary.s3.objects.size).toBe(1);
    expect(notary.s3.requests.filter((line) => line.includes('partNumber=1&'))).toHaveLength(2);
    expect(notary.judged).toEqual([hashBytes(BYTES)]);
  });

  it.each(['Invalid', 'Rejected'])('that is %s stays so, with its log, and is not sent again', async (status) => {
    const issues = [
      { severity: 'error', path: 'app.zip/bin/app', message: 'The signature does not include a secure timestamp.', docUrl: 'https://x' },
    ];
    const notary = await start({ judge: () => ({ status, issues }) });
    const first = await run(notary);
    expect(first).toMatchObject({ outcome: status.toLowerCase(), log: { issues: [{ message: issues[0]!.message, docUrl: 'https://x' }] } });
    expect(await run(notary)).toEqual(first);
    expect(await run(notary, { root: mkdtempSync(join(folder.path, 'fresh-')) })).toMatchObject({ outcome: status.toLowerCase() });
    expect(notary.judged).toHaveLength(1);
  });

  it('of which Apple says something new is no success (`NOTARIZE_STATE`)', async () => {
    const notary = await start({ judge: () => ({ status: 'Quarantined' }) });
    await expect(run(notary)).rejects.toMatchObject({ code: 'NOTARIZE_STATE', message: expect.stringContaining('`Quarantined`') });
  });

  it('that takes for ever is pending at the end of the wait, and is taken up by the next run', async () => {
    const notary = await start({ inProgress: 400 });
    const first = await run(notary);
    expect(first).toMatchObject({ outcome: 'pending', entry: { state: 'uploaded' } });
    expect(await run(notary, { waitMs: 0 })).toMatchObject({ outcome: 'pending' });
    notary.inProgress = 0;
    const { entry } = first;
    expect(await run(notary, { root: mkdtempSync(join(folder.path, 'fresh-')), earlier: [entry] })).toMatchObject({ entry: { id: entry.id } });
    expect(await run(notary)).toMatchObject({ outcome: 'accepted', entry: { id: entry.id } });
    expect(notary.s3.stored).toHaveLength(1);
  });

  it('whose log names other bytes counts for nothing, and is made anew (`NOTARIZE_OTHER_BYTES`)', async () => {
    const notary = await start({ logSha256: 'ab'.repeat(32) });
    await expect(run(notary)).rejects.toMatchObject({ code: 'NOTARIZE_OTHER_BYTES' });
    delete notary.logSha256;
    expect(await run(notary)).toMatchObject({ outcome: 'accepted', entry: { abandoned: [expect.any(String)] } });
    expect(notary.s3.stored).toHaveLength(2);
  });

  it.each(['Accepted', 'Invalid'])(
    'is no success where state and log contradict each other (the state is %s), and asked for anew',
    async (status) => {
      const notary = await start({ judge: () => ({ status }) });
      const other = status === 'Accepted' ? 'Invalid' : 'Accepted';
      let lies = true;
      const http = (inner: HttpClient): HttpClient => ({
        ...inner,
        request: async (request) => {
          const answer = await inner.request(request);
          return request.url.includes('/logs/') && lies ? { ...answer, text: async () => (await answer.text()).replace(status, other) } : answer;
        },
      });
      await expect(run(notary, { http })).rejects.toMatchObject({ code: 'NOTARIZE_ANSWER', message: expect.stringContaining(other) as string });
      lies = false;
      expect(await run(notary, { http })).toMatchObject({ outcome: status.toLowerCase() });
      expect(notary.s3.stored).toHaveLength(1);
    },
  );

  it('without a log yet is pending, not lost', async () => {
    const notary = await start({ logDelay: 8 });
    expect(await run(notary)).toMatchObject({ outcome: 'pending', entry: { state: 'accepted' } });
    expect(await run(notary)).toMatchObject({ outcome: 'accepted' });
    expect(notary.judged).toHaveLength(1);
  });

  it('that another account made is unknown, and made anew', async () => {
    const notary = await start({ inProgress: 400 });
    await run(notary, { waitMs: 0 });
    notary.submissions.clear();
    notary.inProgress = 0;
    expect(await run(notary)).toMatchObject({ outcome: 'accepted', entry: { abandoned: [expect.any(String)] } });
  });

  it('is made once by two runs at the same time', async () => {
    const notary = await start({ inProgress: 2 });
    const both = await Promise.all([run(notary), run(notary)]);
    expect(both.map(({ outcome }) => outcome)).toEqual(['accepted', 'accepted']);
    expect(notary.submissions.size).toBe(1);
  });
});

describe('faults of the service', () => {
  const FAULTS = [
    { at: 1, fault: 'status', status: 503 },
    { at: 3, fault: 'status', status: 429, headers: { 'retry-after': '7' } },
    { at: 4, fault: 'drop-before' },
    { at: 6, fault: 'drop-after' },
    { at: 7, fault: 'status-after', status: 502 },
    { at: 9, fault: 'status', status: 500 },
    { at: 10, fault: 'status', status: 504 },
    { at: 11, fault: 'drop-before' },
  ];
  it('429, 5xx and dropped connections are overcome, also of what submits', async () => {
    const notary = await start();
    const place = await withFaults(notary, FAULTS);
    expect(await notarizeFile(SUBMISSION, notaryPorts({ notary: place, key, clock, root: folder.path }))).toMatchObject({ outcome: 'accepted' });
    expect(notary.s3.stored).toHaveLength(1);
  });

  it('an outage before anything was sent is an error with what was said (`NOTARIZE_UNREACHABLE`); one while Apple is at work is waited for', async () => {
    const notary = await start({ inProgress: 0 });
    const out = (from: number, to: number): object[] =>
      Array.from({ length: to - from }, (_, index) => ({ at: from + index, fault: 'status', status: 500 }));
    const before = await withFaults(notary, out(1, 40));
    const failing = notarizeFile(SUBMISSION, notaryPorts({ notary: before, key, clock, root: folder.path }));
    await expect(failing).rejects.toMatchObject({ code: 'NOTARIZE_UNREACHABLE', details: [expect.stringContaining('HTTP 500'), expect.any(String)] });
    const within = await withFaults(notary, out(3, 20));
    expect(await notarizeFile(SUBMISSION, notaryPorts({ notary: within, key, clock, root: folder.path }))).toMatchObject({ outcome: 'accepted' });
  });

  it('an agreement that is not signed is told in Apple’s own words', async () => {
    const notary = await start({ agreement: true });
    await expect(run(notary)).rejects.toMatchObject({
      code: 'NOTARIZE_FORBIDDEN',
      details: [
        'FORBIDDEN.REQUIRED_AGREEMENTS_MISSING_OR_EXPIRED: A required agreement is missing or has expired.: This request requires an in-effect agreement that has not been signed or has expired.',
        expect.any(String),
      ],
    });
    expect(notary.submissions.size).toBe(0);
  });

  it.each([
    ['another key', () => ({ key: testApiKey() })],
    ['another key ID', () => ({ key: { ...key, keyId: 'ZZZZZ99999' } })],
    ['another issuer', () => ({ key: { ...key, issuer: ISSUER.replace('6', '7') } })],
  ])('%s is refused (`NOTARIZE_UNAUTHORIZED`)', async (_, request) => {
    const notary = await start();
    await expect(run(notary, request())).rejects.toMatchObject({
      code: 'NOTARIZE_UNAUTHORIZED',
      details: [expect.stringContaining('NOT_AUTHORIZED'), expect.any(String)],
    });
    expect(notary.requests).toHaveLength(2);
  });

  it('a clock that is far off is told (`NOTARIZE_CLOCK`)', async () => {
    const notary = await start({ nowMs: () => clock.nowMs() - 3_600_000 });
    await expect(run(notary)).rejects.toMatchObject({
      code: 'NOTARIZE_CLOCK',
      details: [expect.stringMatching(/^here 20/), expect.stringMatching(/^there 20/), expect.any(String)],
    });
  });

  it('tokens live for a request: an hour of waiting ends in no 401', async () => {
    const notary = await start({ inProgress: 60 });
    expect(await run(notary, { waitMs: 3 * 3_600_000 })).toMatchObject({ outcome: 'accepted' });
    expect(clock.nowMs() - Date.now()).toBeGreaterThan(30 * 60_000);
  });

  it.each([
    ['no JSON', '<html>maintenance</html>', 'NOTARIZE_ANSWER'],
    ['no number', '{"data":{"attributes":{}}}', 'NOTARIZE_ANSWER'],
  ])('%s is no answer', async (_, text, code) => {
    const notary = await start();
    const http = (inner: HttpClient): HttpClient => ({
      ...inner,
      request: async (request) =>
        request.method === 'POST' ? { ...(await inner.request(request)), text: async () => text } : inner.request(request),
    });
    await expect(run(notary, { http })).rejects.toMatchObject({ code });
  });

  it('what the service refuses for another reason is told (`NOTARIZE_REFUSED`), and what the bucket refuses (`NOTARIZE_UPLOAD`)', async () => {
    const notary = await start();
    const place = await withFaults(notary, [{ at: 2, fault: 'status', status: 409 }]);
    await expect(notarizeFile(SUBMISSION, notaryPorts({ notary: place, key, clock, root: folder.path }))).rejects.toMatchObject({
      code: 'NOTARIZE_REFUSED',
    });
    const put = (inner: HttpClient): HttpClient => ({
      ...inner,
      request: (request) =>
        inner.request({ ...request, ...(request.method === 'PUT' && { headers: { ...request.headers!, 'x-amz-date': '20200101T000000Z' } }) }),
    });
    const failing = run(notary, { http: put });
    await expect(failing).rejects.toMatchObject({ code: 'NOTARIZE_UPLOAD' });
    await expect(failing).rejects.not.toMatchObject({
      details: expect.arrayContaining([expect.stringContaining(notary.s3Keys.sessionToken)]) as unknown,
    });
    expect(await run(notary)).toMatchObject({ outcome: 'accepted' });
  });
});

class Killed extends Error {}

/** Dies right before or right after the n-th effect of a run: requests to anybody, notes in the journal. */
function killer(
  at: number,
  when: 'before' | 'after',
): { wrap<Args extends unknown[], T>(call: (...args: Args) => Promise<T>): (...args: Args) => Promise<T> } {
  let count = 0;
  return {
    wrap:
      (call) =>
      async (...args) => {
        const mine = (count += 1) === at;
        if (count > at) throw new Killed('dead');
        if (mine && when === 'before') throw new Killed('killed');
        const result = await call(...args);
        if (mine) throw new Killed('killed');
        return result;
      },
  };
}

describe.each(['its journal', 'nothing but what Apple knows'])('a run that is killed at any step, with %s', (what) => {
  it.each(['before', 'after'] as const)('%s it, is gone on with, and nothing is uploaded twice', async (when) => {
    let steps = 0;
    for (let at = 1; ; at += 1) {
      const notary = await start();
      const root = mkdtempSync(join(folder.path, 'run-'));
      const { wrap } = killer(at, when);
      const http = (inner: HttpClient): HttpClient => ({ ...inner, request: wrap(inner.request) });
      const journal = (inner: Journal): Journal => ({ ...inner, write: wrap(inner.write) });
      const first = await run(notary, { root, http, journal }).catch((error: unknown) => error);
      if (!(first instanceof Killed)) {
        expect(first).toMatchObject({ outcome: 'accepted' });
        break;
      }
      steps += 1;
      const again = what === 'its journal' ? root : mkdtempSync(join(folder.path, 'fresh-'));
      const second = await run(notary, { root: again });
      // Somebody else may still be sending it, for all that this run knows.
      const isLeft = what !== 'its journal' && second.outcome === 'pending';
      if (isLeft) clock.forward(25 * 3_600_000);
      expect(isLeft ? await run(notary, { root: again }) : second).toMatchObject({ outcome: 'accepted' });
      expect({ at, stored: notary.s3.stored.length, judged: notary.judged }).toEqual({ at, stored: 1, judged: [SUBMISSION.sha256] });
      await notary.stop();
    }
    expect(steps).toBeGreaterThanOrEqual(10);
  });
});

describe('the API key', () => {
  const source = { keyId: KEY_ID, keyIdVariable: 'ID', issuer: ISSUER, issuerVariable: 'ISS', key: new Secret(key.pem), keyVariable: 'KEY' };
  it('is taken as text and in base64', () => {
    expect(readApiKey(source)).toMatchObject({ keyId: KEY_ID, issuer: ISSUER });
    expect(readApiKey({ ...source, key: new Secret(Buffer.from(key.pem).toString('base64')) }).key.export({ format: 'jwk' })).toEqual(
      key.key.export({ format: 'jwk' }),
    );
  });

  it.each([
    ['a path', { key: new Secret('/home/ada/AuthKey_ABCDE12345.p8') }, 'KEY'],
    ['a public key', { key: new Secret(key.publicKey.export({ type: 'spki', format: 'pem' }).toString()) }, 'public key'],
    ['half a key', { key: new Secret(key.pem.slice(0, 120)) }, 'damaged'],
    ['a key ID that is none', { keyId: 'AuthKey_x.p8' }, 'ID'],
    ['an issuer that is none', { issuer: 'ada@example.org' }, 'UUID'],
  ])('refuses %s (`NOTARIZE_KEY_FORMAT`)', (_, change, said) => {
    expect(() => readApiKey({ ...source, ...change })).toThrow(
      expect.objectContaining({ code: 'NOTARIZE_KEY_FORMAT', message: expect.stringContaining(said) as string }),
    );
  });
});

it('a journal that cannot be read is refused before anything is sent (`NOTARIZE_JOURNAL`), and none holds a secret', async () => {
  const notary = await start();
  await run(notary);
  const place = join(folder.path, '.waybill/notary');
  const [name] = readdirSync(place).filter((file) => file.endsWith('.json'));
  expect(readdirSync(place)).toEqual([name]);
  const text = readFileSync(join(place, name!), 'utf8');
  for (const secret of [...Object.values(notary.s3Keys), key.pem.split('\n')[1]!]) expect(text).not.toContain(secret);
  const asked = notary.requests.length;
  for (const broken of ['{"torn', '{}', renderEntries([{ sha256: 'x', name: 'x', service: 'x', state: 'uploaded' }])]) {
    writeFileSync(join(place, name!), broken);
    await expect(run(notary)).rejects.toMatchObject({ code: 'NOTARIZE_JOURNAL' });
  }
  expect(notary.requests).toHaveLength(asked);
});
