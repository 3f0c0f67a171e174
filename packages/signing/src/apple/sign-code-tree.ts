import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, posix } from 'node:path';
import { mapConcurrently } from '@waybill/core';
import { matchGlob } from '@waybill/relocation';
import { signingErrors } from '../errors/signing-errors';
import type { ChangedFiles, TreeToSign } from '../inside/sign-inside';
import type { TimestampServers } from '../inside/timestamp-servers';
import { readCodeFile, type CodeReading } from '../macho/read-code-file';
import { codeDigest } from './code-digest';
import { NO_ENTITLEMENTS, withForeignLibraries } from './entitlements';
import { problemOfSignature, type WantedSignature } from './judge-signature';
import type { SignCode } from './rcodesign';
import { signCodeFile, takeEarlier } from './sign-code-file';

/** Most of the time goes into waiting for the timestamp server, so there are more at work than cores. */
const SIGNERS = 8;

export interface CodeRules {
  /** Absent: ad-hoc. */
  identity?: { fingerprint: string; team?: string | undefined } | undefined;
  hardenedRuntime: boolean;
  libraryValidation: boolean;
  /** Of programs; the first that fits counts. `text` is a property list. */
  entitlements: readonly { glob: string; text: string }[];
  /** Empty for ad-hoc. */
  servers: TimestampServers;
  pausesMs?: readonly number[] | undefined;
  warn(line: string): void;
}

export interface SignedCode extends ChangedFiles {
  /** Signatures that were there before and are gone. */
  replaced: readonly { path: string; signer: string }[];
  /** Rules that no program fits. */
  idleRules: readonly string[];
  /** Object files and libraries for linking: not signed, and refused by Apple. */
  stray: readonly string[];
}

interface CodeToSign {
  path: string;
  wanted: WantedSignature;
}

type Code = Extract<CodeReading, { kind: 'macho' }>;

/** Signs every Mach-O file of a tree, found by content, deepest first and several at a time; what users start comes when all else is done. */
export async function signCodeTree(
  tree: TreeToSign,
  rules: CodeRules,
  withSigner: (work: (sign: SignCode) => Promise<void>) => Promise<void>,
): Promise<SignedCode> {
  const { found, stray } = findCode(tree);
  const used = new Set<string>();
  const files = inOrder(found, tree.last).map(({ path, code }): CodeToSign => ({ path, wanted: wantedOf(path, code, rules, used) }));
  const kept = await keepEarlier(tree, files);
  const made = files.filter(({ path }) => !kept.includes(path));
  if (made.length > 0) await withSigner((sign) => signAll(tree, rules, made, sign));
  return {
    kept,
    made: made.map(({ path }) => path),
    replaced: found.flatMap(({ path, code }) => signerOf(code).map((signer) => ({ path, signer }))),
    idleRules: rules.entitlements.map(({ glob }) => glob).filter((glob) => !used.has(glob)),
    stray,
  };
}

/** All that are damaged are told at once; none at all is an error too, and so is an `.app`, whose seal covers more than its code. */
function findCode({ root, items, name }: TreeToSign): { found: readonly { path: string; code: Code }[]; stray: readonly string[] } {
  const now = Date.now();
  const app = items.find(({ path, kind }) => kind === 'file' && /(^|\.app\/)Contents\/Info\.plist$/.test(path));
  if (app) throw signingErrors.error('SIGN_APP', { name, path: app.path.replace(/\/?Contents\/Info\.plist$/, '') || name });
  const read = items.filter(({ kind }) => kind === 'file').map(({ path }) => ({ path, code: readCodeFile(join(root, path), now) }));
  const broken = read.flatMap(({ path, code }) => (code?.kind === 'broken' ? [{ path, reason: code.reason }] : []));
  if (broken.length > 0) throw signingErrors.error('SIGN_CODE_BROKEN', { name, broken });
  const isStray = (code: CodeReading): boolean =>
    code?.kind === 'static-library' || (code?.kind === 'macho' && code.slices.some(({ type }) => type === 'object'));
  const found = read.flatMap(({ path, code }) => (code?.kind === 'macho' && !isStray(code) ? [{ path, code }] : []));
  if (found.length === 0) throw signingErrors.error('SIGN_NO_CODE', { name });
  return { found, stray: read.filter(({ code }) => isStray(code)).map(({ path }) => path) };
}

