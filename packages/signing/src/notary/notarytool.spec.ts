import { existsSync } from 'node:fs';
import { hashBytes } from '@waybill/core';
import { temporaryFolder } from '@waybill/core/testing';
import type { ExecutorRequest, ExecutorRun } from '@waybill/plugin-kit/testing';
import { ISSUER, KEY_ID, testApiKey, testClock, type TestClock } from '../testing/notary-under-test';
import { notarizeByTool, TOOL_IMAGE } from '../testing/run-notarize';
import { placeXcrun, type XcrunFault, type XcrunStandIn } from '../testing/xcrun-under-test';

const key = testApiKey();
const folder = temporaryFolder();
const runs: ExecutorRun[] = [];
const { name: IMAGE, content: BYTES } = TOOL_IMAGE;
const KEY = { API_KEY: key.pem, API_KEY_ID: KEY_ID, API_ISSUER: ISSUER };
const NAMED = { keyEnv: 'API_KEY', keyIdEnv: 'API_KEY_ID', issuerEnv: 'API_ISSUER' };
const PROFILE = { keychainProfile: 'release' };
/** It behaves. */
const NO_FAULT: XcrunFault = { fine: true };
let clock: TestClock;
let xcrun: XcrunStandIn;
beforeEach(() => {
  clock = testClock();
  xcrun = placeXcrun(folder.path, key.pem);
});
afterEach(async () => {
  for (const run of runs.splice(0)) await run.remove();
});

async function run(options: object = PROFILE, request: ExecutorRequest & { variables?: object } = {}): Promise<ExecutorRun> {
  const { variables = {}, ...more } = request;
  const done = await notarizeByTool({ clock, bin: xcrun.bin, variables, options: options, request: more });
  if (!request.again) runs.push(done);
  return done;
}

it.each([
  ['a keychain profile', PROFILE, {}],
  ['an API key', { ...NAMED, backend: 'notarytool' }, KEY],
])('by %s: sent once, waited for, the log kept; nothing secret on a command line, in an environment, or left', async (_, options, variables) => {
  xcrun.set({ inProgress: 2 });
  const done = await run(options, { variables });
  expect(done.success ? '' : done.output).toBe('');
  expect(done.record).toMatchObject({
    artifacts: [],
    facts: { notarized: [{ name: IMAGE, status: 'Accepted', submitted: `sha256:${hashBytes(BYTES)}` }] },
  });
  expect(done.files).toEqual([`${IMAGE}.notary-log.json`, 'artifacts.json', 'report.json', 'submissions.json']);
  expect(xcrun.commands()).toEqual(['--version', 'history', 'submit', 'info', 'info', 'info', 'log']);
  expect(xcrun.state().submissions).toMatchObject([{ name: `${IMAGE} ${hashBytes(BYTES).slice(0, 16)}.dmg`, sha256: hashBytes(BYTES) }]);
  for (const line of key.pem.split('\n').filter((text) => text.length > 30)) expect(xcrun.calls() + done.output).not.toContain(line);
  expect(xcrun.paths().map((path) => [path.startsWith('/'), existsSync(path)])).toEqual(xcrun.paths().map(() => [true, false]));
  expect(xcrun.paths().length).toBeGreaterThan(0);
  const again = await run(options, { again: done, variables });
  expect(again.record).toEqual(done.record);
  expect(xcrun.commands().filter((command) => command === 'submit')).toHaveLength(1);
});

describe('whose answer to a submission was lost', () => {
  it('is waited for a day, because its bytes went with it, and not sent once more after some minutes', async () => {
    xcrun.set({ faults: [NO_FAULT, { behind: true }], inProgress: 1_000 });
    const first = await run();
    expect(first).toMatchObject({ success: false, output: expect.stringContaining('PROCESS_FAILED') });
    const second = await run(PROFILE, { again: first });
    expect(second).toMatchObject({ success: false, report: { outcome: 'pending' } });
    expect(xcrun.commands().filter((command) => command === 'submit')).toHaveLength(1);
  });

  it.each([
    ['in the same workspace', true],
    ['in a fresh one', false],
  ])('is asked what it has, and nothing is sent twice, %s', async (_, same) => {
    xcrun.set({ faults: [NO_FAULT, { behind: true }] });
    const first = await run();
    expect(first).toMatchObject({ success: false, output: expect.stringContaining('PROCESS_FAILED') });
    const second = await run(PROFILE, same ? { again: first } : {});
    expect(second.success ? '' : second.output).toBe('');
    expect(xcrun.commands().filter((command) => command === 'submit')).toHaveLength(1);
  });
});

const FAULTS: readonly (readonly [what: string, said: string, code: string])[] = [
  ['a wrong password', 'Error: HTTP status code: 401. Invalid credentials. Username or password is incorrect.', 'NOTARIZE_UNAUTHORIZED'],
  ['an agreement', 'Error: HTTP status code: 403. A required agreement is missing or has expired.', 'NOTARIZE_FORBIDDEN'],
  ['a keychain that is locked', 'Error: User interaction is not allowed. (-25308)', 'NOTARIZE_PROFILE'],
  ['something new', 'Error: The moon is full.', 'PROCESS_FAILED'],
];
it.each(FAULTS)('%s is told in its own words, and nothing is sent', async (_, said, code) => {
  xcrun.set({ faults: [{ said }] });
  const done = await run();
  expect(done).toMatchObject({ success: false, output: expect.stringContaining(code), files: ['report.json'] });
  expect(done.output).toContain(said);
  expect(xcrun.commands()).toEqual(['--version', 'history']);
});

