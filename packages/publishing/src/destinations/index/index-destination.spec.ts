import { Secret, type HttpRequest, type HttpResponse } from '@waybill/core';
import type { Release } from '../../destination';
import { publishRelease, type Published } from '../../engine/publish-release';
import { memoryFile } from '../../testing/memory-destination';
import { INDEXES, memoryIndex, type IndexBehaviour, type MemoryIndex } from '../../testing/memory-index';
import { memoryLedgers } from '../../testing/memory-ledgers';
import { createIndexDestination, type IndexConfig } from './index-destination';
import { faultOfRoot } from './judge-root';
import { readSimplePage } from './read-simple-page';

const RELEASE: Release = { project: 'word', name: 'word', version: '1.0', channel: 'stable', sourceDateEpoch: 0 };
const SDIST = memoryFile('word_tally-1.0.tar.gz', 'sdist bytes', 'sdist');
const WHEEL = memoryFile('word_tally-1.0-py3-none-any.whl', 'wheel bytes', 'wheel');
const FILES = [SDIST, memoryFile('word-1.0-SHA256SUMS', 'sums', 'checksums'), WHEEL];
const METADATA = [
  'Metadata-Version: 2.4\nName: word-tally\nVersion: 1.0\nSummary: Counts words\nClassifier: A\nClassifier: B',
  'Project-URL: Home, x\nRequires-Python: >=3.9\nLicense-File: LICENSE\n\nHello\nWörld\n',
].join('\n');

const configOf = (http: MemoryIndex, more: Partial<IndexConfig> = {}): IndexConfig => ({
  id: 'there',
  uploadUrl: 'http://localhost:1/legacy/',
  simpleUrl: 'http://localhost:1/simple/',
  projects: ['word-tally'],
  login: { user: '__token__', password: new Secret('pypi-secret') },
  http,
  metadataOf: async () => METADATA,
  nowMs: () => Date.parse('2026-01-01'),
  ...more,
});

function run(http: MemoryIndex, more: Partial<IndexConfig> = {}, files = FILES, ledgers = memoryLedgers()): Promise<Published> {
  let nowMs = 0;
  const sleep = async (milliseconds: number): Promise<void> => void (nowMs += milliseconds);
  const release = { ...RELEASE, version: more.publicName && files === LOCAL ? '1.0+local.1' : '1.0' };
  const request = {
    release,
    destinations: [createIndexDestination(configOf(http, more))],
    skipped: [],
    files,
    body: '',
    tool: '0.1.0',
    resume: true,
  };
  return publishRelease({ ...request, waitMs: 1_000, requestTimeoutMs: 1_000 }, { ledgers, nowMs: () => nowMs, sleep, line: () => undefined });
}
const LOCAL = [memoryFile('word_tally-1.0+local.1-py3-none-any.whl', 'wheel bytes', 'wheel')];
const isPage = ({ url }: HttpRequest): boolean => url.endsWith('/simple/word-tally/');
const uploadsOf = (http: MemoryIndex): number => http.requests.filter(({ method }) => method === 'POST').length;

describe.each(Object.keys(INDEXES))('an index that answers as %s does', (which) => {
  const behaviour = INDEXES[which]!;

  it('gets wheels, then sdists; again nothing is sent', async () => {
    const http = memoryIndex(behaviour);
    const first = await run(http);
    expect(first.sent).toEqual({ there: [WHEEL.name, SDIST.name] });
    expect(first.plan.destinations[0]!.left).toEqual([{ name: 'word-1.0-SHA256SUMS', reason: 'an index takes wheels and sdists' }]);
    expect((await run(http)).sent).toEqual({ there: [] });
    expect(uploadsOf(http)).toBe(2);
  });

  it('PUBLISH_CONFLICT: other bytes under a name are found before anything is sent', async () => {
    const http = memoryIndex(behaviour);
    http.held.set(SDIST.name, Buffer.from('other'));
    await expect(run(http)).rejects.toMatchObject({ code: 'PUBLISH_CONFLICT' });
    expect(uploadsOf(http)).toBe(0);
  });

  it('an answer that was lost is decided by what the index shows, and no file arrives twice', async () => {
    for (const answer of [
      { keep: true, status: 502 },
      { status: 503, headers: { 'retry-after': '3' } },
      { keep: true, status: 409 },
    ] as const) {
      const http = memoryIndex({ ...behaviour, answer: (attempt) => (attempt === 1 ? answer : undefined) });
      await run(http);
      expect([...http.held.keys()]).toEqual([WHEEL.name, SDIST.name]);
      expect(uploadsOf(http)).toBe('keep' in answer ? 2 : 3);
    }
  });

  it('PUBLISH_VERIFY: somebody took the name between look and upload; the words of the server are not asked', async () => {
    const http = memoryIndex({
      ...behaviour,
      answer: () => {
        http.held.set(WHEEL.name, Buffer.from('other'));
        return { status: behaviour.other[0], text: `File already exists (hash '${WHEEL.sha256}')` };
      },
    });
    await expect(run(http)).rejects.toMatchObject({ code: 'PUBLISH_VERIFY' });
  });
});

