import { existsSync } from 'node:fs';
import { dirname } from 'node:path';
import { hashBytes } from '@waybill/core';
import { skipUnless, temporaryFolder } from '@waybill/core/testing';
import type { ExecutorRequest, ExecutorRun } from '@waybill/plugin-kit/testing';
import { ISSUER, KEY_ID, startAppleGateway, startNotary, testApiKey, testClock, type TestClock } from '../testing/notary-under-test';
import { placeProgram } from '../testing/place-program';
import { notarizeByTool, TOOL_IMAGE } from '../testing/run-notarize';
import { placeRcodesignNotary, type NotaryFault, type RcodesignNotary } from '../testing/rcodesign-notary-under-test';
import { realRcodesign } from '../testing/rcodesign-under-test';
import { formsOf } from '../testing/seen-secrets';

const key = testApiKey();
const folder = temporaryFolder();
const runs: ExecutorRun[] = [];
const { name: IMAGE, content: BYTES } = TOOL_IMAGE;
const KEY = { API_KEY: key.pem, API_KEY_ID: KEY_ID, API_ISSUER: ISSUER };
const OPTIONS = { backend: 'rcodesign', keyEnv: 'API_KEY', keyIdEnv: 'API_KEY_ID', issuerEnv: 'API_ISSUER' };
const FINE: NotaryFault = { fine: true };
let clock: TestClock;
let tool: RcodesignNotary;
beforeEach(() => {
  clock = testClock();
  tool = placeRcodesignNotary(folder.path, key);
});
afterEach(async () => {
  for (const run of runs.splice(0)) await run.remove();
});

async function run(options: object = {}, request: ExecutorRequest & { variables?: object } = {}): Promise<ExecutorRun> {
  const { variables = KEY, ...more } = request;
  const done = await notarizeByTool({ clock, bin: tool.bin, variables, options: { ...OPTIONS, ...options }, request: more });
  if (!request.again) runs.push(done);
  return done;
}
const submits = (): number => tool.commands().filter((command) => command === 'notary-submit').length;

it('sends once, waits, keeps the log; the key is on no command line and in no environment, and its file is gone', async () => {
  tool.set({ inProgress: 2 });
  const done = await run();
  expect(done.success ? '' : done.output).toBe('');
  expect(done.record).toMatchObject({
    facts: { notarized: [{ name: IMAGE, status: 'Accepted', submitted: `sha256:${hashBytes(BYTES)}` }] },
  });
  expect(done.files).toEqual([`${IMAGE}.notary-log.json`, 'artifacts.json', 'report.json', 'submissions.json']);
  expect(tool.commands()).toEqual(['--version', 'notary-list', 'notary-submit', 'notary-wait', 'notary-wait', 'notary-wait', 'notary-log']);
  expect(tool.state().submissions).toMatchObject([{ name: `${IMAGE} ${hashBytes(BYTES).slice(0, 16)}.dmg`, sha256: hashBytes(BYTES) }]);
  const der = key.key.export({ type: 'pkcs8', format: 'der' }).toString('base64');
  for (const text of [...key.pem.split('\n').filter((line) => line.length > 30), der]) expect(tool.calls() + done.output).not.toContain(text);
  const files = [...tool.calls().matchAll(/"--api-key-file","([^"]+)"/g)].map(([, path]) => path!);
  expect(files.map((path) => existsSync(path))).toEqual(Array.from({ length: 6 }, () => false));
  const again = await run({}, { again: done });
  expect(again.record).toEqual(done.record);
  expect(submits()).toBe(1);
});

it.each([
  ['in the same workspace', true],
  ['in a fresh one', false],
])('whose answer to a submission was lost is asked what it has, and nothing is sent twice, %s', async (_, same) => {
  tool.set({ faults: [FINE, { behind: true }] });
  const first = await run();
  expect(first).toMatchObject({ success: false, output: expect.stringContaining('PROCESS_FAILED') });
  const second = await run({}, same ? { again: first } : {});
  expect(second.success ? '' : second.output).toBe('');
  expect(submits()).toBe(1);
});