it.each([
  ['a keychain profile', PROFILE, {}, 'fix: store the credentials under `release` in the keychain once more, `xcrun notarytool store-credentials'],
  ['an API key', { ...NAMED, backend: 'notarytool' }, KEY, 'fix: check that key, key ID and issuer ID belong together'],
])('what to do when %s is refused fits what was asked with', async (_, options, variables, fix) => {
  xcrun.set({ faults: [{ said: 'Error: HTTP status code: 401. Invalid credentials.' }] });
  const done = await run(options, { variables });
  expect(done).toMatchObject({ success: false, output: expect.stringContaining('NOTARIZE_UNAUTHORIZED') });
  expect(done.output).toContain(fix);
});

it('an outage is waited for while Apple is at work, and told where nothing was sent', async () => {
  const outage: XcrunFault = { said: 'Error: HTTP status code: 503. Service Unavailable' };
  xcrun.set({ faults: [outage, NO_FAULT, NO_FAULT, outage, { said: 'Error: The Internet connection appears to be offline.' }] });
  const done = await run();
  expect(done.success ? '' : done.output).toBe('');
  xcrun = placeXcrun(folder.path, key.pem);
  xcrun.set({ faults: Array.from({ length: 5 }, () => outage) });
  const down = await run();
  expect(down).toMatchObject({ success: false, output: expect.stringContaining('NOTARIZE_UNREACHABLE') });
  expect(down.output).toContain('in 5 tries');
  xcrun = placeXcrun(folder.path, key.pem);
  xcrun.set({ faults: [NO_FAULT, outage] });
  const unsent = await run();
  expect(unsent).toMatchObject({ success: false, output: expect.stringContaining('NOTARIZE_UNREACHABLE') });
  expect(unsent.output).toContain('503');
});

it('what Apple refuses, or says in unknown words, is no success; what it still looks at is pending', async () => {
  xcrun.set({ status: 'Invalid', issues: [{ severity: 'error', path: 'x', message: 'not signed' }] });
  const invalid = await run();
  expect(invalid).toMatchObject({ success: false, report: { outcome: 'failure' }, output: expect.stringContaining('error apple x: not signed') });
  xcrun = placeXcrun(folder.path, key.pem);
  xcrun.set({ status: 'Maybe' });
  expect((await run()).output).toContain('NOTARIZE_STATE');
  xcrun = placeXcrun(folder.path, key.pem);
  xcrun.set({ inProgress: 1_000 });
  expect(await run({ ...PROFILE, wait: false })).toMatchObject({ success: false, report: { outcome: 'pending' } });
});

const APPLE_ID = { APPLE_ID: 'ada@example.org', APPLE_APP_SPECIFIC_PASSWORD: 'abcd-efgh-ijkl-mnop' };
it.each<[string, object, object, string, string]>([
  ['a profile that is not there', { keychainProfile: 'other' }, {}, 'NOTARIZE_PROFILE', 'No Keychain password item found for profile: other'],
  ['a profile beside a key', { ...PROFILE, ...NAMED }, KEY, 'NOTARIZE_TWO_KINDS', 'an API key in API_KEY'],
  ['a profile beside an Apple ID', PROFILE, APPLE_ID, 'NOTARIZE_TWO_KINDS', 'an Apple ID in APPLE_ID'],
  ['a key beside an Apple ID', NAMED, { ...KEY, ...APPLE_ID }, 'NOTARIZE_TWO_KINDS', 'an API key in API_KEY'],
  ['an Apple ID', { backend: 'notarytool' }, APPLE_ID, 'NOTARIZE_CREDENTIAL', 'store-credentials'],
  ['a profile for Waybill’s own client', { ...PROFILE, backend: 'rest' }, {}, 'OPTION_INVALID', 'keychainProfile'],
  ['a profile that is an option', { keychainProfile: '--key' }, {}, 'OPTION_INVALID', 'keychainProfile'],
  ['another service', { ...PROFILE, endpoints: { notary: 'http://127.0.0.1:9/' } }, {}, 'OPTION_INVALID', 'endpoints'],
  ['a Mac without it', PROFILE, { PATH: '/nowhere' }, 'TOOL_MISSING', 'xcode-select'],
])('refuses %s', async (_, options, variables, code, said) => {
  const done = await run(options, { variables });
  expect(done).toMatchObject({ success: false, output: expect.stringContaining(code) });
  expect(done.output).toContain(said);
  expect(done.output).not.toContain(APPLE_ID.APPLE_APP_SPECIFIC_PASSWORD);
});

it('a dry run says by what it would ask, and asks nobody', async () => {
  const done = await run(PROFILE, { dryRun: true, variables: { PATH: '/nowhere' } });
  expect(done).toMatchObject({ success: true, output: expect.stringContaining('of the keychain profile release, by notarytool') });
});
