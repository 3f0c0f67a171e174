import { mkdirSync, writeFileSync } from 'node:fs';
import { setTimeout as wait } from 'node:timers/promises';
import { basename, dirname, join, relative } from 'node:path';
import { readTree } from '@waybill/core';
import { temporaryFolder } from '@waybill/core/testing';
import { timestampServers } from '../inside/timestamp-servers';
import { certificateDigest } from '../macho/read-code-file';
import { CODE, developerId, linkerSigned, RUNTIME, signedCode, TEAM } from '../testing/macos-bundle';
import type { SignCode } from './rcodesign';
import { signCodeTree } from './sign-code-tree';

const folder = temporaryFolder();
const people = developerId();

it('code is signed deepest first, libraries before programs, and what users start one after another when all else is done', async () => {
  const files = { ...CODE, 'python/runtime/bin/a.dylib': { fileType: 6, codeBytes: 900 } };
  for (const [path, recipe] of Object.entries(files)) {
    mkdirSync(dirname(join(folder.path, path)), { recursive: true });
    writeFileSync(join(folder.path, path), linkerSigned(recipe));
  }
  const events: string[] = [];
  const sign: SignCode = async (request) => {
    if ('bundle' in request) throw new Error('there is no bundle');
    const path = relative(folder.path, request.input);
    events.push(`begin ${path}`);
    await wait(20);
    const flags = request.hardenedRuntime ? RUNTIME : 0;
    writeFileSync(request.output, signedCode(people, files[path as keyof typeof files], { identifier: basename(path), flags }));
    events.push(`end ${path}`);
    return { ok: true };
  };
  const last = ['bin/app-bin', 'app'];
  const tree = { root: folder.path, items: await readTree(folder.path), name: 'app', last, earlier: async () => new Map<string, string>() };
  const identity = { fingerprint: certificateDigest(people.signer.certificate), team: TEAM };
  const rules = { identity, hardenedRuntime: true, libraryValidation: true, entitlements: [], servers: timestampServers([]), warn: () => undefined };
  await signCodeTree({ ...tree, renewRecords: async () => [] }, rules, (work) => work(sign));
  const others = [
    ...['python/runtime/bin/a.dylib', 'python/runtime/lib/libpython3.12.dylib', 'python/vendor/fast/_fast.so'],
    ...['python/runtime/bin/python3.12', 'python/runtime/noext'],
  ];
  expect(events.filter((event) => event.startsWith('begin ')).map((event) => event.slice(6))).toEqual([...others, ...last]);
  expect(events.slice(-4)).toEqual(last.flatMap((path) => [`begin ${path}`, `end ${path}`]));
});
