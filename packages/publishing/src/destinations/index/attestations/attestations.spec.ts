import type { Release } from '../../../destination';
import { publishRelease, type Published } from '../../../engine/publish-release';
import { memoryFile } from '../../../testing/memory-destination';
import { memoryLedgers, type MemoryLedgers } from '../../../testing/memory-ledgers';
import { testClient } from '../../../testing/release-files';
import {
  attestationPredicate,
  idTokenClaims,
  startIdTokens,
  startSigstore,
  startTrustedIndex,
  type IdTokens,
  type SigstoreStandIn,
  type TrustedIndex,
} from '../../../testing/stand-ins';
import { createIndexDestination } from '../index-destination';
import { readSimplePage } from '../read-simple-page';

const RELEASE: Release = { project: 'word', name: 'word', version: '1.0', channel: 'stable', sourceDateEpoch: 0 };
const FILES = [memoryFile('word_tally-1.0-py3-none-any.whl', 'wheel', 'wheel'), memoryFile('word_tally-1.0.tar.gz', 'sdist', 'sdist')];
const NAMES = FILES.map(({ name }) => name);

let ci: IdTokens;
let sigstore: SigstoreStandIn;
let index: TrustedIndex;

beforeAll(async () => {
  ci = await startIdTokens();
});
afterAll(() => ci.stop());
beforeEach(async () => {
  sigstore = await startSigstore({ keys: ci.keys });
  index = await startTrustedIndex({ keys: ci.keys, trust: sigstore.trust });
});
afterEach(async () => {
  await index.stop();
  await sigstore.stop();
});

interface Run {
  variables?: Record<string, string>;
  ledgers?: MemoryLedgers;
  off?: true;
  predicateType?: () => Promise<string>;
  lines?: string[];
  readOnly?: true;
}

function destinationOf({ variables = ci.variables, off, predicateType = attestationPredicate, readOnly }: Run) {
  const { uploadUrl, simpleUrl } = index;
  return createIndexDestination({
    ...{ id: 'there', uploadUrl, simpleUrl, projects: ['word-tally'], trusted: variables, nowMs: Date.now },
    http: testClient(readOnly && { readOnly }),
    metadataOf: async () => 'Metadata-Version: 2.4\nName: word-tally\nVersion: 1.0\n',
    ...(off ? {} : { attestations: { predicateType, sigstore: { fulcioUrl: sigstore.url, rekorUrl: sigstore.url } } }),
  });
}

function run(options: Run = {}): Promise<Published> {
  const { ledgers = memoryLedgers(), lines = [] } = options;
  let nowMs = 0;
  const sleep = async (milliseconds: number): Promise<void> => void (nowMs += milliseconds);
  const request = { release: RELEASE, destinations: [destinationOf(options)], skipped: [], files: FILES, body: '', tool: '0.1.0', resume: true };
  const ports = { ledgers, nowMs: () => nowMs, sleep, line: (text: string) => void lines.push(text) };
  return publishRelease({ ...request, waitMs: 1_000, requestTimeoutMs: 5_000 }, ports);
}

async function refusal(options: Run = {}): Promise<string> {
  const error = (await run(options).catch((cause: unknown) => cause)) as { code: string; message: string; details: string[]; fix: string };
  expect(error).toMatchObject({ code: expect.any(String) as string });
  return [error.code, error.message, ...error.details, error.fix].join('\n');
}

const asked = (path: string): number => sigstore.requests.filter((line) => line === `POST ${path}`).length;
const LOG = '/api/v1/log/entries';

it('makes one for each file with one certificate, sends them, reads them back; again nothing is made', async () => {
  const ledgers = memoryLedgers();
  const lines: string[] = [];
  const first = await run({ ledgers, lines });
  expect([first.outcome, first.sent]).toEqual(['success', { there: NAMES }]);
  expect([...index.attestations.keys()]).toEqual(NAMES);
  expect([asked('/api/v2/signingCert'), asked(LOG), sigstore.entries.size]).toEqual([1, 2, 2]);
  expect(lines).toContainEqual(expect.stringContaining('attestations of 2 files read back'));
  const shown = JSON.stringify(first) + [...ledgers.texts.values()].join('') + lines.join('');
  for (const secret of ci.given) expect(shown).not.toContain(secret);
  // one that stands there is as good: without a ledger too, and for a run that could make none
  const again = await run({ variables: {}, lines });
  expect([again.sent, asked(LOG), lines.at(-1)]).toEqual([{ there: [] }, 2, expect.stringContaining('attestations of 2 files read back')]);
});

