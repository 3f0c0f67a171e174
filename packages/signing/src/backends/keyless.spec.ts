import { readFileSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import { join } from 'node:path';
import { Verifier, toSignedEntity } from '@sigstore/verify';
import { bundleFromJSON } from '@sigstore/bundle';
import { createHttpClient, Secret } from '@waybill/core';
import { temporaryFolder } from '@waybill/core/testing';
import type { ExecutorRequest, ExecutorRun } from '@waybill/plugin-kit/testing';
import { idTokenClaims, startIdTokens, startSigstore, type IdTokens, type SigstoreStandIn } from '@waybill/signatures/testing';
import { ARCHIVE, CONTENT, removeRuns, runSign } from '../testing/run-sign';
import { contentsBelow, formsOf } from '../testing/seen-secrets';
import { keylessSigner } from './keyless-signer';

const SIGNATURE = `${ARCHIVE}.sigstore.json`;
const LOG = '/api/v1/log/entries';
const folder = temporaryFolder();

let ci: IdTokens;
let sigstore: SigstoreStandIn;
let keyless: { identity: string; issuer: string; trustedRoot: string; fulcioUrl: string; rekorUrl: string };

beforeAll(async () => {
  ci = await startIdTokens();
});
afterAll(() => ci.stop());
beforeEach(async () => {
  sigstore = await startSigstore({ keys: ci.keys });
  const { GITHUB } = await idTokenClaims();
  const identity = 'https://github.com/team/word-tally/.github/workflows/release.yml@refs/tags/*';
  keyless = { identity, issuer: GITHUB, trustedRoot: 'trusted_root.json', fulcioUrl: sigstore.url, rekorUrl: `${sigstore.url}/` };
});
afterEach(async () => {
  await removeRuns();
  await sigstore.stop();
});

const run = (variables: Record<string, string>, change: object = {}, request: ExecutorRequest = {}): Promise<ExecutorRun> =>
  runSign({ backend: 'sigstore', keyless: { ...keyless, ...change } }, variables, {
    files: { 'trusted_root.json': JSON.stringify(sigstore.trustedRoot) },
    furtherInputs: ['{workspaceRoot}/trusted_root.json'],
    ...request,
  });

const posts = (path: string): number => sigstore.requests.filter((line) => line === `POST ${path}`).length;

it('signs by the identity of the job; sigstore’s own library verifies it; a second run keeps it and asks nobody', async () => {
  const first = await run(ci.variables);
  expect({ success: first.success, output: first.output }).toMatchObject({ success: true });
  const bytes = readFileSync(join(first.folder, SIGNATURE));
  const entity = toSignedEntity(bundleFromJSON(JSON.parse(bytes.toString())), Buffer.from(CONTENT));
  const { identity } = new Verifier(sigstore.trust as never, { tlogThreshold: 1, ctlogThreshold: 1, timestampThreshold: 1 }).verify(entity);
  expect(identity).toMatchObject({ subjectAlternativeName: keyless.identity.replace('*', 'v1.0'), extensions: { issuer: keyless.issuer } });
  const fingerprint = `${keyless.identity} by ${keyless.issuer}`;
  expect(first.record).toMatchObject({
    artifacts: [{ name: SIGNATURE, kind: 'signature' }],
    facts: { signatures: [{ backend: 'sigstore', fingerprint }] },
  });
  expect(first.report!.warnings).toEqual([]);
  expect([posts('/api/v2/signingCert'), posts(LOG)]).toEqual([1, 1]);
  const asked = ci.given.length;
  const again = await run(ci.variables, {}, { again: first });
  expect(again.report!.report).toMatchObject({ signatures: [{ kept: true }] });
  expect([readFileSync(join(first.folder, SIGNATURE)), posts(LOG), ci.given.length]).toEqual([bytes, 1, asked]);
  const other = await run(ci.variables, { identity: keyless.identity.replace('*', 'v1.0') }, { again: first });
  expect(other.report!.report).toMatchObject({ signatures: [{ kept: true }] });
  // keys of another sigstore do not vouch for it
  const elsewhere = await startSigstore({ keys: ci.keys });
  writeFileSync(join(first.workspaceRoot, 'trusted_root.json'), JSON.stringify(elsewhere.trustedRoot));
  const made = await run(ci.variables, { fulcioUrl: elsewhere.url, rekorUrl: elsewhere.url }, { again: first });
  await elsewhere.stop();
  expect({ output: made.output, report: made.report!.report }).toMatchObject({ report: { signatures: [{ kept: false }] } });
});

it('takes the token of a variable: of GitLab, and wherever somebody has put one', async () => {
  const { GITLAB, GITLAB_JOB } = await idTokenClaims();
  const token = ci.make({ iss: GITLAB, aud: 'sigstore', ...GITLAB_JOB });
  const gitlab = { identity: 'https://gitlab.example.org/team/word-tally//.gitlab-ci.yml@*', issuer: GITLAB };
  const jobs: readonly Record<string, string>[] = [{ GITLAB_CI: 'true', SIGSTORE_ID_TOKEN: token }, { SIGSTORE_ID_TOKEN: token }];
  for (const variables of jobs) expect((await run(variables, gitlab)).success).toBe(true);
});

it('a log that gives no answer is asked again', async () => {
  const signer = keylessSigner({
    expected: { ...keyless, trustedRoot: sigstore.trustedRoot },
    ...{
      variables: ci.variables,
      fulcioUrl: sigstore.url,
      rekorUrl: sigstore.url,
      nowMs: Date.now,
      pause: async () => undefined,
      conceal: () => undefined,
    },
    http: createHttpClient({ readOnly: false, userAgent: 'waybill/test', env: {}, pause: async () => undefined }),
  });
  const file = {
    name: 'app',
    sha256: '',
    content: async function* () {
      yield Buffer.from(CONTENT);
    },
  };
  sigstore.answer = ({ url }) => (url === LOG && posts(LOG) < 3 ? { status: 503 } : undefined);
  await signer.sign(file);
  expect(posts(LOG)).toBe(3);
  sigstore.answer = ({ url }) => (url === LOG ? { status: 503 } : undefined);
  await expect(signer.sign(file)).rejects.toMatchObject({ code: 'SIGN_SIGSTORE_UNANSWERED' });
  expect([posts(LOG), posts('/api/v2/signingCert')]).toEqual([6, 1]);
});

const secretOf = (variables: Record<string, string>): string[] =>
  [variables['SIGSTORE_ID_TOKEN'] ?? '', ci.requestToken, ...ci.given].filter(Boolean);

it.each<[string, string, RegExp, () => Record<string, string>, object]>([
  ['no CI', 'SIGN_IDENTITY_MISSING', /SIGSTORE_ID_TOKEN/, () => ({}), {}],
  ['a job of GitHub without the permission', 'SIGN_IDENTITY_MISSING', /id-token: write/, () => ({ GITHUB_ACTIONS: 'true' }), {}],
  ['a job of GitLab without the token', 'SIGN_IDENTITY_MISSING', /aud: sigstore/, () => ({ GITLAB_CI: 'true' }), {}],
  ['another audience', 'SIGN_IDENTITY_TOKEN', /"pypi"/, () => ({ SIGSTORE_ID_TOKEN: ci.make({ aud: 'pypi', sub: 'x' }) }), {}],
  ['an expired token', 'SIGN_IDENTITY_TOKEN', /expired at/, () => ({ SIGSTORE_ID_TOKEN: ci.make({ aud: 'sigstore', sub: 'x', exp: 1 }) }), {}],
  ['no token at all', 'SIGN_IDENTITY_TOKEN', /no JSON Web Token/, () => ({ SIGSTORE_ID_TOKEN: 'recognisable-secret' }), {}],
  [
    'a token of somebody whom sigstore does not know',
    'SIGN_SIGSTORE_IDENTITY',
    /identity token/,
    () => ({ SIGSTORE_ID_TOKEN: `${ci.make({ aud: 'sigstore', sub: 'x' })}AAAA` }),
    {},
  ],
  [
    'another workflow',
    'SIGN_IDENTITY_OTHER',
    /actual https:\/\/github.com\/team\/word-tally/,
    () => ci.variables,
    { identity: 'https://github.com/team/other/*' },
  ],
  ['another issuer', 'SIGN_VERIFY', /not by/, () => ci.variables, { issuer: 'https://gitlab.com' }],
  ['a root that is not there', 'SIGN_TRUSTED_ROOT', /it is not there/, () => ci.variables, { trustedRoot: 'none.json' }],
  ['a variable with a token for all tools', 'SIGN_SECRET_PASSED', /SIGSTORE_ID_TOKEN/, () => ci.variables, { passed: true }],
])('%s: %s, and nothing is left', async (_, code, said, variables, change) => {
  const environment = variables();
  const { passed, ...rest } = change as { passed?: true };
  const inputs = {
    files: { 'trusted_root.json': JSON.stringify(sigstore.trustedRoot) },
    furtherInputs: ['{workspaceRoot}/trusted_root.json', '{workspaceRoot}/none.json'],
  };
  const options = { backend: 'sigstore', keyless: { ...keyless, ...rest }, ...(passed && { passEnv: ['SIGSTORE_ID_TOKEN'] }) };
  const refused = await runSign(options, environment, inputs);
  expect(refused).toMatchObject({ success: false, output: expect.stringContaining(code) as string, files: ['report.json'] });
  expect(refused.output).toMatch(said);
  for (const form of secretOf(environment).flatMap(formsOf)) expect(refused.output).not.toContain(String(form));
});

it.each<[string, string, (request: { url: string; socket: { destroy(): unknown } }) => { status: number; text?: string } | undefined]>([
  [
    'the authority says no',
    'SIGN_SIGSTORE_IDENTITY',
    ({ url }) => (url.includes('signingCert') ? { status: 403, text: 'no <b>job</b>' } : undefined),
  ],
  [
    'the authority says nothing of use',
    'SIGN_SIGSTORE_IDENTITY',
    ({ url }) => (url.includes('signingCert') ? { status: 201, text: '{}' } : undefined),
  ],
  ['the authority is down', 'SIGN_SIGSTORE_UNANSWERED', ({ url }) => (url.includes('signingCert') ? { status: 500 } : undefined)],
  ['the log says no', 'SIGN_SIGSTORE_LOG', ({ url }) => (url === LOG ? { status: 400, text: 'invalid entry' } : undefined)],
  ['the log keeps something else', 'SIGN_SIGSTORE_LOG', ({ url }) => (url === LOG ? { status: 201, text: '{"a":{}}' } : undefined)],
  ['the log hangs up', 'SIGN_SIGSTORE_UNANSWERED', (request) => (request.url === LOG ? (request.socket.destroy(), { status: 500 }) : undefined)],
])('%s: %s, and nothing is left', async (_, code, answer) => {
  sigstore.answer = answer;
  const refused = await run(ci.variables);
  expect(refused).toMatchObject({ success: false, output: expect.stringContaining(code) as string, files: ['report.json'] });
  for (const form of secretOf(ci.variables).flatMap(formsOf)) expect(refused.output).not.toContain(String(form));
});

it('no token is left anywhere: output, record, report, files', async () => {
  const temporary = jest.spyOn(os, 'tmpdir').mockReturnValue(folder.path);
  const made = [await run({ ...ci.variables, NX_VERBOSE_LOGGING: 'true' })];
  // an answer that gives the token back
  sigstore.answer = ({ url }) => (url.includes('signingCert') ? { status: 400, text: `bad token ${ci.given.at(-1)!}` } : undefined);
  made.push(await run(ci.variables));
  temporary.mockRestore();
  expect(made.map(({ success }) => success)).toEqual([true, false]);
  const texts = [
    ...made.map(({ output }) => Buffer.from(output)),
    ...made.flatMap(({ workspaceRoot }) => contentsBelow(workspaceRoot)),
    ...contentsBelow(folder.path),
  ];
  for (const form of [new Secret(ci.requestToken).reveal(), ...ci.given].flatMap(formsOf))
    expect(texts.filter((text) => text.includes(form)).map(String)).toEqual([]);
});

it('without an identity it goes on for a reason alone; a dry run says whom it would be by, and asks nobody', async () => {
  const unsigned = await runSign({ backend: 'sigstore', keyless: { identity: 'a', issuer: keyless.issuer }, allowUnsigned: 'no CI yet' });
  expect(unsigned.report).toMatchObject({ outcome: 'skipped', reason: 'unsigned: no CI yet' });
  const dry = await run({}, {}, { dryRun: true });
  expect(dry).toMatchObject({ success: true, output: expect.stringContaining(`sigstore certifies ${keyless.identity}`) as string });
  expect(sigstore.requests).toEqual([]);
});

it.each([
  ['a key beside it', { backend: 'sigstore', keyEnv: 'K' }, 'keyEnv'],
  ['a fingerprint beside it', { backend: 'sigstore', fingerprint: 'a'.repeat(64) }, 'fingerprint'],
  ['another backend', { backend: 'gpg' }, 'keyless'],
])('refuses %s', async (_, options, named) => {
  const { success, output } = await runSign({ ...options, keyless: { identity: 'a', issuer: 'https://a.example' } }, { K: 'x' });
  expect({ success, output }).toMatchObject({ success: false, output: expect.stringContaining('OPTION_INVALID') as string });
  expect(output).toContain(named);
});
