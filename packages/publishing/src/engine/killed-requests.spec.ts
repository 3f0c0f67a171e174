import type { HttpClient, HttpRequest } from '@waybill/core';
import { seededRandom, skipUnless } from '@waybill/core/testing';
import type { LedgerStore } from '../ledger/ledger-store';
import { renderReceiptJson } from '../receipt/receipt';
import { memoryLedgers } from '../testing/memory-ledgers';
import { FILES, SERVERS, takenBlob, type Place, type Server } from '../testing/places';
import { RELEASE, testClient } from '../testing/release-files';
import { hasRegistry, NO_REGISTRY } from '../testing/stand-ins';
import { publishRelease, type Published } from './publish-release';

class Killed extends Error {}

const FULL = process.env['WAYBILL_TEST_FULL'] === '1';
/** At each of seven servers: more than 200 in all in the full run. */
const SERIES = FULL ? 30 : 2;

/** A process that is killed when so many requests were answered, before it knows the answer. */
class Mortal {
  dead = false;
  requests = 0;
  /** Bodies of files that a server took, by the digest in the address. */
  readonly taken: string[] = [];

  constructor(private readonly dieAt = Infinity) {}

  /** What is gone does nothing more. */
  alive(): void {
    if (this.dead) throw new Killed();
  }

  client(inner: HttpClient): HttpClient {
    return { readOnly: false, request: (request) => this.send(inner, request) };
  }

  private async send(inner: HttpClient, request: HttpRequest): ReturnType<HttpClient['request']> {
    this.alive();
    const answer = await inner.request(request);
    this.requests += 1;
    this.taken.push(...takenBlob(request, answer.status));
    if (this.requests >= this.dieAt) this.dead = true;
    this.alive();
    return answer;
  }

  ledgers(inner: LedgerStore): LedgerStore {
    const open = async (key: Parameters<LedgerStore['open']>[0]): ReturnType<LedgerStore['open']> => {
      const { text, append } = await inner.open(key);
      return { text, append: (line) => (this.alive(), append(line)) };
    };
    return { ...inner, open };
  }
}

function run(place: Place, mortal: Mortal, ledgers: LedgerStore): Promise<Published> {
  let nowMs = Date.parse('2026-01-01');
  const sleep = async (milliseconds: number): Promise<void> => void (nowMs += milliseconds);
  const request = {
    ...{ release: RELEASE, destinations: [place.destination(mortal.client(place.inner ?? testClient()))], skipped: [], files: place.files ?? FILES },
    ...{ body: 'what is new', tool: '0.1.0', resume: true, waitMs: 1_000, requestTimeoutMs: 60_000 },
  };
  return publishRelease(request, { ledgers: mortal.ledgers(ledgers), nowMs: () => nowMs, sleep, line: () => undefined });
}

/** Killed runs on the way; the last one is not killed. */
async function publishKilled(
  place: Place,
  dyingAt: readonly number[],
  keepLedger: (index: number) => boolean,
): Promise<{ end: Published; runs: Mortal[] }> {
  let ledgers = memoryLedgers();
  const runs: Mortal[] = [];
  for (const [index, dieAt] of dyingAt.entries()) {
    const mortal = new Mortal(dieAt);
    runs.push(mortal);
    const end = await run(place, mortal, ledgers).catch((cause: unknown) => {
      if (cause instanceof Killed) return undefined;
      throw cause;
    });
    if (end !== undefined) return { end, runs };
    if (!keepLedger(index)) ledgers = memoryLedgers();
  }
  const last = new Mortal();
  runs.push(last);
  return { end: await run(place, last, ledgers), runs };
}

describe.each(Object.keys(SERVERS))('%s: a run that is killed when a request was answered, before it knows', (name) => {
  const test = skipUnless(name !== 'registry' || hasRegistry, NO_REGISTRY);
  let server: Server;
  let number = 0;
  const fresh = (): Place => server.place((number += 1));
  beforeAll(async () => {
    if (name !== 'registry' || hasRegistry) server = await SERVERS[name]!();
  });
  afterAll(() => server?.stop());

  async function outcome(dyingAt: readonly number[], keepLedger: (index: number) => boolean): Promise<object> {
    const place = fresh();
    const { end, runs } = await publishKilled(place, dyingAt, keepLedger);
    const twice = place.taken(runs.flatMap(({ taken }) => taken)).filter((one, index, all) => all.indexOf(one) !== index);
    return { outcome: end.outcome, there: await place.end(), receipt: receiptOf(end), twice };
  }
  /** Without what names the place. */
  const receiptOf = ({ receipt }: Published): string =>
    renderReceiptJson(receipt)
      .replaceAll(`k${number}`, 'k')
      // its digest names the place, which is another each time
      .replace(/"plan": "[0-9a-f]{64}"/, '');

  let requests = 0;
  let expected: object;
  /** What a run gives that nobody kills. */
  async function measure(): Promise<void> {
    const place = fresh();
    const whole = await publishKilled(place, [], () => true);
    requests = whole.runs[0]!.requests;
    expect(requests).toBeGreaterThan(5);
    expect(new Set(place.taken(whole.runs.flatMap(({ taken }) => taken))).size).toBeGreaterThan(1);
    expected = { outcome: 'success', there: await place.end(), receipt: receiptOf(whole.end), twice: [] };
  }

  test('ends as one that was not, after each request once, with its ledger or without; no file is taken twice', async () => {
    await measure();
    for (let at = 1; at <= requests; at += 1) {
      for (const keep of FULL ? [true, false] : [at % 2 === 0]) {
        expect({ at, keep, ...(await outcome([at], () => keep)) }).toEqual({ at, keep, ...expected });
      }
    }
  });

  test(`ends as one that was not, ${SERIES} times killed at random, again and again`, async () => {
    await measure();
    const next = seededRandom(1);
    for (let turn = 0; turn < SERIES; turn += 1) {
      const dyingAt = Array.from({ length: 2 + Math.floor(next() * 3) }, () => 1 + Math.floor(next() * requests));
      const kept = next() < 0.5;
      expect({ turn, ...(await outcome(dyingAt, (index) => (index % 2 === 0) === kept)) }).toEqual({ turn, ...expected });
    }
  });
});
