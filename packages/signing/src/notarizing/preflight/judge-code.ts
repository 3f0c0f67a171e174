import { readPropertyList, type PropertyListDictionary } from '@waybill/binary';
import { compareVersions, type Finding } from '@waybill/core';
import { certificateDigest, codeDirectoryOf, type CodeReading, type CodeSlice } from '../../macho/read-code-file';

/** Extension of certificates “Developer ID Application” (Apple, “Certification Practice Statement: Developer ID”). */
const DEVELOPER_ID = '1.2.840.113635.100.6.1.13';
/** SHA-256 of “Apple Root CA”, as Apple publishes it (apple.com/certificateauthority). */
const APPLE_ROOT = 'b0b1730ecbc7ff4505142c49f1295e6eda6bcaed7e2c68c5be91b5a11001f024';
/** Older ones know nothing of signatures with SHA-256. */
const OLDEST_SDK = '10.9';
const DEBUGGING = 'com.apple.security.get-task-allow';
const SIGN_AGAIN =
  'sign it by `@waybill/signing:sign` with the backend `apple` and a certificate “Developer ID Application”, or leave it out of the bundle';

export interface PreflightPolicy {
  /** Must chains end at Apple’s root? Not for a service of one’s own. */
  appleRoot: boolean;
}

/** Pure. What the notary service would refuse about one file; paths in zips are written `a.zip/b.so`. */
export function judgeCode(path: string, code: Exclude<CodeReading, undefined>, policy: PreflightPolicy): readonly Finding[] {
  const fault = (check: string, message: string, fix: string, rest: Partial<Finding> = {}): Finding => ({
    check,
    level: 'error',
    path,
    message,
    ...rest,
    fix,
  });
  if (code.kind === 'broken')
    return [fault('code', `\`${path}\` is damaged: ${code.reason}`, 'build or fetch it again, or leave it out of the bundle')];
  if (code.kind === 'static-library')
    return [fault('stray-object', `\`${path}\` is a library for linking, which no program needs to run`, LEAVE_OUT)];
  if (code.slices.some(({ type }) => type === 'object'))
    return [fault('stray-object', `\`${path}\` is an object file, which no program needs to run`, LEAVE_OUT)];
  const several = code.slices.length > 1;
  return code.slices.flatMap((slice) =>
    problemsOf(slice, policy).map(({ check, text, fix, expected, actual }) =>
      fault(check, `\`${path}\`${several ? ` (${slice.architecture})` : ''} ${text}`, fix ?? SIGN_AGAIN, {
        ...(expected !== undefined && { expected }),
        ...(actual !== undefined && { actual }),
      }),
    ),
  );
}

const LEAVE_OUT = 'leave it out of the bundle (`prune.drop` of package-dist), then sign again';

interface Problem {
  check: string;
  /** Behind the path. */
  text: string;
  fix?: string;
  expected?: string;
  actual?: string;
}

function problemsOf({ signature, sdks, type }: CodeSlice, policy: PreflightPolicy): readonly Problem[] {
  const old = sdks.filter((sdk) => compareVersions(sdk, OLDEST_SDK) < 0);
  const sdk = old.map((actual) => ({
    check: 'sdk',
    text: 'was linked with too old an SDK',
    expected: `${OLDEST_SDK} or newer`,
    actual,
    fix: 'build it with a newer SDK',
  }));
  if (signature.state === 'unsigned') return [{ check: 'signature', text: 'is not signed' }, ...sdk];
  if (signature.state === 'damaged') return [{ check: 'signature', text: `has a signature that cannot be read: ${signature.reason}` }, ...sdk];
  const { verification } = signature;
  if (verification.kind !== 'certificate') return [{ check: 'signature', text: `is signed by nobody (${verification.kind})` }, ...sdk];
  const changed = verification.problems.map(({ message }) => ({ check: 'signature', text: `has a signature that does not hold: ${message}` }));
  const { flagNames } = codeDirectoryOf(verification);
  const { entitlements = '' } = verification.signature;
  return [
    ...changed,
    ...signerProblems(verification.signer!, policy),
    ...(type === 'executable' && !flagNames.includes('runtime')
      ? [{ check: 'hardened-runtime', text: 'does not ask for the hardened runtime' }]
      : []),
    ...(allowsDebugging(entitlements)
      ? [
          {
            check: 'debugging',
            text: 'may be debugged by anybody (`com.apple.security.get-task-allow`)',
            fix: 'take that entitlement out, and sign again',
          },
        ]
      : []),
    ...sdk,
  ];
}

/** However it is written: the system reads it as a property list too. */
function allowsDebugging(entitlements: string): boolean {
  const read = readPropertyList(Buffer.from(entitlements));
  return read.ok && read.facts instanceof Map && (read.facts as PropertyListDictionary).get(DEBUGGING) === true;
}

type Signer = NonNullable<Extract<CodeSlice['signature'], { state: 'read' }>['verification']['signer']>;

function signerProblems({ chain, timestamp }: Signer, { appleRoot }: PreflightPolicy): readonly Problem[] {
  const leaf = chain[0];
  const isDeveloperId = leaf?.extensions.some(({ oid }) => oid === DEVELOPER_ID) === true;
  const last = chain.at(-1);
  return [
    ...(isDeveloperId
      ? []
      : [
          {
            check: 'developer-id',
            text: 'is signed with another kind of certificate',
            expected: 'Developer ID Application',
            actual: leaf?.subject.text ?? 'none',
          },
        ]),
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
    ...(timestamp?.kind === 'rfc3161' ? [] : [{ check: 'secure-timestamp', text: 'has no secure timestamp' }]),
  ];
}
