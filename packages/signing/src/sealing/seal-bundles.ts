import { existsSync, readFileSync } from 'node:fs';
import { chmod, copyFile, mkdir, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { readTree } from '@waybill/core';
import { codeDigest } from '../apple/code-digest';
import { problemOfSignature, type WantedSignature } from '../apple/judge-signature';
import type { SignCode } from '../apple/rcodesign';
import { TIMESTAMP_FAULT } from '../apple/sign-code-file';
import { signingErrors } from '../errors/signing-errors';
import type { EarlierFiles } from '../inside/earlier-files';
import { retryTimestamps, type TimestampRules } from '../inside/retry-timestamps';
import { readCodeFile } from '../macho/read-code-file';
import { findBundles, type SealedBundle } from './find-bundles';
import { judgeSeal } from './judge-seal';
import { itemsOf, sealProblems, type TreeOfBundles } from './read-seal';

export interface BundleToSeal {
  bundle: SealedBundle;
  wanted: WantedSignature;
  /** Absolute path of the property list with `wanted.entitlements`, or of an empty one. */
  entitlementsFile: string;
  /** Permission bits of the program. */
  mode: number;
}

export interface SealRequest extends TimestampRules {
  /** Absolute. */
  root: string;
  /** Deepest first. */
  bundles: readonly BundleToSeal[];
  earlier: EarlierFiles;
  sign: SignCode;
  /** Called before a bundle is sealed: what lies in it may change for the last time. `programs` are those of the bundles that are sealed. */
  beforeSeal(bundle: SealedBundle, programs: readonly string[]): Promise<void>;
}

export interface Seals {
  /** Programs of the bundles. */
  kept: readonly string[];
  made: readonly string[];
  /** Paths of the seals. */
  seals: readonly string[];
  /** Tickets of signatures that are gone. */
  removed: readonly string[];
}

/** Seals bundles, each with its program, when all that lies in it has its last bytes. One whose earlier seal still says the truth is kept. `SIGN_TIMESTAMP`, `SIGN_VERIFY`. */
export async function sealBundles(request: SealRequest): Promise<Seals> {
  const [kept, made, removed]: [string[], string[], string[]] = [[], [], []];
  for (const one of request.bundles) {
    const { base, program } = one.bundle;
    await request.beforeSeal(one.bundle, [...kept, ...made]);
    const ticket = `${base}/CodeResources`;
    if (existsSync(join(request.root, ticket))) {
      await rm(join(request.root, ticket));
      removed.push(ticket);
    }
    if (await takeEarlierSeal(request, one)) kept.push(program);
    else {
      await sealOne(request, one);
      made.push(program);
    }
    await chmod(join(request.root, program), one.mode);
    await chmod(join(request.root, one.bundle.codeResources), 0o644);
  }
  return { kept, made, seals: request.bundles.map(({ bundle }) => bundle.codeResources), removed };
}

async function treeOf(root: string): Promise<TreeOfBundles> {
  const items = await readTree(root);
  return { root, items, found: findBundles(root, items), now: Date.now() };
}

async function takeEarlierSeal({ root, earlier }: SealRequest, { bundle, wanted }: BundleToSeal): Promise<boolean> {
  const [program, codeResources] = [earlier.get(bundle.program), earlier.get(bundle.codeResources)];
  if (program === undefined || codeResources === undefined) return false;
  if (codeDigest(program) !== codeDigest(join(root, bundle.program))) return false;
  const code = readCodeFile(program, Date.now(), { infoPlist: join(root, bundle.infoPlist), codeResources });
  if (problemOfSignature(code, wanted) !== undefined) return false;
  if (judgeSeal({ codeResources: readFileSync(codeResources), items: itemsOf(await treeOf(root), bundle) }).length > 0) return false;
  await copyFile(program, join(root, bundle.program));
  await mkdir(dirname(join(root, bundle.codeResources)), { recursive: true });
  await copyFile(codeResources, join(root, bundle.codeResources));
  return true;
}

/** In place: the tool writes the seal, then the program with it. */
async function sealOne(request: SealRequest, { bundle, wanted, entitlementsFile }: BundleToSeal): Promise<void> {
  const { root } = request;
  const { team, hardenedRuntime } = wanted;
  const path = bundle.path === '' ? bundle.program : bundle.path;
  const said = { bundle: join(root, bundle.folder), team, hardenedRuntime, entitlements: entitlementsFile };
  await retryTimestamps({
    ...request,
    path,
    output: join(root, bundle.codeResources),
    isTimestampFault: TIMESTAMP_FAULT,
    sign: (timestampUrl) => request.sign({ ...said, timestampUrl }),
  });
  const sealed = { infoPlist: join(root, bundle.infoPlist), codeResources: join(root, bundle.codeResources) };
  const refuse = (reason: string): Error => signingErrors.error('SIGN_VERIFY', { name: path, by: '`@waybill/binary`', reason });
  if (!existsSync(sealed.codeResources)) throw refuse('it has no seal (`_CodeSignature/CodeResources`)');
  const problem = problemOfSignature(readCodeFile(join(root, bundle.program), Date.now(), sealed), wanted);
  if (problem !== undefined) throw refuse(problem);
  const [unsealed] = sealProblems(await treeOf(root), bundle);
  if (unsealed) throw refuse(`\`${unsealed.path!}\`: ${unsealed.message}`);
}
