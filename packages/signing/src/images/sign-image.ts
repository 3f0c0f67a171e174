import { existsSync } from 'node:fs';
import { chmod, copyFile, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { parseRecord } from '@waybill/artifacts';
import { hashFile, WaybillError } from '@waybill/core';
import type { UpstreamArtifact } from '@waybill/plugin-kit';
import type { AppleIdentity } from '../apple/open-identity';
import type { SignAll } from '../apple/rcodesign';
import { TIMESTAMP_FAULT } from '../apple/sign-code-file';
import type { PackageOpinion } from '../apple/signers/pkgutil';
import { signingErrors } from '../errors/signing-errors';
import { retryTimestamps, type TimestampRules } from '../inside/retry-timestamps';
import { problemOfImage, type WantedImage } from './judge-image';

export interface SignImage extends TimestampRules {
  of: UpstreamArtifact & { kind: 'dmg' | 'pkg' };
  identity: AppleIdentity;
  /** Absolute path of the folder that an earlier run of the target left, if it did. */
  earlier: string;
  /** Absolute; not there yet. */
  output: string;
  withSigner(work: (sign: SignAll) => Promise<void>): Promise<void>;
  /** What a second program says of a signed file; where there is one. */
  secondOpinion?: ((file: string) => Promise<PackageOpinion>) | undefined;
}

export interface SignedImage {
  size: number;
  sha256: string;
  kept: boolean;
}

const NAMES = { application: 'Developer ID Application', installer: 'Developer ID Installer' } as const;
const NEEDED = { dmg: 'application', pkg: 'installer' } as const;

/** Packages need another certificate than all else (`SIGN_CERTIFICATE_KIND`). */
export function checkPurpose({ name, kind }: Pick<UpstreamArtifact, 'name' | 'kind'>, { purpose, subject }: AppleIdentity): void {
  const needed = kind === 'pkg' ? NEEDED.pkg : NEEDED.dmg;
  if (purpose !== needed) throw signingErrors.error('SIGN_CERTIFICATE_KIND', { name, kind, expected: NAMES[needed], actual: subject });
}

/**
 * Signs a disk image or package as a whole, and reads its signature back; what is in it stays as it is. What an earlier run made of the same bytes is kept while it
 * holds. `SIGN_TIMESTAMP`, `SIGN_VERIFY`.
 */
export async function signImage(request: SignImage): Promise<SignedImage> {
  const { of, identity, output, earlier, withSigner } = request;
  const wanted: WantedImage = {
    kind: of.kind,
    fingerprint: identity.fingerprint,
    identifier: of.name.replace(/\.(dmg|pkg)$/, ''),
    team: identity.team,
  };
  const before = await earlierImage(earlier, of);
  const kept = before !== undefined && problemOfImage(before, wanted, Date.now()) === undefined;
  if (kept) await copyFile(before, output);
  else await withSigner((sign) => signNow(request, wanted, sign));
  await chmod(output, 0o644);
  return { ...(await hashFile(output)), kept };
}

async function signNow({ of, output, secondOpinion, ...rules }: SignImage, wanted: WantedImage, sign: SignAll): Promise<void> {
  const said = { input: of.file, output };
  await retryTimestamps({
    ...rules,
    ...{ path: of.name, output, isTimestampFault: TIMESTAMP_FAULT },
    sign: (timestampUrl) =>
      sign(
        wanted.kind === 'pkg'
          ? { ...said, package: true, timestampUrl }
          : { ...said, identifier: wanted.identifier, hardenedRuntime: false, timestampUrl },
      ),
  });
  const problem = problemOfImage(output, wanted, Date.now());
  if (problem !== undefined) throw await unsigned(of, output, '`@waybill/binary`', problem);
  const opinion = await secondOpinion?.(output);
  if (opinion?.verdict === 'refused') throw await unsigned(of, output, '`pkgutil --check-signature`', opinion.said);
  if (opinion?.verdict === 'doubted') rules.warn(`pkgutil says of \`${of.name}\`: ${opinion.said}`);
}

/** Nothing is left of what does not verify. */
async function unsigned({ name }: UpstreamArtifact, output: string, by: string, reason: string): Promise<Error> {
  await rm(output, { force: true });
  return signingErrors.error('SIGN_VERIFY', { name, by, reason });
}

/** What the record there says of it: made of these very bytes, and not changed since. */
async function earlierImage(folder: string, { name, sha256 }: UpstreamArtifact): Promise<string | undefined> {
  const [record, file] = [join(folder, 'artifacts.json'), join(folder, name)];
  if (!existsSync(record) || !existsSync(file)) return undefined;
  try {
    const made = parseRecord(await readFile(record, 'utf8')).artifacts.find((artifact) => artifact.name === name);
    return made?.madeFrom.includes(`sha256:${sha256}`) && (await hashFile(file)).sha256 === made.sha256 ? file : undefined;
  } catch (cause) {
    if (cause instanceof WaybillError) return undefined;
    throw cause;
  }
}