it('what was made and never uploaded is not waited for: the next run sends it anew', async () => {
  tool.set({ faults: [FINE, { upload: true }] });
  const first = await run();
  expect(first).toMatchObject({ success: false, output: expect.stringContaining('NOTARIZE_UPLOAD') });
  expect(first.output).toContain('Connection refused (os error 111)');
  expect(first.output).not.toContain('DispatchFailure');
  const second = await run({}, { again: first });
  expect(second.success ? '' : second.output).toBe('');
  expect(tool.state().submissions.map(({ isThere }) => isThere)).toEqual([false, true]);
});

it('an outage is waited for while Apple is at work, and told where nothing was sent', async () => {
  const outages: readonly NotaryFault[] = [{ status: 503 }, { html: true }, { offline: true }, { status: 429 }];
  tool.set({ inProgress: 1, faults: [outages[2]!, FINE, FINE, ...outages] });
  const done = await run();
  expect(done.success ? '' : done.output).toBe('');
  for (const fault of outages) {
    tool = placeRcodesignNotary(folder.path, key);
    tool.set({ faults: Array.from({ length: 5 }, () => fault) });
    const down = await run();
    expect(down).toMatchObject({ success: false, output: expect.stringContaining('NOTARIZE_UNREACHABLE') });
    expect(down.output).toContain('in 5 tries');
  }
});

it('what it says of the state counts although the log, which it fetches in the same call, is out of reach', async () => {
  tool.set({ faults: [FINE, FINE, { log: true }] });
  const done = await run();
  expect(done.success ? '' : done.output).toBe('');
  expect(tool.commands().filter((command) => command === 'notary-wait')).toHaveLength(1);
});

it.each<[string, NotaryFault, string, string]>([
  ['an agreement', { status: 403 }, 'NOTARIZE_FORBIDDEN', 'A required agreement is missing or has expired.'],
  ['what Apple does not take', { status: 409 }, 'NOTARIZE_REFUSED', 'HTTP 409'],
  ['something new', { said: 'the moon is full' }, 'PROCESS_FAILED', 'the moon is full'],
])('%s is told in its own words, and nothing is sent', async (_, fault, code, said) => {
  tool.set({ faults: [fault] });
  const done = await run();
  expect(done).toMatchObject({ success: false, output: expect.stringContaining(code), files: ['report.json'] });
  expect(done.output).toContain(said);
  expect(submits()).toBe(0);
});

it('what Apple refuses, or says in unknown words, is no success; what it still looks at is pending, and taken up', async () => {
  tool.set({ status: 'Invalid', issues: [{ severity: 'error', path: 'x', message: 'not signed' }] });
  expect(await run()).toMatchObject({ success: false, report: { outcome: 'failure' }, output: expect.stringContaining('error apple x: not signed') });
  tool = placeRcodesignNotary(folder.path, key);
  tool.set({ status: 'Rejected' });
  expect(await run()).toMatchObject({ success: false, report: { outcome: 'failure' } });
  tool = placeRcodesignNotary(folder.path, key);
  tool.set({ status: 'Maybe' });
  expect((await run()).output).toContain('NOTARIZE_STATE');
  tool = placeRcodesignNotary(folder.path, key);
  tool.set({ inProgress: 1_000 });
  const first = await run({ wait: false });
  expect(first).toMatchObject({ success: false, report: { outcome: 'pending' } });
  tool.set({ inProgress: 0 });
  const second = await run({}, { again: first });
  expect(second.success ? '' : second.output).toBe('');
  expect(submits()).toBe(1);
});

