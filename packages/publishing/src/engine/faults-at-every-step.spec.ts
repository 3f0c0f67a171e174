import { WaybillError, type HttpClient, type HttpRequest, type HttpResponse } from '@waybill/core';
import { skipUnless } from '@waybill/core/testing';
import type { LedgerStore } from '../ledger/ledger-store';
import { memoryLedgers } from '../testing/memory-ledgers';
import { FILES, SERVERS, takenBlob, type Place, type Server } from '../testing/places';
import { RELEASE, testClient } from '../testing/release-files';
import { hasRegistry, NO_REGISTRY } from '../testing/stand-ins';
import { publishRelease, type Published } from './publish-release';

type Answer = (send: () => Promise<HttpResponse>) => Promise<HttpResponse>;

const answered = (status: number, headers: Record<string, string> = {}): HttpResponse => ({
  ...{ status, headers, bytes: async () => Buffer.from(''), text: async () => '' },
  async *stream() {
    yield Buffer.from('');
  },
});
const noAnswer = (code: string): never => {
  throw new WaybillError(code, { message: 'the connection was dropped', fix: 'run it again' });
};

/** What may happen to one request: the server never sees it, or it did its work and the answer is lost or says something else. */
const FAULTS: Readonly<Record<string, Answer>> = {
  ...Object.fromEntries([400, 401, 403, 404, 409, 412, 422, 500, 503].map((status) => [`${status}`, async () => answered(status)])),
  '429, asking for time': async () => answered(429, { 'retry-after': '7' }),
  'dropped before': async () => noAnswer('NETWORK_FAILED'),
  'dropped after': async (send) => (await send(), noAnswer('NETWORK_FAILED')),
  'too slow': async (send) => (await send(), noAnswer('NETWORK_TIMEOUT')),
  '502 after it was done': async (send) => (await send(), answered(502)),
};

const FULL = process.env['WAYBILL_TEST_FULL'] === '1';
/**
 * Outside of the full run a server that is asked over the network meets each fault at every so many steps, another fault beginning at another: there are
 * more faults than that, so that each step meets one. What stands in memory meets all everywhere.
 */
const EVERY: Readonly<Record<string, number>> = { registry: 12, bucket: 12, release: 6 };

/** One run. The request `at` meets the fault. */
class Run {
  requests = 0;
  /** What the fault met. */
  hit: HttpRequest['method'] | undefined;
  readonly blobs: string[] = [];

  constructor(
    private readonly at = 0,
    private readonly fault: Answer = (send) => send(),
  ) {}

  publish(place: Place, ledgers: LedgerStore): Promise<Published> {
    let nowMs = Date.parse('2026-01-01');
    const sleep = async (milliseconds: number): Promise<void> => void (nowMs += milliseconds);
    const destinations = [place.destination(this.client(place.inner ?? testClient()))];
    const request = { release: RELEASE, destinations, skipped: [], files: place.files ?? FILES, body: 'what is new', tool: '0.1.0', resume: true };
    return publishRelease({ ...request, waitMs: 1_000, requestTimeoutMs: 60_000 }, { ledgers, nowMs: () => nowMs, sleep, line: () => undefined });
  }

  private client(inner: HttpClient): HttpClient {
    return { readOnly: false, request: (request) => this.send(inner, request) };
  }

  private async send(inner: HttpClient, request: HttpRequest): Promise<HttpResponse> {
    this.requests += 1;
    const send = async (): Promise<HttpResponse> => {
      const answer = await inner.request(request);
      this.blobs.push(...takenBlob(request, answer.status));
      return answer;
    };
    if (this.requests !== this.at) return send();
    this.hit = request.method;
    return this.fault(send);
  }
}

describe.each(Object.keys(SERVERS))('%s: whatever one request meets', (name) => {
  const test = skipUnless(name !== 'registry' || hasRegistry, NO_REGISTRY);
  let server: Server;
  let number = 0;
  const fresh = (): Place => server.place((number += 1));
  let expected: object;
  let requests = 0;

  beforeAll(async () => {
    if (name === 'registry' && !hasRegistry) return;
    server = await SERVERS[name]!();
    const [place, whole] = [fresh(), new Run()];
    await whole.publish(place, memoryLedgers());
    requests = whole.requests;
    expected = { outcome: 'success', there: await place.end(), twice: [] };
  });
  afterAll(() => server?.stop());

  /** What is wrong after a run with a fault and one without, if anything. */
  async function complaint(at: number, fault: Answer): Promise<string | undefined> {
    const [place, ledgers, faulty, clean] = [fresh(), memoryLedgers(), new Run(at, fault), new Run()];
    const first = await faulty.publish(place, ledgers).catch((cause: unknown) => cause);
    if (first instanceof Error && !(first instanceof WaybillError && /^(?:PUBLISH|NETWORK)_/.test(first.code) && first.fix !== '')) {
      return `no coded error: ${String(first.stack)}`;
    }
    const second = await clean.publish(place, ledgers).catch((cause: unknown) => cause);
    if (second instanceof Error) return `run again: ${String(second)}`;
    const taken = place.taken([...faulty.blobs, ...clean.blobs]);
    const end = {
      outcome: (second as Published).outcome,
      there: await place.end(),
      twice: taken.filter((one, index) => taken.indexOf(one) !== index),
    };
    // a bucket that does not let an upload be given up keeps it, which the run says
    if (name === 'bucket' && faulty.hit === 'DELETE') (end.there as unknown[])[1] = [];
    return JSON.stringify(end) === JSON.stringify(expected) ? undefined : `ends otherwise: ${JSON.stringify(end)}`;
  }

  for (const [index, [which, fault]] of Object.entries(FAULTS).entries()) {
    test(`${which}: at every step it ends well or in a coded error, and run again it ends as if nothing had been`, async () => {
      expect(requests).toBeGreaterThan(5);
      const step = FULL ? 1 : (EVERY[name] ?? 1);
      const complaints: string[] = [];
      for (let at = 1 + (index % step); at <= requests; at += step) {
        const found = await complaint(at, fault);
        if (found !== undefined) complaints.push(`request ${at}: ${found}`);
      }
      expect(complaints).toEqual([]);
    });
  }
});
