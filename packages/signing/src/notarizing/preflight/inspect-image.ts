import type { SignerVerification } from '@waybill/binary';
import type { Finding } from '@waybill/core';
import type { UpstreamArtifact } from '@waybill/plugin-kit';
import { signatureOfDiskImage } from '../../images/judge-image';
import { verifyPackage } from '../../images/verify-package';
import { readFlatPackage, type FlatPackage } from '../flat-package';
import { signerProblems, type Problem, type SignerPolicy } from './judge-signer';

/** An artifact that is sent as it is. */
export type ImageArtifact = Pick<UpstreamArtifact, 'name' | 'file'> & { kind: 'dmg' | 'pkg' };

export interface ImageRequest {
  policy: SignerPolicy;
  /** Is the ticket to be put into it? */
  staple: boolean;
  /** Milliseconds since 1970. */
  now: number;
}

export interface ImageInspection {
  findings: readonly Finding[];
  /** Of a package. */
  flat?: FlatPackage;
}

/** Everything in the signature of a disk image or package that the notary service would refuse, at once. What lies in them is not opened. */
export const inspectImage = (of: ImageArtifact, request: ImageRequest): ImageInspection =>
  of.kind === 'pkg' ? inspectPackage(of, request) : { findings: inspectDiskImage(of, request) };

function inspectDiskImage(of: ImageArtifact, { policy, staple, now }: ImageRequest): readonly Finding[] {
  const signature = signatureOfDiskImage(of.file, now);
  if (signature.state === 'unsigned') return [unsignedDiskImage(of, staple)];
  if (signature.state === 'damaged') return findingsOf(of, [unreadable(signature.reason)]);
  const { kind, problems, signer } = signature.verification;
  const nobody = kind === 'certificate' ? [] : [{ check: 'signature', text: `is signed by nobody (${kind})` }];
  return findingsOf(of, [...nobody, ...(kind === 'certificate' ? judgeSigner({ ...signer!, problems }, 'application', policy) : [])]);
}

/** Apple takes it, but where there is no signature, there is no place for a ticket. */
const unsignedDiskImage = ({ name }: ImageArtifact, staple: boolean): Finding => ({
  check: 'signature',
  level: staple ? 'error' : 'warning',
  path: name,
  message: `\`${name}\` is not signed${staple ? ', so its ticket cannot be put in' : ': on the first start macOS asks Apple for its ticket'}`,
  fix: `${SIGN_AGAIN.dmg}${staple ? '; or have it notarized without: `--staple=false`' : ''}`,
});

function inspectPackage(of: ImageArtifact, { policy, now }: ImageRequest): ImageInspection {
  const flat = readFlatPackage(of.file);
  if ('broken' in flat) return { findings: [noPackage(of, flat.broken)] };
  const signature = verifyPackage(of.file, now);
  if (signature.state === 'unsigned') return { flat, findings: findingsOf(of, [{ check: 'signature', text: 'is not signed' }]) };
  if (signature.state === 'damaged') return { flat, findings: findingsOf(of, [unreadable(signature.reason)]) };
  return { flat, findings: findingsOf(of, judgeSigner(signature.signer, 'installer', policy)) };
}

const unreadable = (reason: string): Problem => ({ check: 'signature', text: `has a signature that cannot be read: ${reason}` });

const judgeSigner = (signer: SignerVerification, kind: 'application' | 'installer', policy: SignerPolicy): readonly Problem[] => [
  ...signer.problems.map(({ message }) => ({ check: 'signature', text: `has a signature that does not hold: ${message}` })),
  ...signerProblems(signer, kind, policy),
];

const SIGN_AGAIN = {
  dmg: 'sign it by `@waybill/signing:sign` with the backend `apple`, `"artifacts": ["dmg"]` and a certificate “Developer ID Application”',
  pkg: 'sign it by `@waybill/signing:sign` with the backend `apple`, `"artifacts": ["pkg"]` and a certificate “Developer ID Installer”',
} as const;

const findingsOf = ({ name, kind }: ImageArtifact, problems: readonly Problem[]): readonly Finding[] =>
  problems.map(({ check, text, expected, actual, fix = SIGN_AGAIN[kind] }) => ({
    ...{ check, level: 'error', path: name, message: `\`${name}\` ${text}` },
    ...(expected !== undefined && { expected }),
    ...(actual !== undefined && { actual }),
    fix,
  }));

const noPackage = ({ name }: ImageArtifact, message: string): Finding => ({
  check: 'package',
  level: 'error',
  path: name,
  message,
  fix: 'make it by `productbuild` or `pkgbuild`, sign it by `productsign`, and let nothing change it after that',
});