it.each<[string, object, object, string, string]>([
  ['a key that Apple does not know', {}, { ...KEY, API_KEY_ID: 'XBCDE12345' }, 'NOTARIZE_UNAUTHORIZED', 'NOT_AUTHORIZED'],
  ['no key', {}, {}, 'NOTARIZE_CREDENTIAL', 'API_KEY'],
  ['a keychain profile', { keychainProfile: 'release' }, {}, 'OPTION_INVALID', 'keychainProfile'],
  ['another service', { endpoints: { notary: 'http://127.0.0.1:9/' } }, KEY, 'OPTION_INVALID', 'rcodesign speaks with Apple alone'],
  ['a machine without it', {}, { ...KEY, PATH: '/nowhere' }, 'TOOL_MISSING', 'cargo install --locked apple-codesign'],
])('refuses %s', async (_, options, variables, code, said) => {
  const done = await run(options, { variables });
  expect(done).toMatchObject({ success: false, output: expect.stringContaining(code) });
  expect(done.output).toContain(said);
});

it.each([
  ['one that is too old', 'echo apple-codesign 0.22.0', 'TOOL_VERSION', '0.22.0'],
  ['one that crashes', '[ "$1" = --version ] && { echo apple-codesign 0.29.0; exit; }; cat "$5"; kill -ABRT $$', 'PROCESS_FAILED', 'SIGABRT'],
])('refuses %s, without a word of the key', async (_, text, code, said) => {
  const bin = placeProgram(folder.path, 'rcodesign', `#!/bin/sh\n${text}\n`);
  const done = await run({}, { variables: { ...KEY, PATH: `${bin}:/usr/bin:/bin` } });
  expect(done).toMatchObject({ success: false, output: expect.stringContaining(code) });
  expect(done.output).toContain(said);
  const der = key.key.export({ type: 'pkcs8', format: 'der' }).toString('base64');
  for (const form of [key.pem, der].flatMap(formsOf)) expect(Buffer.from(done.output).includes(form)).toBe(false);
});

it('a dry run says by whose key it would ask, and asks nobody', async () => {
  const done = await run({}, { dryRun: true, variables: { ...KEY, PATH: '/nowhere' } });
  expect(done).toMatchObject({ success: true, output: expect.stringContaining('wait for Apple') });
});

const real = realRcodesign();
skipUnless(real !== undefined, 'rcodesign is not installed')('rcodesign itself submits, polls and gives the log, as its stand-in does', async () => {
  const notary = await startNotary(key, { inProgress: 2, unsignedBodies: true });
  const gateway = await startAppleGateway(notary.url);
  try {
    const variables = {
      ...{ ...KEY, PATH: `${dirname(real!)}:/usr/bin:/bin` },
      ...{ HTTPS_PROXY: gateway.proxyUrl, SSL_CERT_FILE: gateway.authority, AWS_ENDPOINT_URL_S3: notary.bucketUrl },
    };
    const options = { passEnv: ['AWS_ENDPOINT_URL_S3'] };
    const wrong = await run(options, { variables: { ...variables, API_KEY_ID: 'XBCDE12345' } });
    expect(wrong).toMatchObject({ success: false, output: expect.stringContaining('NOTARIZE_UNAUTHORIZED') });
    const unsent = await run(options, { variables: { ...variables, AWS_ENDPOINT_URL_S3: 'http://127.0.0.1:9' } });
    expect(unsent).toMatchObject({ success: false, output: expect.stringContaining('NOTARIZE_UPLOAD') });
    const done = await run(options, { again: unsent, variables });
    expect(done.success ? '' : done.output).toBe('');
    expect(notary.judged).toEqual([hashBytes(BYTES)]);
    const fresh = await run(options, { variables });
    expect(fresh.success ? '' : fresh.output).toBe('');
    expect([notary.judged.length, notary.submissions.size]).toEqual([1, 2]);
    const nowhere = await run(options, { variables: { ...variables, HTTPS_PROXY: 'http://127.0.0.1:9' } });
    expect(nowhere).toMatchObject({ success: false, output: expect.stringContaining('NOTARIZE_UNREACHABLE') });
  } finally {
    await gateway.stop();
    await notary.stop();
  }
});
