import { chmod, copyFile } from 'node:fs/promises';
import { join } from 'node:path';
import { mapConcurrently } from '@waybill/core';
import { signingErrors } from '../../errors/signing-errors';
import type { ChangedFiles, TreeToSign } from '../../inside/sign-inside';
import { judgePeFiles, type PeDecisions, type ReplaceRule } from '../judge-pe-files';
import type { TimestampServers } from '../../inside/timestamp-servers';
import { signersAtWork } from '../../inside/signers-at-work';
import type { SignPe } from '../osslsigncode';
import { problemOfSignature } from '../read-pe-file';
import { readSignable, type SignableFile } from '../read-script';
import { signPeFile } from '../sign-pe-file';

export interface TreeRequest extends TreeToSign {
  fingerprint: string;
  replace: readonly ReplaceRule[];
  servers: TimestampServers;
  pausesMs?: readonly number[];
  warn(line: string): void;
}

/** A script that stays as it is, and why. */
export interface LeftFile {
  path: string;
  why: string;
}

export type SignedTree = PeDecisions & ChangedFiles & { left: readonly LeftFile[] };

/** Signs every PE file of a tree, found by content, and every script of PowerShell, several at a time; what users start comes when all else is done. */
export async function signTree(request: TreeRequest, withSigner: (work: (sign: SignPe) => Promise<void>) => Promise<void>): Promise<SignedTree> {
  const { found, left } = findPeFiles(request);
  const decisions = judgePeFiles(found, request);
  const earlier = await request.earlier(decisions.sign.map(({ path }) => path));
  const { fingerprint } = request;
  const isKept = ({ path, digest }: { path: string; digest: string }): boolean =>
    earlier.has(path) && stillHolds(earlier.get(path)!, path, { fingerprint, digest });
  const kept = decisions.sign.filter(isKept);
  const modes = new Map(request.items.map(({ path, mode }) => [path, mode]));
  for (const { path } of kept) {
    await copyFile(earlier.get(path)!, join(request.root, path));
    await chmod(join(request.root, path), modes.get(path)!);
  }
  const made = decisions.sign.filter((file) => !kept.includes(file));
  const lastOnes = made.filter(({ path }) => request.last.includes(path));
  const others = made.filter((file) => !lastOnes.includes(file));
  const signOne = async (sign: SignPe, { path, digest }: { path: string; digest: string }): Promise<void> =>
    signPeFile({ ...request, sign, file: join(request.root, path), path, digest });
  if (made.length > 0) {
    await withSigner(async (sign) => {
      await mapConcurrently(others, signersAtWork(), (file) => signOne(sign, file));
      for (const file of lastOnes) await signOne(sign, file);
    });
  }
  return { ...decisions, left, kept: kept.map(({ path }) => path), made: made.map(({ path }) => path) };
}

interface FoundFiles {
  found: readonly { path: string; pe: SignableFile }[];
  left: readonly LeftFile[];
}

/** All that are damaged are told at once; no PE file is an error too: bundles for every system hold scripts of PowerShell. */
function findPeFiles({ root, items, name }: TreeRequest): FoundFiles {
  const now = Date.now();
  const read = items.filter(({ kind }) => kind === 'file').map(({ path }) => ({ path, pe: readSignable(join(root, path), now, path) }));
  const isAlone = items.length === 1 && items[0]!.path === name;
  const left = read.flatMap(({ path, pe }) => (pe && 'unsignable' in pe ? [{ path, why: pe.unsignable }] : []));
  const damaged = read.flatMap(({ path, pe }) => (pe && 'broken' in pe ? [{ path, reason: pe.broken }] : []));
  const broken = isAlone ? [...damaged, ...left.map(({ path, why }) => ({ path, reason: why }))] : damaged;
  if (broken.length > 0) throw signingErrors.error('SIGN_PE_BROKEN', { name, broken });
  const found = read.flatMap(({ path, pe }) => (pe && 'digest' in pe ? [{ path, pe }] : []));
  if (!found.some(({ pe }) => isAlone || !pe.script)) throw signingErrors.error('SIGN_NO_PE', { name });
  return { found, left };
}

/** Is it signed as it would be now: same bytes below the signature, same signer, SHA-256, a timestamp, and everything holds? */
function stillHolds(file: string, path: string, wanted: { fingerprint: string; digest: string }): boolean {
  const read = readSignable(file, Date.now(), path);
  return read !== undefined && 'digest' in read && problemOfSignature(read, wanted) === undefined;
}
