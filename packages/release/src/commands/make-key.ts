import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { cleanEnvironment } from '@waybill/core';
import { gitResult } from '@waybill/plugin-kit';
import { makeMinisignKey } from '@waybill/signatures';
import { commandErrors } from './command-errors';
import type { CommandPorts } from './main';

interface KeyArguments {
  type: string;
  out: string;
}

/** Keys that their own tools make, as the guides say. */
const OTHER_TOOLS: Readonly<Record<string, string>> = {
  gpg: 'gpg --quick-gen-key "Example releases <releases@example.org>" ed25519 sign 3y',
  ssh: 'ssh-keygen -t ed25519 -N "" -C releases -f release-key',
};

/** `make-key --type=minisign --out=FILE`. `OPTION_RELEASE_COMMAND`, `SIGN_KEY_TYPE`, `SIGN_KEY_EXISTS`, `SIGN_KEY_INSIDE`; then no file is written. */
export async function makeKey(args: readonly string[], ports: CommandPorts): Promise<number> {
  const { out } = keyArguments(args);
  const path = resolve(ports.workingFolder, out);
  const publicPath = `${path}.pub`;
  for (const file of [path, publicPath]) if (existsSync(file)) throw commandErrors.error('SIGN_KEY_EXISTS', { path: file });
  await refuseInRepository(path, ports);
  const key = makeMinisignKey(randomBytes(32), randomBytes(8));
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, key.secretKey, { flag: 'wx', mode: 0o600 });
  await writeFile(publicPath, key.publicKey, { flag: 'wx' });
  ports.print(advice(path, publicPath, key.fingerprint));
  return 0;
}

function keyArguments(args: readonly string[]): KeyArguments {
  const given: Partial<KeyArguments> = {};
  for (const argument of args) {
    const [, name, value = ''] = /^--(type|out)=(.+)$/s.exec(argument) ?? [];
    if (name === undefined) throw commandErrors.error('OPTION_RELEASE_COMMAND', { argument, expected: '`--type=minisign` and `--out=FILE`' });
    given[name as keyof KeyArguments] = value;
  }
  const { type = 'minisign', out } = given;
  const made = OTHER_TOOLS[type];
  if (made !== undefined) throw commandErrors.error('SIGN_KEY_TYPE', { type, made });
  if (type !== 'minisign') throw commandErrors.error('OPTION_RELEASE_COMMAND', { argument: `--type=${type}`, expected: '`--type=minisign`' });
  if (out === undefined) throw commandErrors.error('OPTION_RELEASE_COMMAND', { argument: 'make-key', expected: '`--out=FILE` behind it' });
  return { type, out };
}

/** A key in a work tree is a commit away from everybody. What git ignores may stay. */
async function refuseInRepository(path: string, { processes, environment }: CommandPorts): Promise<void> {
  const git = { processes, workspaceRoot: nearestFolder(dirname(path)), environment: cleanEnvironment(environment, []) };
  const { stdout } = await gitResult(git, ['rev-parse', '--is-inside-work-tree']);
  if (stdout.trim() !== 'true') return;
  const { exitCode } = await gitResult(git, ['check-ignore', '--quiet', path]);
  if (exitCode !== 0) throw commandErrors.error('SIGN_KEY_INSIDE', { path });
}

/** The folder, or the first above it that is there. */
const nearestFolder = (folder: string): string => (existsSync(folder) || dirname(folder) === folder ? folder : nearestFolder(dirname(folder)));

const advice = (path: string, publicPath: string, fingerprint: string): string => `secret key   ${path} (without a password, for you alone to read)
public key   ${publicPath}
fingerprint  ${fingerprint}

Use it: npx nx g @waybill/release:release-targets <project> --sign=minisign --fingerprint=${fingerprint}
and give the key by the variable: RELEASE_KEY="$(cat ${path})" npx nx run <project>:release
On CI store the text of the file as the secret RELEASE_KEY.

Keep a copy where you keep what must not be lost (a password manager, paper): without it nobody can sign as you again, and everyone
who pinned the fingerprint has to be told of a new one. Publish the fingerprint where users find it, not only beside the files.
`;
