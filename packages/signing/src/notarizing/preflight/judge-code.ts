import { readPropertyList, type PropertyListDictionary } from '@waybill/binary';
import { compareVersions, type Finding } from '@waybill/core';
import { codeDirectoryOf, type CodeReading, type CodeSlice } from '../../macho/read-code-file';
import { signerProblems, type Problem, type SignerPolicy } from './judge-signer';

/** Older ones know nothing of signatures with SHA-256. */
const OLDEST_SDK = '10.9';
const DEBUGGING = 'com.apple.security.get-task-allow';
const SIGN_AGAIN =
  'sign it by `@waybill/signing:sign` with the backend `apple` and a certificate “Developer ID Application”, or leave it out of the bundle';

/** Pure. What the notary service would refuse about one file; paths in zips are written `a.zip/b.so`. */
export function judgeCode(path: string, code: Exclude<CodeReading, undefined>, policy: SignerPolicy): readonly Finding[] {
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

function problemsOf({ signature, sdks, type }: CodeSlice, policy: SignerPolicy): readonly Problem[] {
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
    ...signerProblems(verification.signer!, 'application', policy),
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