/** Deepest first, libraries before programs of the same depth, what users start last. */
function inOrder<File extends { path: string; code: Code }>(files: readonly File[], last: readonly string[]): readonly File[] {
  const depth = ({ path }: File): number => path.split('/').length;
  const rank = ({ path }: File): number => last.indexOf(path) + 1;
  const program = ({ code }: File): number => Number(isProgram(code));
  return [...files].sort((a, b) => rank(a) - rank(b) || depth(b) - depth(a) || program(a) - program(b) || (a.path < b.path ? -1 : 1));
}

const isProgram = ({ slices }: Code): boolean => slices.some(({ type }) => type === 'executable');

/** Entitlements, runtime: of programs. Ad-hoc code asks for no hardened runtime, under which it could load no library of others. */
function wantedOf(path: string, code: Code, rules: CodeRules, used: Set<string>): WantedSignature {
  const { identity, hardenedRuntime, libraryValidation, entitlements } = rules;
  const base = { ...identity, identifier: posix.basename(path) };
  if (!isProgram(code)) return { ...base, hardenedRuntime: false };
  const rule = entitlements.find(({ glob }) => matchGlob(glob, path));
  if (rule) used.add(rule.glob);
  const text = libraryValidation ? rule?.text : withForeignLibraries(rule?.text ?? NO_ENTITLEMENTS);
  return { ...base, hardenedRuntime: hardenedRuntime && identity !== undefined, ...(text !== undefined && { entitlements: text }) };
}

const signerOf = ({ slices }: Code): readonly string[] =>
  slices.slice(0, 1).flatMap(({ signature }) => {
    const leaf = signature.state === 'read' ? signature.verification.signer?.chain[0] : undefined;
    return leaf ? [leaf.subject.text] : [];
  });

/** What an earlier run of the target signed stays, if it is the same code and its signature is still the wanted one. */
async function keepEarlier({ root, items, earlier }: TreeToSign, files: readonly CodeToSign[]): Promise<readonly string[]> {
  const there = await earlier(files.map(({ path }) => path));
  const modes = new Map(items.map(({ path, mode }) => [path, mode]));
  const kept: string[] = [];
  for (const { path, wanted } of files) {
    const before = there.get(path);
    if (before === undefined || problemOfSignature(readCodeFile(before, Date.now()), wanted) !== undefined) continue;
    if (codeDigest(before) !== codeDigest(join(root, path))) continue;
    await takeEarlier(before, join(root, path), modes.get(path)!);
    kept.push(path);
  }
  return kept;
}

async function signAll(tree: TreeToSign, rules: CodeRules, made: readonly CodeToSign[], sign: SignCode): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'waybill-entitlements-'));
  try {
    const files = new Map<string, string>();
    for (const text of new Set(made.map(entitlementsToWrite))) {
      if (text === undefined) continue;
      files.set(text, join(folder, `${files.size}.plist`));
      await writeFile(files.get(text)!, text);
    }
    const signOne = (file: CodeToSign): Promise<void> => {
      const text = entitlementsToWrite(file);
      return signCodeFile({
        ...rules,
        sign,
        file: join(tree.root, file.path),
        ...file,
        entitlementsFile: text === undefined ? undefined : files.get(text),
      });
    };
    const isLast = ({ path }: CodeToSign): boolean => tree.last.includes(path);
    await mapConcurrently(
      made.filter((file) => !isLast(file)),
      SIGNERS,
      signOne,
    );
    for (const file of made.filter(isLast)) await signOne(file);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** An empty list takes away what an older signature has. */
const entitlementsToWrite = ({ wanted }: CodeToSign): string => wanted.entitlements ?? NO_ENTITLEMENTS;
