import { createPrivateKey, randomBytes } from 'node:crypto';
import { mkdirSync, readFileSync } from 'node:fs';
import os from 'node:os';
import { join } from 'node:path';
import { skipUnless, temporaryFolder } from '@waybill/core/testing';
import type { ExecutorRun } from '@waybill/plugin-kit/testing';
import { placeMac } from '../testing/codesign-under-test';
import { archiveMacos, CODE, linkerSigned } from '../testing/macos-bundle';
import { pkcs12Of } from '../testing/pkcs12';
import { placeProgram } from '../testing/place-program';
import { placeRcodesign, recordedKey, runApple } from '../testing/rcodesign-under-test';
import { removeRuns } from '../testing/run-sign';
import { contentsBelow, formsOf, placeSpy } from '../testing/seen-secrets';

const folder = temporaryFolder();
afterEach(async () => {
  jest.restoreAllMocks();
  await removeRuns();
});
const PASSWORD = 'pä+ss w/ö"rd&never-seen';

const onLinux = skipUnless(process.platform === 'linux', 'what other programs can see is looked up in /proc');
onLinux('no secret is left anywhere: output, record, report, temporary files, variables and command lines of other programs', async () => {
  const { certificates: CERT, key } = recordedKey();
  const encrypted = createPrivateKey(key).export({ type: 'pkcs8', format: 'pem', cipher: 'aes-256-cbc', passphrase: PASSWORD }).toString();
  const p12 = Buffer.concat([Buffer.from('3082010002010330', 'hex'), randomBytes(300)]).toString('base64');
  const content = await archiveMacos({ app: linkerSigned(CODE['app']!) });
  const seen = join(folder.path, 'seen');
  mkdirSync(join(folder.path, 'tmp'));
  jest.spyOn(os, 'tmpdir').mockReturnValue(join(folder.path, 'tmp'));
  const spied = placeSpy({ folder: folder.path, seen, name: 'rcodesign', real: join(placeRcodesign(folder.path), 'rcodesign') });
  const crash = '#!/bin/sh\ncase "$1" in --version) echo "apple-codesign 0.29.0";; *) echo "$@"; cat "$5" "$7"; kill -ABRT $$;; esac\n';
  const runs: ExecutorRun[] = [];
  const run = async (options: object, variables: Record<string, string>, bin = spied): Promise<void> => {
    const base = { passwordEnv: 'PW', timestampUrls: ['http://127.0.0.1:1/recorded'], ...options };
    runs.push(await runApple(base, { NX_VERBOSE_LOGGING: 'true', PW: PASSWORD, ...variables }, content, { bin }));
  };
  const [pair, single] = [{ certificateEnv: 'CERT', keyEnv: 'KEY' }, { certificateEnv: 'CERT' }];
  await run(pair, { CERT, KEY: encrypted });
  await run(single, { CERT: p12 });
  await run(pair, { CERT, KEY: encrypted, PW: `${PASSWORD}x` });
  await run(pair, { CERT, KEY: encrypted.slice(0, 400) });
  await run({ ...pair, timestampUrls: ['http://127.0.0.1:9/'] }, { CERT, KEY: encrypted });
  await run(pair, { CERT, KEY: encrypted }, placeProgram(folder.path, 'rcodesign', crash));
  const legacy = pkcs12Of({ certificates: CERT, key, password: PASSWORD, legacy: true });
  const mac = placeMac(folder.path);
  const behind = ['codesign', 'security'].map((name) => placeSpy({ folder: folder.path, seen, name, real: join(mac.bin, name) }));
  const onMac = { codesign: join(behind[0]!, 'codesign') };
  const bin = [...behind, mac.bin].join(':');
  await run({ ...single, ...onMac }, { CERT: legacy }, bin);
  await run({ ...pair, ...onMac }, { CERT, KEY: encrypted }, bin);
  await run({ ...single, ...onMac }, { CERT: legacy, PW: `${PASSWORD}x` }, bin);
  for (const index of [6, 7]) expect(runs[index]!.success ? '' : runs[index]!.output).toBe('');
  expect(runs[0]!.success ? '' : runs[0]!.output).toBe('');
  expect(runs[1]!.success ? '' : runs[1]!.output).toBe('');
  expect(runs.map(({ success }) => success)).toEqual([true, true, false, false, false, false, true, true, false]);
  const noted = readFileSync(seen);
  expect(new Set(noted.toString().match(/^KEYFILE .*$/gm))).toEqual(new Set(['KEYFILE 600 700']));
  expect(noted.toString()).toContain(`${spied}/rcodesign sign `);
  expect(noted.toString()).toContain('/security -i');
  expect(noted.toString()).toMatch(/\/codesign --force --sign [0-9A-F]{40} --keychain /);
  expect(noted.toString()).not.toMatch(/ -[pPk] \S*[0-9a-f]{32}/);
  expect(Object.keys(mac.state().keychains)).toEqual([mac.loginKeychain]);
  const texts = [
    noted,
    ...runs.map(({ output }) => Buffer.from(output)),
    ...runs.flatMap(({ workspaceRoot }) => contentsBelow(workspaceRoot)),
    ...contentsBelow(join(folder.path, 'tmp')),
  ];
  for (const form of [PASSWORD, key, encrypted, p12, legacy].flatMap(formsOf))
    expect(texts.filter((text) => text.includes(form)).map(String)).toEqual([]);
});
