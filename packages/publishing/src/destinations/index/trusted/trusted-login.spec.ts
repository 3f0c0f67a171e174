import { publishRelease, type Published } from '../../../engine/publish-release';
import type { Release } from '../../../destination';
import { memoryFile } from '../../../testing/memory-destination';
import { memoryLedgers, type MemoryLedgers } from '../../../testing/memory-ledgers';
import { testClient } from '../../../testing/release-files';
import { idTokenClaims, startIdTokens, startTrustedIndex, type IdTokens, type TrustedIndex } from '../../../testing/stand-ins';
import { createIndexDestination } from '../index-destination';

const RELEASE: Release = { project: 'word', name: 'word', version: '1.0', channel: 'stable', sourceDateEpoch: 0 };
const FILES = [memoryFile('word_tally-1.0-py3-none-any.whl', 'wheel', 'wheel'), memoryFile('word_tally-1.0.tar.gz', 'sdist', 'sdist')];
const metadataOf = async (): Promise<string> => 'Metadata-Version: 2.4\nName: word-tally\nVersion: 1.0\n';

let ci: IdTokens;
let index: TrustedIndex;
let nowMs: number;
const claims: Record<string, unknown> = {};
const later = (ms: number): void => void (nowMs += ms);

beforeAll(async () => {
  ci = await startIdTokens({ claims, nowMs: () => nowMs });
});
afterAll(() => ci.stop());
beforeEach(async () => {
  nowMs = Date.parse('2026-01-01T00:00:00Z');
  Object.keys(claims).forEach((name) => delete claims[name]);
  ci.given.length = 0;
  index = await startTrustedIndex({ keys: ci.keys, nowMs: () => nowMs });
});
afterEach(() => index.stop());

interface Run {
  variables?: Record<string, string>;
  ledgers?: MemoryLedgers;
  /** Between two files. */
  onSent?: (name: string) => void;
}

function run({ variables = ci.variables, ledgers = memoryLedgers(), onSent = () => undefined }: Run = {}): Promise<Published> {
  const { uploadUrl, simpleUrl } = index;
  const config = { id: 'there', uploadUrl, simpleUrl, projects: ['word-tally'], trusted: variables, http: testClient(), metadataOf };
  const destination = createIndexDestination({ ...config, nowMs: () => nowMs });
  const destinations = [
    { ...destination, upload: (...args: Parameters<typeof destination.upload>) => (onSent(args[1].name), destination.upload(...args)) },
  ];
  const request = { release: RELEASE, destinations, skipped: [], files: FILES, body: '', tool: '0.1.0', resume: true };
  const ports = { ledgers, nowMs: () => nowMs, sleep: async (ms: number) => later(ms), line: () => undefined };
  return publishRelease({ ...request, waitMs: 1_000, requestTimeoutMs: 5_000 }, ports);
}

const minted = (): number => index.requests.filter((line) => line === 'POST /_/oidc/mint-token').length;
/** What a failed run said, all of it. */
async function refusal(options: Run = {}): Promise<{ code: string; text: string }> {
  const error = (await run(options).catch((cause: unknown) => cause)) as { code: string; message: string; details: string[]; fix: string };
  expect(error).toMatchObject({ code: expect.any(String) as string });
  return { code: error.code, text: [error.message, ...error.details, error.fix].join('\n') };
}

it('publishes for a job of GitHub: one identity, one token for all files, and none when there is nothing to send', async () => {
  const ledgers = memoryLedgers();
  const first = await run({ ledgers });
  expect(first.sent).toEqual({ there: FILES.map(({ name }) => name) });
  expect([minted(), ci.given.length]).toEqual([1, 1]);
  const who = first.findings.find(({ check }) => check === 'identity');
  expect(who?.message).toContain('repository: team/word-tally');
  const shown = JSON.stringify(first) + [...ledgers.texts.values()].join('');
  for (const secret of [ci.given[0]!, ci.requestToken, ...index.tokens.keys()]) expect(shown).not.toContain(secret);
  expect((await run({ variables: {} })).sent).toEqual({ there: [] });
  expect(minted()).toBe(1);
});

it('publishes for a job of GitLab, whose token stands in the variable of the audience', async () => {
  const { GITLAB, GITLAB_JOB } = await idTokenClaims();
  const token = ci.make({ iss: GITLAB, aud: 'pypi', ...GITLAB_JOB });
  expect((await run({ variables: { GITLAB_CI: 'true', PYPI_ID_TOKEN: token } })).outcome).toBe('success');
  expect(index.stored).toHaveLength(2);
});

it('asks for a new token when the first has expired on the way; what can be had once is said to be spent', async () => {
  const { GITLAB, GITLAB_JOB } = await idTokenClaims();
  const onSent = (name: string): void => void (name.endsWith('.tar.gz') && later(880_000));
  expect((await run({ onSent })).outcome).toBe('success');
  expect([minted(), new Set(ci.given).size]).toEqual([2, 2]);
  await index.stop();
  index = await startTrustedIndex({ keys: ci.keys, nowMs: () => nowMs });
  const variables = { GITLAB_CI: 'true', PYPI_ID_TOKEN: ci.make({ iss: GITLAB, aud: 'pypi', ...GITLAB_JOB }) };
  expect((await refusal({ variables, onSent })).code).toBe('PUBLISH_TRUSTED_SPENT');
  expect(index.stored).toHaveLength(1);
});

