import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, posix } from 'node:path';
import { mapConcurrently } from '@waybill/core';
import { matchGlob } from '@waybill/relocation';
import { signingErrors } from '../errors/signing-errors';
import type { EarlierFiles } from '../inside/earlier-files';
import type { TimestampRules } from '../inside/retry-timestamps';
import type { ChangedFiles, TreeToSign } from '../inside/sign-inside';
import { signersAtWork } from '../inside/signers-at-work';
import { readCodeFile, type CodeReading } from '../macho/read-code-file';
import { appManifestProblems, renewAppManifest } from '../sealing/app-manifest';
import { layoutProblems } from '../sealing/check-layout';
import { findBundles, type SealedBundle } from '../sealing/find-bundles';
import { sealBundles, type Seals } from '../sealing/seal-bundles';
import { codeDigest } from './code-digest';
import { NO_ENTITLEMENTS, withForeignLibraries } from './entitlements';
import { problemOfSignature, type WantedSignature } from './judge-signature';
import type { SignCode } from './rcodesign';
import { signCodeFile, takeEarlier } from './sign-code-file';

/** Without servers of timestamps for ad-hoc. */
export interface CodeRules extends TimestampRules {
  /** Absent: ad-hoc. */
  identity?: { fingerprint: string; team?: string | undefined } | undefined;
  hardenedRuntime: boolean;
  libraryValidation: boolean;
  /** Of programs; the first that fits counts. `text` is a property list. */
  entitlements: readonly { glob: string; text: string }[];
}