it('of GitLab: the identity for sigstore stands in a variable of its own; without that one it is published without, and said', async () => {
  const { GITLAB, GITLAB_JOB } = await idTokenClaims();
  const job = (aud: string): string => ci.make({ iss: GITLAB, aud, ...GITLAB_JOB });
  const variables = { GITLAB_CI: 'true', PYPI_ID_TOKEN: job('pypi'), SIGSTORE_ID_TOKEN: job('sigstore') };
  await run({ variables });
  expect([...index.attestations.keys()]).toEqual(NAMES);
  await index.stop();
  index = await startTrustedIndex({ keys: ci.keys, trust: sigstore.trust });
  const without = await run({ variables: { GITLAB_CI: 'true', PYPI_ID_TOKEN: job('pypi') } });
  expect([without.outcome, index.stored, index.attestations.size]).toEqual(['success', NAMES, 0]);
  expect(without.findings).toContainEqual(
    expect.objectContaining({ level: 'warning', message: expect.stringMatching(/no attestations are made: .*SIGSTORE_ID_TOKEN/) as string }),
  );
});

it('is not asked for by `off`, nor sent to an index that does not take them', async () => {
  await run({ off: true });
  await index.stop();
  index = await startTrustedIndex({ keys: ci.keys });
  await run();
  expect([index.stored, sigstore.requests]).toEqual([NAMES, []]);
});

it('a dry run asks for no certificate', async () => {
  const findings = await destinationOf({ readOnly: true }).preflight(RELEASE, FILES);
  expect([findings.map(({ level }) => level), sigstore.requests]).toEqual([['info'], []]);
});

it('a log that gives no answer is asked again', async () => {
  sigstore.answer = (_, at) => (at === 2 ? { status: 503 } : undefined);
  expect((await run()).outcome).toBe('success');
  expect([index.stored, [...index.attestations.keys()], asked(LOG)]).toEqual([NAMES, NAMES, 3]);
});

it.each<[string, string, (path: string) => { status: number; text?: string } | undefined, RegExp]>([
  [
    'refuses the identity',
    'PUBLISH_ATTESTATION_IDENTITY',
    (path) => (path.includes('signingCert') ? { status: 400, text: 'no <b>job</b>' } : undefined),
    /HTTP 400/,
  ],
  [
    'gives no certificate',
    'PUBLISH_ATTESTATION_IDENTITY',
    (path) => (path.includes('signingCert') ? { status: 201, text: '{}' } : undefined),
    /"off"/,
  ],
  ['keeps nothing', 'PUBLISH_ATTESTATION_LOG', (path) => (path === LOG ? { status: 400, text: 'invalid entry' } : undefined), /invalid entry/],
  ['answers with something else', 'PUBLISH_ATTESTATION_LOG', (path) => (path === LOG ? { status: 201, text: '{"a":{}}' } : undefined), /"off"/],
])('`sigstore` %s: %s, and no file is sent', async (_, code, answer, words) => {
  sigstore.answer = ({ url }) => answer(url);
  const text = await refusal();
  expect([text.includes(code), text, index.stored]).toEqual([true, expect.stringMatching(words), []]);
  expect(text).not.toContain(ci.given.at(-1));
});

it('what the index refuses is told in its words', async () => {
  expect(await refusal({ predicateType: async () => 'https://example.org/else' })).toMatch(
    /PUBLISH_INDEX_REFUSED[\s\S]*Invalid attestations .*unknown kind[\s\S]*"off"/,
  );
  expect(index.stored).toEqual([]);
});