describe('nothing is sent', () => {
  afterEach(() => expect(index.stored).toEqual([]));

  it.each<[string, Record<string, string | undefined>, string]>([
    [
      'another repository',
      { repository: 'else/word-tally' },
      'valid token, but no corresponding publisher (Publisher with matching claims was not found)',
    ],
    ['an owner who took the name of another', { repository_owner_id: '8' }, 'repository_owner_id: 8'],
    ['another workflow', { job_workflow_ref: 'team/word-tally/.github/workflows/ci.yml@refs/tags/v1.0' }, 'enter a trusted publisher at the index'],
    ['no environment', { environment: undefined }, 'environment: (none)'],
    ['an issuer that the index does not know', { iss: 'https://elsewhere.example.org' }, 'invalid-payload: unknown trusted publishing issuer'],
  ])('`PUBLISH_TRUSTED_REFUSED` for %s, in the words of the index', async (_, other, words) => {
    Object.assign(claims, other);
    const { code, text } = await refusal();
    expect([code, text.includes('PUBLISH_TRUSTED_REFUSED'), text]).toEqual(['PUBLISH_PREFLIGHT', true, expect.stringContaining(words)]);
    expect(text).not.toContain(ci.given[0]!);
  });

  it('`PUBLISH_TRUSTED_REFUSED` for a token that was used before, and for one that nobody signed', async () => {
    const { GITLAB, GITLAB_JOB } = await idTokenClaims();
    const token = ci.make({ iss: GITLAB, aud: 'pypi', ...GITLAB_JOB });
    const mint = (jwt: string): Promise<Response> =>
      fetch(new URL('/_/oidc/mint-token', index.uploadUrl), { method: 'POST', body: JSON.stringify({ token: jwt }) });
    expect((await mint(token)).status).toBe(200);
    const variables = { GITLAB_CI: 'true', PYPI_ID_TOKEN: token };
    expect((await refusal({ variables })).text).toMatch(/invalid-reuse-token: invalid token: already used[\s\S]*start the job again/);
    const forged = `${token.slice(0, -8)}AAAAAAAA`;
    expect((await refusal({ variables: { ...variables, PYPI_ID_TOKEN: forged } })).text).toContain('invalid-token: malformed or invalid token');
  });

  it.each<[string, string, (made: (more: object) => string) => Record<string, string>, string]>([
    ['outside of any CI', 'PUBLISH_TRUSTED_NOWHERE', () => ({}), 'neither a job of GitHub Actions nor one of GitLab'],
    ['without leave to ask', 'PUBLISH_TRUSTED_PERMISSION', () => ({ GITHUB_ACTIONS: 'true' }), 'id-token: write'],
    ['without the variable of GitLab', 'PUBLISH_TRUSTED_VARIABLE', () => ({ GITLAB_CI: 'true' }), 'PYPI_ID_TOKEN: { aud: pypi }'],
    ['with a token of another audience', 'PUBLISH_TRUSTED_ID_TOKEN', (made) => ({ GITLAB_CI: 'true', PYPI_ID_TOKEN: made({ aud: 'x' }) }), '`pypi`'],
    [
      'with a token that has expired',
      'PUBLISH_TRUSTED_ID_TOKEN',
      (made) => ({ GITLAB_CI: 'true', PYPI_ID_TOKEN: made({ exp: 1 }) }),
      'expired at 1970',
    ],
    ['with what is no token', 'PUBLISH_TRUSTED_ID_TOKEN', () => ({ GITLAB_CI: 'true', PYPI_ID_TOKEN: 'abcdef' }), 'no JSON Web Token'],
    ['with a wrong pass', 'PUBLISH_TRUSTED_ID_TOKEN', () => ({ ...ci.variables, ACTIONS_ID_TOKEN_REQUEST_TOKEN: 'other' }), 'HTTP 401'],
  ])('%s: `%s`', async (_, code, variablesOf, words) => {
    const { GITLAB, GITLAB_JOB } = await idTokenClaims();
    const variables = variablesOf((more) => ci.make({ iss: GITLAB, aud: 'pypi', ...GITLAB_JOB, ...more }));
    const { text } = await refusal({ variables });
    expect([text, text]).toEqual([expect.stringContaining(code), expect.stringContaining(words)]);
    expect(minted()).toBe(0);
  });

  it('`PUBLISH_TRUSTED_UNSUPPORTED`: an index that offers it to nobody', async () => {
    index.closed = true;
    expect((await refusal()).text).toMatch(/PUBLISH_TRUSTED_UNSUPPORTED[\s\S]*HTTP 403[\s\S]*not enabled/);
  });

  it('a dry run looks at the identity and exchanges nothing; without one it warns', async () => {
    const { uploadUrl, simpleUrl } = index;
    const findings = (variables: Record<string, string>): Promise<readonly { level: string; message: string }[]> => {
      const config = { id: 'there', uploadUrl, simpleUrl, projects: ['word-tally'], trusted: variables, metadataOf, nowMs: () => nowMs };
      return Promise.resolve(createIndexDestination({ ...config, http: testClient({ readOnly: true }) }).preflight(RELEASE, FILES));
    };
    expect(await findings(ci.variables)).toMatchObject([{ level: 'info', message: expect.stringContaining('environment: release') as string }]);
    expect(await findings({})).toMatchObject([{ level: 'warning' }]);
    expect(minted()).toBe(0);
    Object.assign(claims, { workflow_ref: 'team/word-tally/.github/workflows/caller.yml@refs/tags/v1.0' });
    expect(await findings(ci.variables)).toMatchObject([
      { level: 'info' },
      { level: 'warning', message: expect.stringContaining('reusable') as string },
    ]);
  });
});
