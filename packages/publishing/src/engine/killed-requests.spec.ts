import { Secret, type HttpClient, type HttpRequest } from '@waybill/core';
import { skipUnless } from '@waybill/core/testing';
import type { Destination, PublishFile } from '../destination';
import { createIndexDestination } from '../destinations/index/index-destination';
import { createOciDestination } from '../destinations/oci/create-oci-destination';
import { createS3Destination } from '../destinations/s3/create-s3-destination';
import type { LedgerStore } from '../ledger/ledger-store';
import { renderReceiptJson } from '../receipt/receipt';
import { githubUnderTest } from '../testing/github-under-test';
import { INDEXES, memoryIndex } from '../testing/memory-index';
import { memoryLedgers } from '../testing/memory-ledgers';
import { publishFile, RELEASE, sha256Of, testClient } from '../testing/release-files';
import { random } from '../testing/random';
import { hasRegistry, NO_REGISTRY, startGithub, startRegistry, startS3 } from '../testing/stand-ins';
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
    const digest = /[?&]digest=sha256%3A([0-9a-f]{64})/.exec(request.url)?.[1];
    if (digest !== undefined && answer.status === 201) this.taken.push(digest);
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

/** Somewhere to publish to, once. */
interface Place {
  /** Reaches the server; by default over loopback. */
  inner?: HttpClient;
  files?: readonly PublishFile[];
  destination(http: HttpClient): Destination;
  /** What everybody sees in the end, in words that do not name the place. */
  end(): Promise<unknown> | unknown;
  /** Names of files, each time that one was taken whole. */
  taken(runs: readonly Mortal[]): readonly string[];
}
interface Server {
  place(number: number): Place;
  stop(): Promise<unknown>;
}

const FILES = [
  publishFile('pychat-1.2.0-linux-x86_64.tar.gz', 'archive'.repeat(1_000)),
  publishFile('pychat-1.2.0-SHA256SUMS', 'sums', { kind: 'checksums' }),
  publishFile('pychat-1.2.0-SHA256SUMS.minisig', 'signature', { kind: 'signature', madeFrom: [`sha256:${sha256Of('sums')}`] }),
];
const WHEELS = [
  publishFile('pychat-1.2.0-py3-none-any.whl', 'wheel', { kind: 'wheel' }),
  publishFile('pychat-1.2.0.tar.gz', 'sdist', { kind: 'sdist' }),
];
const METADATA = 'Metadata-Version: 2.4\nName: pychat\nVersion: 1.2.0\n';

const SERVERS: Readonly<Record<string, () => Promise<Server>>> = {
  async bucket() {
    const store = await startS3({ minPartBytes: 1_000 });
    const place = (number: number): Place => {
      const prefix = `k${number}/`;
      const rests = (): string[] => [...store.uploads.values()].map(({ key }) => key);
      const own = (keys: Iterable<string>): string[] => [...keys].filter((key) => key.startsWith(prefix)).map((key) => key.slice(prefix.length));
      return {
        destination: (http) =>
          createS3Destination({
            ...{ id: 'there', http, bucket: store.bucket, endpoint: store.url, prefix: prefix.slice(0, -1) },
            ...{ accessKeyId: new Secret(store.accessKeyId), secretAccessKey: new Secret(store.secretAccessKey) },
            parts: { fromBytes: 5_000, partBytes: 4_000 },
          }),
        end: () => [
          own(store.objects.keys())
            .sort()
            .map((key) => [
              key,
              sha256Of(
                store.objects
                  .get(prefix + key)!
                  .bytes.toString('latin1')
                  .replaceAll(prefix, ''),
              ),
            ]),
          own(rests()),
        ],
        taken: () => own(store.stored),
      };
    };
    return { place, stop: () => store.stop() };
  },
  async release() {
    const hub = await startGithub({ push: true, pageSize: 30 });
    const place = (): Place => {
      hub.releases.length = 0;
      hub.stored.length = 0;
      return {
        destination: (http) => githubUnderTest(hub, { http }),
        end: () =>
          hub.releases.map(({ tag_name, draft, body, assets }) => ({
            ...{ tag_name, draft, body },
            assets: assets.map(({ name, state, bytes }) => [name, state, sha256Of(bytes)]).sort(),
          })),
        taken: () => hub.stored,
      };
    };
    return { place, stop: () => hub.stop() };
  },
  async registry() {
    const registry = await startRegistry();
    const place = (number: number): Place => {
      const path = `team/k${number}`;
      const get = async (rest: string): Promise<Response> =>
        fetch(`${registry.url}/v2/${path}/${rest}`, {
          headers: { accept: 'application/vnd.oci.image.manifest.v1+json, application/vnd.oci.image.index.v1+json' },
        });
      return {
        files: FILES.slice(1),
        destination: (http) => createOciDestination({ id: 'there', http, repository: `${registry.host}/${path}` }),
        async end() {
          const { tags } = (await (await get('tags/list')).json()) as { tags: string[] };
          const digests = tags.sort().map(async (tag) => [tag, (await get(`manifests/${tag}`)).headers.get('docker-content-digest')]);
          return Promise.all(digests);
        },
        taken: (runs) =>
          runs.flatMap(({ taken }) => FILES.flatMap(({ name, sha256 }) => taken.filter((digest) => digest === sha256).map(() => name))),
      };
    };
    return { place, stop: () => registry.stop() };
  },
  ...Object.fromEntries(
    Object.entries(INDEXES).map(([name, behaviour]) => [
      `index that answers as ${name} does`,
      async (): Promise<Server> => ({ place: () => indexPlace(behaviour), stop: async () => undefined }),
    ]),
  ),
};

function indexPlace(behaviour: (typeof INDEXES)[string]): Place {
  const index = memoryIndex(behaviour);
  return {
    inner: index,
    files: WHEELS,
    destination: (http) =>
      createIndexDestination({
        ...{ id: 'there', uploadUrl: 'http://localhost:1/legacy/', simpleUrl: 'http://localhost:1/simple/', projects: ['pychat'] },
        login: { user: '__token__', password: new Secret('pypi-secret') },
        ...{ http, metadataOf: async () => METADATA, nowMs: () => Date.parse('2026-01-01') },
      }),
    end: () => [...index.held].map(([name, bytes]) => [name, sha256Of(Buffer.from(bytes))]).sort(),
    taken: () => index.bodies.map((body) => /filename="([^"]+)"/.exec(body)![1]!),
  };
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
    const twice = place.taken(runs).filter((one, index, all) => all.indexOf(one) !== index);
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
    expect(new Set(place.taken(whole.runs)).size).toBeGreaterThan(1);
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
    const next = random(1);
    for (let turn = 0; turn < SERIES; turn += 1) {
      const dyingAt = Array.from({ length: 2 + Math.floor(next() * 3) }, () => 1 + Math.floor(next() * requests));
      const kept = next() < 0.5;
      expect({ turn, ...(await outcome(dyingAt, (index) => (index % 2 === 0) === kept)) }).toEqual({ turn, ...expected });
    }
  });
});