it('sends the fields that indexes ask for, and the token to its own origin alone', async () => {
  const http = memoryIndex(INDEXES['pypi']!);
  await run(http, { simpleUrl: 'http://localhost:2/simple/' });
  const [body = ''] = http.bodies;
  const fields = [...body.matchAll(/name="([^"]+)"\r\n\r\n([^\r]*)\r\n/g)].map(([, name, value]) => [name, value]);
  expect(fields).toEqual([
    [':action', 'file_upload'],
    ['protocol_version', '1'],
    ['filetype', 'bdist_wheel'],
    ['pyversion', 'py3'],
    ['sha256_digest', WHEEL.sha256],
    ['metadata_version', '2.4'],
    ['name', 'word-tally'],
    ['version', '1.0'],
    ['summary', 'Counts words'],
    ['classifiers', 'A'],
    ['classifiers', 'B'],
    ['project_urls', 'Home, x'],
    ['requires_python', '>=3.9'],
    ['license_file', 'LICENSE'],
    ['description', Buffer.from('Hello\nWörld\n').toString('latin1')],
  ]);
  const login = `Basic ${Buffer.from('__token__:pypi-secret').toString('base64')}`;
  const sentTo = http.requests.filter(({ headers }) => headers?.['authorization'] === login).map(({ method }) => method);
  expect(new Set(sentTo)).toEqual(new Set(['POST']));
});

const answering = (status: number, text = ''): MemoryIndex => memoryIndex({ ...INDEXES['pypi']!, answer: () => ({ status, text }) });

it.each([
  ['PUBLISH_INDEX_CREDENTIAL', 403, 'Invalid or non-existent authentication information'],
  ['PUBLISH_INDEX_CREDENTIAL', 401, ''],
  ['PUBLISH_INDEX_ADDRESS', 404, ''],
  ['PUBLISH_INDEX_ADDRESS', 301, ''],
  ['PUBLISH_INDEX_BURNT', 400, 'This filename was previously used by a file that has since been deleted. Use a different version'],
  ['PUBLISH_INDEX_REFUSED', 400, '<html><head>x</head><h1>Invalid value for classifiers</h1></html>'],
])('%s: HTTP %i with nothing there', async (code, status, text) => {
  await expect(run(answering(status, text))).rejects.toMatchObject({ code });
});

it('shows what the index said, without markup', async () => {
  await expect(run(answering(400, '<h1>Invalid value</h1>'))).rejects.toMatchObject({ details: expect.arrayContaining(['Invalid value']) });
});

it('PUBLISH_INDEX_CREDENTIAL: says for whom it was sent, where an index may want a user', async () => {
  const json = JSON.stringify({ message: 'could not verify\n\n', code: '401 Unauthorized' });
  const devpi = memoryIndex({ ...INDEXES['devpi']!, answer: () => ({ status: 401, text: json }) });
  const [details, fix] = [['sent for the user `__token__`', 'could not verify'], expect.stringContaining('(`user`)')];
  await expect(run(devpi)).rejects.toMatchObject({ code: 'PUBLISH_INDEX_CREDENTIAL', details: expect.arrayContaining(details), fix });
  await expect(run(answering(401), { publicName: 'pypi' })).rejects.toMatchObject({ fix: expect.not.stringContaining('(`user`)') });
});