it('waits for one that was sent and is not shown; one of other bytes is `PUBLISH_ATTESTATION_OTHER`', async () => {
  index.showsAttestations = false;
  const ledgers = memoryLedgers();
  // a second run sends nothing again, and waits for what the first one sent
  for (const sent of [NAMES, []]) {
    const waiting = [expect.stringMatching(`there does not show the attestation of \`${NAMES[0]!}\` yet; .*"off"`)];
    expect(await run({ ledgers })).toMatchObject({ outcome: 'pending', sent: { there: sent }, waiting });
  }
  expect((await run({ ledgers, off: true })).outcome).toBe('success');
  index.showsAttestations = true;
  const [own, other] = NAMES.map((name) => index.attestations.get(name)!);
  index.attestations.set(NAMES[0]!, other!);
  expect(await refusal()).toMatch(/^PUBLISH_ATTESTATION_OTHER/);
  index.attestations.set(NAMES[0]!, own!);
  index.attestations.delete(NAMES[1]!);
  const lines: string[] = [];
  expect((await run({ lines })).outcome).toBe('success');
  expect(lines.at(-1)).toContain(`attestations of 1 files read back, none of \`${NAMES[1]!}\``);
});

it.each<[string, (path: string) => boolean, string]>([
  ['certificate', (path) => path.includes('signingCert'), 'PUBLISH_ATTESTATION_UNANSWERED'],
  ['entry in the log', (path) => path === LOG, 'PUBLISH_NOT_STORED'],
])('a connection to sigstore that is dropped at the %s: the way out is told, and no file is sent', async (_, meets, code) => {
  sigstore.answer = (request) => (meets(request.url) ? (request.socket.destroy(), { status: 500 }) : undefined);
  const text = await refusal();
  expect([text, text, index.stored]).toEqual([
    expect.stringContaining(code),
    expect.stringMatching(/No attestation can be made for `there`[\s\S]*"attestations": "off"/),
    [],
  ]);
  expect((await run({ off: true })).outcome).toBe('success');
});

it('a job of a reusable workflow makes none, and says why', async () => {
  const caller = await startIdTokens({ claims: { workflow_ref: 'team/word-tally/.github/workflows/caller.yml@refs/tags/v1.0' } });
  await index.stop();
  index = await startTrustedIndex({ keys: caller.keys, trust: sigstore.trust });
  const lines: string[] = [];
  const { outcome, findings } = await run({ variables: caller.variables, lines });
  await caller.stop();
  expect([outcome, index.stored, index.attestations.size, sigstore.requests]).toEqual(['success', NAMES, 0, []]);
  const message = expect.stringMatching(/no attestations are made: .*reusable workflow .*release\.yml/) as string;
  expect(findings).toContainEqual(expect.objectContaining({ level: 'warning', message }));
  expect(lines.at(-1)).toContain(`none of ${NAMES.map((name) => `\`${name}\``).join(', ')} has an attestation`);
});

it('an index that takes them and whose pages never speak of them is not waited for; that nobody sees them is said', async () => {
  index.tellsProvenance = false;
  const lines: string[] = [];
  expect([(await run({ lines })).outcome, index.attestations.size]).toEqual(['success', 2]);
  expect(lines.at(-1)).toContain('shows no attestations at all');
});

it('files that stood there without are told, for a job that would have made some', async () => {
  await run({ off: true });
  const lines: string[] = [];
  expect((await run({ lines })).sent).toEqual({ there: [] });
  expect(lines.at(-1)).toContain(`none of \`${NAMES[0]!}\`, \`${NAMES[1]!}\` has an attestation`);
});

it('a page in HTML tells of attestations too', () => {
  const page = '<html><a href="f.whl" data-provenance="/integrity/f?a=1&amp;b=2">f.whl</a><a href="g.whl">g.whl</a></html>';
  expect(readSimplePage(page, 'text/html', 'https://a.test/simple/f/')).toMatchObject([
    { name: 'f.whl', provenance: 'https://a.test/integrity/f?a=1&b=2' },
    { name: 'g.whl' },
  ]);
});