export interface SignedCode extends ChangedFiles {
  /** Signatures that were there before and are gone. */
  replaced: readonly { path: string; signer: string }[];
  /** Paths of what was sealed as a bundle. */
  bundles: readonly string[];
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

/**
 * Signs every Mach-O file of a tree, found by content, deepest first and several at a time; what users start comes when all else is done. Bundles (`.app`, frameworks in
 * one) are sealed behind that, inside out, each with its program.
 */
export async function signCodeTree(
  tree: TreeToSign,
  rules: CodeRules,
  withSigner: (work: (sign: SignCode) => Promise<void>) => Promise<void>,
): Promise<SignedCode> {
  const { found, stray, bundles } = findCode(tree);
  const untrue = await appManifestProblems(tree.root, bundles);
  if (untrue.length > 0) throw signingErrors.error('SIGN_APP_MANIFEST', { name: tree.name, problems: untrue });
  const used = new Set<string>();
  const programs = new Map(bundles.map((bundle) => [bundle.program, bundle]));
  const wanted = inOrder(found, tree.last).map(({ path, code }): CodeToSign => {
    const identifier = programs.get(path)?.identifier ?? posix.basename(path);
    return { path, wanted: wantedOf(path, code, rules, { used, identifier }) };
  });
  const files = wanted.filter(({ path }) => !programs.has(path));
  const earlier = await tree.earlier([...wanted.map(({ path }) => path), ...bundles.map(({ codeResources }) => codeResources)]);
  const kept = await keepEarlier(tree, files, earlier);
  const made = files.filter(({ path }) => !kept.includes(path)).map(({ path }) => path);
  const seals = { kept: [] as string[], made: [] as string[], written: [] as string[], removed: [] as string[] };
  const work = async (sign: SignCode): Promise<void> => {
    const signer = { tree, rules, sign, earlier };
    await withEntitlements(wanted, async (fileOf) => {
      await signAll(
        signer,
        files.filter(({ path }) => made.includes(path)),
        fileOf,
      );
      const done = await sealAll(signer, { bundles, wanted, changed: [...kept, ...made], fileOf });
      for (const key of ['kept', 'made', 'written', 'removed'] as const) seals[key].push(...done[key]);
    });
  };
  if (made.length > 0 || bundles.length > 0) await withSigner(work);
  return {
    kept: [...kept, ...seals.kept],
    made: [...made, ...seals.made],
    written: seals.written,
    removed: seals.removed,
    sealed: bundles.map(({ base }) => base),
    bundles: bundles.map(({ path }) => path),
    replaced: found.flatMap(({ path, code }) => signersOf(code).map((signer) => ({ path, signer }))),
    idleRules: rules.entitlements.map(({ glob }) => glob).filter((glob) => !used.has(glob)),
    stray,
  };
}

interface FoundCode {
  found: readonly { path: string; code: Code }[];
  stray: readonly string[];
  bundles: readonly SealedBundle[];
}

/** All that are damaged are told at once; none at all is an error too, and so are bundles that cannot be sealed. */
function findCode({ root, items, name }: TreeToSign): FoundCode {
  const now = Date.now();
  const read = items.filter(({ kind }) => kind === 'file').map(({ path }) => ({ path, code: readCodeFile(join(root, path), now) }));
  const broken = read.flatMap(({ path, code }) => (code?.kind === 'broken' ? [{ path, reason: code.reason }] : []));
  if (broken.length > 0) throw signingErrors.error('SIGN_CODE_BROKEN', { name, broken });
  const inTree = findBundles(root, items);
  const problems = layoutProblems({ root, items, found: inTree, now });
  if (problems.length > 0) throw signingErrors.error('SIGN_APP', { name, problems });
  const isStray = (code: CodeReading): boolean =>
    code?.kind === 'static-library' || (code?.kind === 'macho' && code.slices.some(({ type }) => type === 'object'));
  const found = read.flatMap(({ path, code }) => (code?.kind === 'macho' && !isStray(code) ? [{ path, code }] : []));
  if (found.length === 0) throw signingErrors.error('SIGN_NO_CODE', { name });
  return { found, stray: read.filter(({ code }) => isStray(code)).map(({ path }) => path), bundles: inTree.bundles };
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
function wantedOf(path: string, code: Code, rules: CodeRules, { used, identifier }: { used: Set<string>; identifier: string }): WantedSignature {
  const { identity, hardenedRuntime, libraryValidation, entitlements } = rules;
  const base = { ...identity, identifier };
  if (!isProgram(code)) return { ...base, hardenedRuntime: false };
  const rule = entitlements.find(({ glob }) => matchGlob(glob, path));
  if (rule) used.add(rule.glob);
  const text = libraryValidation ? rule?.text : withForeignLibraries(rule?.text ?? NO_ENTITLEMENTS);
  return { ...base, hardenedRuntime: hardenedRuntime && identity !== undefined, ...(text !== undefined && { entitlements: text }) };
}

/** Of all architectures, each once. */
function signersOf({ slices }: Code): readonly string[] {
  const leaves = slices.flatMap(({ signature }) => (signature.state === 'read' ? (signature.verification.signer?.chain[0] ?? []) : []));
  return [...new Set(leaves.map(({ subject }) => subject.text))];
}

/** What an earlier run of the target signed stays, if it is the same code and its signature is still the wanted one. */
async function keepEarlier({ root, items }: TreeToSign, files: readonly CodeToSign[], earlier: EarlierFiles): Promise<readonly string[]> {
  const modes = new Map(items.map(({ path, mode }) => [path, mode]));
  const kept: string[] = [];
  for (const { path, wanted } of files) {
    const before = earlier.get(path);
    if (before === undefined || problemOfSignature(readCodeFile(before, Date.now()), wanted) !== undefined) continue;
    if (codeDigest(before) !== codeDigest(join(root, path))) continue;
    await takeEarlier(before, join(root, path), modes.get(path)!);
    kept.push(path);
  }
  return kept;
}

type EntitlementsOf = (file: CodeToSign) => string;

/** Property lists for the tool, in files for the time of `work`. */
async function withEntitlements(files: readonly CodeToSign[], work: (fileOf: EntitlementsOf) => Promise<void>): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'waybill-entitlements-'));
  try {
    const written = new Map<string, string>();
    for (const text of new Set(files.map(entitlementsToWrite))) {
      written.set(text, join(folder, `${written.size}.plist`));
      await writeFile(written.get(text)!, text);
    }
    await work((file) => written.get(entitlementsToWrite(file))!);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

interface Signer {
  tree: TreeToSign;
  rules: CodeRules;
  sign: SignCode;
  earlier: EarlierFiles;
}

async function signAll({ tree, rules, sign }: Signer, made: readonly CodeToSign[], fileOf: EntitlementsOf): Promise<void> {
  const signOne = (file: CodeToSign): Promise<void> =>
    signCodeFile({ ...rules, sign, file: join(tree.root, file.path), ...file, entitlementsFile: fileOf(file) });
  const isLast = ({ path }: CodeToSign): boolean => tree.last.includes(path);
  await mapConcurrently(
    made.filter((file) => !isLast(file)),
    signersAtWork(),
    signOne,
  );
  for (const file of made.filter(isLast)) await signOne(file);
}

interface SealAll {
  bundles: readonly SealedBundle[];
  wanted: readonly CodeToSign[];
  /** Paths of what was signed before. */
  changed: readonly string[];
  fileOf: EntitlementsOf;
}

async function sealAll(
  { tree, rules, sign, earlier }: Signer,
  { bundles, wanted, changed, fileOf }: SealAll,
): Promise<Seals & { written: string[] }> {
  const renewed: string[] = [];
  const modes = new Map(tree.items.map(({ path, mode }) => [path, mode]));
  const toSeal = bundles.map((bundle) => {
    const file = wanted.find(({ path }) => path === bundle.program)!;
    return { bundle, wanted: file.wanted, entitlementsFile: fileOf(file), mode: modes.get(bundle.program)! };
  });
  const beforeSeal = async (bundle: SealedBundle, programs: readonly string[]): Promise<void> => {
    renewed.push(...(await tree.renewRecords(bundle.base, [...changed, ...programs])));
    renewed.push(...(await renewAppManifest(tree.root, bundle)));
  };
  const seals = await sealBundles({ ...rules, root: tree.root, bundles: toSeal, earlier, sign, beforeSeal });
  return { ...seals, written: [...new Set([...seals.seals, ...renewed])] };
}

/** An empty list takes away what an older signature has. */
const entitlementsToWrite = ({ wanted }: CodeToSign): string => wanted.entitlements ?? NO_ENTITLEMENTS;