it('PUBLISH_INDEX_READ and PUBLISH_INDEX_PAGE: nothing is sent to an index whose state is unknown', async () => {
  for (const [code, status, text] of [
    ['PUBLISH_INDEX_READ', 403, ''],
    ['PUBLISH_INDEX_PAGE', 200, 'plain text'],
  ] as const) {
    const http = memoryIndex(INDEXES['pypi']!);
    const page = { status, headers: {}, text: async () => text, bytes: async () => Buffer.from(text), stream: async function* () {} };
    const failing = { ...http, request: async () => page } as MemoryIndex;
    await expect(run(failing)).rejects.toMatchObject({ code });
    expect(uploadsOf(http)).toBe(0);
  }
});

const WELCOME = '<html><body><p>All packages are <a href="/packages/">here</a>, or in the <a href="/simple/">simple</a> index.</p></body></html>';
it.each([
  ['PUBLISH_INDEX_SIMPLE', 404, '', 'text/html', 'HTTP 404'],
  ['PUBLISH_INDEX_SIMPLE', 302, '', 'text/html', 'HTTP 302'],
  ['PUBLISH_INDEX_SIMPLE', 200, WELCOME, 'text/html', 'a link `here`, which is no project'],
  ['PUBLISH_INDEX_SIMPLE', 200, '<html><form action="/login"></form></html>', 'text/html', 'the page of a web site'],
  ['PUBLISH_INDEX_SIMPLE', 200, '{"message":"hello"}', 'application/json', 'without a list of projects'],
  ['PUBLISH_INDEX_SIMPLE', 200, 'hello', 'text/plain', 'neither JSON nor HTML'],
  ['PUBLISH_INDEX_READ', 403, '', 'text/html', 'its list of projects'],
])('%s: a wrong address is no empty index (HTTP %i %s)', async (code, status, text, type, words) => {
  const http = memoryIndex(INDEXES['pypiserver']!);
  const root: HttpResponse = {
    ...{ status, headers: { 'content-type': type }, text: async () => text, bytes: async () => Buffer.from(text) },
    stream: async function* () {
      yield Buffer.from(text);
    },
  };
  const wrong = { ...http, request: async (request: HttpRequest) => (request.url.endsWith('/simple/') ? root : http.request(request)) };
  const refused = await run(wrong).catch((cause: unknown) => cause);
  expect(refused).toMatchObject({ code, message: expect.stringContaining(words) as string });
  expect(uploadsOf(http)).toBe(0);
});

it.each(['<html><body></body></html>', '<html><a href="../">up</a><a href="/simple/word-tally/#x">Word.Tally</a></html>'])(
  '%s is a list of projects',
  (page) => {
    expect(faultOfRoot(page, 'text/html; charset=utf-8')).toBeUndefined();
  },
);

it('a project that the index does not have, and passes on to another one, is not there', async () => {
  const http = memoryIndex(INDEXES['pypiserver']!);
  const elsewhere = { ...(await http.request({ method: 'GET', url: 'http://localhost:1/simple/' })), status: 303 };
  const passing = { ...http, request: async (request: HttpRequest) => (isPage(request) && http.held.size === 0 ? elsewhere : http.request(request)) };
  expect((await run(passing)).sent).toEqual({ there: [WHEEL.name, SDIST.name] });
  expect(http.requests.filter(isPage).every(({ sameOrigin }) => sameOrigin === true)).toBe(true);
});

it('PUBLISH_INDEX_METADATA: a distribution without a name is found before anything is sent', async () => {
  const http = memoryIndex(INDEXES['pypi']!);
  await expect(run(http, { metadataOf: async () => 'Metadata-Version: 2.1\n' })).rejects.toMatchObject({ code: 'PUBLISH_INDEX_METADATA' });
  expect(uploadsOf(http)).toBe(0);
});

