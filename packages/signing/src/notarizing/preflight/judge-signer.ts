import type { SignerVerification } from '@waybill/binary';
import { certificateDigest } from '../../macho/read-code-file';

/** Who may have signed. */
export interface SignerPolicy {
  /** Must chains end at Apple’s root? Not for a service of one’s own. */
  appleRoot: boolean;
  /** Any of these, as certificates name them (ten characters); empty: any at all. */
  teams: readonly string[];
}

/** Something that the notary service would refuse. */
export interface Problem {
  check: string;
  /** Behind the path. */
  text: string;
  fix?: string;
  expected?: string;
  actual?: string;
}

/** Certificates “Developer ID …”, by their extension (Apple, “Certification Practice Statement: Developer ID”). */
const DEVELOPER_ID = {
  application: { name: 'Developer ID Application', oid: '1.2.840.113635.100.6.1.13' },
  installer: { name: 'Developer ID Installer', oid: '1.2.840.113635.100.6.1.14' },
} as const;
/** SHA-256 of “Apple Root CA”, as Apple publishes it (apple.com/certificateauthority). */
const APPLE_ROOT = 'b0b1730ecbc7ff4505142c49f1295e6eda6bcaed7e2c68c5be91b5a11001f024';

/** Pure. All that is wrong with who signed: kind of certificate, root, team, timestamp. */
export function signerProblems(
  { chain, timestamp }: SignerVerification,
  kind: keyof typeof DEVELOPER_ID,
  { appleRoot, teams }: SignerPolicy,
): readonly Problem[] {
  const [leaf, last, { name, oid }] = [chain[0], chain.at(-1), DEVELOPER_ID[kind]];
  const isDeveloperId = leaf?.extensions.some((extension) => extension.oid === oid) === true;
  const team = leaf?.subject.organizationalUnit ?? 'none';
  return [
    ...(isDeveloperId
      ? []
      : [{ check: 'developer-id', text: 'is signed with another kind of certificate', expected: name, actual: leaf?.subject.text ?? 'none' }]),
    ...(isDeveloperId && appleRoot && certificateDigest(last!.der) !== APPLE_ROOT
      ? [
          {
            check: 'developer-id',
            text: 'is signed by a certificate that is not Apple’s',
            expected: 'a chain up to Apple Root CA, inside of the signature',
            actual: last!.issuer.text,
          },
        ]
      : []),
    ...(teams.length === 0 || teams.includes(team)
      ? []
      : [{ check: 'team', text: 'is signed by another team', expected: teams.join(' or '), actual: team }]),
    ...(timestamp?.kind === 'rfc3161' ? [] : [{ check: 'secure-timestamp', text: 'has no secure timestamp' }]),
  ];
}