describe('a public index', () => {
  const old: IndexBehaviour = { ...INDEXES['pypi']!, uploadedAt: '2025-12-01T00:00:00Z' };
  const big = { ...WHEEL, size: 101 * 1024 * 1024 };
  const plain = memoryFile('word_tally-1.0-cp311-cp311-linux_x86_64.whl', 'x', 'wheel');

  it.each([
    ['a local version', LOCAL, INDEXES['pypi']!, 'local part'],
    ['a file that is too large', [big], INDEXES['pypi']!, '`"fileLimitMib": 101`'],
    ['a wheel for plain linux', [plain], INDEXES['pypi']!, 'plain `linux_…`'],
    ['two sdists', [SDIST, memoryFile('word_tally-1.0.zip', 'x', 'sdist')], INDEXES['pypi']!, 'one sdist'],
    ['a file that comes too late', [WHEEL, SDIST], old, 'older than 14 days'],
  ])('refuses %s before anything is sent', async (_, files, behaviour, words) => {
    const http = memoryIndex(behaviour);
    if (behaviour === old) http.held.set(SDIST.name, Buffer.from('sdist bytes'));
    const error = await run(http, { publicName: 'pypi' }, files).catch((cause: { code: string; details: string[] }) => cause);
    expect(error).toMatchObject({ code: 'PUBLISH_PREFLIGHT', details: expect.arrayContaining([expect.stringContaining(words)]) });
    expect(uploadsOf(http)).toBe(0);
  });

  it.each([
    [undefined, 1],
    [100, 1],
    [101, 0],
  ])('takes a large file of a project that was given %j MiB: %i finding', async (fileLimitMib, count) => {
    const config = configOf(memoryIndex(INDEXES['pypi']!), { publicName: 'pypi', ...(fileLimitMib && { fileLimitMib }) });
    expect(await createIndexDestination(config).preflight({ ...RELEASE, version: '1.0' }, [big])).toHaveLength(count);
  });

  it('a release without wheel and sdist has nothing to do there', async () => {
    await expect(run(memoryIndex(old), {}, [FILES[1]!])).rejects.toMatchObject({ code: 'PUBLISH_PREFLIGHT' });
  });
});

it('is taken back by a person, and stays pending until the index shows it', async () => {
  const states: string[] = [];
  const marks: (string | undefined)[] = [];
  for (const behaviour of [INDEXES['devpi']!, { ...INDEXES['pypi']!, yanked: true }, INDEXES['pypi']!]) {
    const http = memoryIndex(behaviour);
    if (behaviour !== INDEXES['pypi']) http.held.set(WHEEL.name, Buffer.from('wheel bytes'));
    states.push((await createIndexDestination(configOf(http)).takeBack(RELEASE)).outcome);
    marks.push(await createIndexDestination(configOf(http)).readTakenBack(RELEASE));
  }
  expect(states).toEqual(['pending', 'done', 'absent']);
  expect(marks).toEqual([undefined, `the index shows \`${WHEEL.name}\` as yanked`, undefined]);
});

const SUM = 'ab'.repeat(32);
it.each([
  ['markup within a link', `<html><a href="../f/w-1.0.tar.gz#sha256=${SUM}"><span>w 1.0</span>\n</a></html>`, 'text/html'],
  ['a name that is encoded, and more behind its digest', `<a href='/f/w-1%2E0.tar.gz?t=1#sha256=${SUM}&amp;egg=w'>w-1.0</a>`, 'text/html'],
  ['a digest behind others', `<a class="x" href="/f/w-1.0.tar.gz#egg=w&sha256=${SUM}">w-1.0.tar.gz</a>`, 'text/html; charset=utf-8'],
  ['an address that is no file name', `<a href="/get?id=7#sha256=${SUM}">w-1.0.tar.gz</a>`, 'text/html'],
  ['JSON without a type', `{"files":[{"filename":"w-1.0.tar.gz","url":"f","hashes":{"sha256":"${SUM.toUpperCase()}"}}]}`, ''],
])('a page with %s is read', (_, text, type) => {
  expect(readSimplePage(text, type, 'http://localhost:1/simple/x/')).toMatchObject([{ name: 'w-1.0.tar.gz', sha256: SUM, yanked: false }]);
});

it.each([
  ['no JSON', '{', 'application/json'],
  ['a file without an address', '{"files":[{"filename":"a"}]}', 'application/json'],
  ['no markup', 'hello', 'text/html'],
])('a page with %s is none', (_, text, type) => {
  expect(typeof readSimplePage(text, type, 'http://localhost:1/simple/x/')).toBe('string');
});
