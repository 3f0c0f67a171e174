import { defineCatalog } from '@waybill/core';

const RERUN = 'nothing was written; running again is safe';
const list = (items: readonly string[]): string => (items.length === 0 ? 'none' : items.map((item) => `\`${item}\``).join(', '));

/** Codes of signing. No argument is ever a key or password: variables are told by name. */
export const signingErrors = defineCatalog({
  SIGN_NOTHING: (a: { target: string; asked: readonly string[]; there: readonly string[] }) => ({
    message: `\`${a.target}\` finds nothing to sign`,
    details: [`expected an artifact of kind or name ${list(a.asked)}`, `actual ${list(a.there)}`],
    fix: 'let it depend on the target that makes what is to be signed, or name kinds or globs over names in `artifacts`',
  }),
  SIGN_ORDER: (a: { target: string; later: readonly string[] }) => ({
    message: `\`${a.target}\` would change files that stages behind it have worked with already`,
    details: [...a.later, RERUN],
    fix: 'let it depend on what packages and proves alone, and let those others depend on it: signing comes before notarization, the proof of what was signed, and sums',
  }),
  SIGN_FOLDER: (a: { name: string; kind: string }) => ({
    message: `\`${a.name}\` is a folder (\`${a.kind}\`): a detached signature is over one file`,
    fix: 'sign the archive of it: leave folders out of `artifacts`',
  }),
  SIGN_KEY_MISSING: (a: { target: string; variable: string | undefined; takes: string }) => ({
    message:
      a.variable === undefined ? `\`${a.target}\` has no key to sign with` : `\`${a.target}\` has no key: the variable ${a.variable} is not set`,
    details: [RERUN],
    fix:
      a.variable === undefined
        ? 'set `backend` and `keyEnv` (`certificateEnv` for `authenticode`), the name of the variable that holds the secret key; to go on without a signature give a reason: `--allowUnsigned="<reason>"`'
        : `put ${a.takes} into ${a.variable}; to go on without a signature give a reason: \`--allowUnsigned="<reason>"\``,
  }),
  SIGN_KEY_FORMAT: (a: { variable: string; backend: string; reason: string; make: string }) => ({
    message: `The variable ${a.variable} holds no secret key for \`${a.backend}\`: ${a.reason}`,
    details: [RERUN],
    fix: `put the whole key file into it: ${a.make}`,
  }),
  SIGN_KEY_PUBLIC: (a: { variable: string; make: string }) => ({
    message: `The variable ${a.variable} holds a public key, which cannot sign`,
    details: [RERUN],
    fix: `put the secret key into it: ${a.make}`,
  }),
  SIGN_KEY_ENCRYPTED: (a: { variable: string }) => ({
    message: `The SSH key in ${a.variable} has a passphrase, and keys of OpenSSH’s own format are taken without one only`,
    details: [RERUN],
    fix: 'make a key for releases alone, and let the secret store guard it: `ssh-keygen -t ed25519 -N "" -f release-key`',
  }),
  SIGN_PASSWORD_MISSING: (a: { variable: string; passwordVariable: string | undefined }) => ({
    message: `The key in ${a.variable} is encrypted, and ${a.passwordVariable === undefined ? 'no password was named' : `the variable ${a.passwordVariable} is not set`}`,
    details: [RERUN],
    fix: 'set `passwordEnv`, the name of the variable that holds its password, and the variable',
  }),
  SIGN_PASSWORD_WRONG: (a: { variable: string; passwordVariable: string }) => ({
    message: `The password in ${a.passwordVariable} does not open the key in ${a.variable}`,
    details: [RERUN],
    fix: `correct ${a.passwordVariable}: a trailing newline counts too`,
  }),
  SIGN_KEY_UNUSABLE: (a: { variable: string; reason: string }) => ({
    message: `The key in ${a.variable} may not sign: ${a.reason}`,
    details: [RERUN],
    fix: 'use a key that may sign (Ed25519 or RSA), is not revoked and has not expired; `gpg --list-secret-keys` shows both',
  }),
  SIGN_FINGERPRINT: (a: { variable: string; expected: string; actual: string }) => ({
    message: `The key in ${a.variable} is not the one that \`fingerprint\` names`,
    details: [`expected ${a.expected}`, `actual ${a.actual}`, RERUN],
    fix: 'put the right key into the variable, or correct `fingerprint`',
  }),
  SIGN_IDENTITY_MISSING: (a: { kind: string; variable: string | undefined }) => ({
    message:
      a.kind === 'permission'
        ? 'Keyless signing needs an id token, and this job may not ask for one'
        : a.kind === 'variable'
          ? `Keyless signing needs an id token, and this job has none in ${a.variable}`
          : 'Keyless signing needs an identity, and no CI vouches for this run',
    details: [RERUN],
    fix:
      a.kind === 'permission'
        ? 'give the job (not the whole workflow) the permission `id-token: write`'
        : a.kind === 'variable'
          ? `add to the job: \`id_tokens: { ${a.variable}: { aud: sigstore } }\``
          : 'sign in a job of GitHub Actions or GitLab, or put a token with the audience `sigstore` into SIGSTORE_ID_TOKEN; to go on without a signature give a reason: `--allowUnsigned="<reason>"`',
  }),
  SIGN_IDENTITY_TOKEN: (a: { reason: string }) => ({
    message: `The id token of this job cannot be used for sigstore: ${a.reason}`,
    details: [RERUN],
    fix: 'start the job again, a token holds for minutes; if it stays so, ask for one with the audience `sigstore`',
  }),
  SIGN_IDENTITY_OTHER: (a: { expected: string; actual: string }) => ({
    message: 'Sigstore knows this job by another name than `keyless.identity`',
    details: [`expected ${a.expected}`, `actual ${a.actual}`, 'nothing was signed; running again is safe'],
    fix: 'sign from the workflow, branch or tag that is named, or correct `keyless.identity`; `*` stands for any characters (`…@refs/tags/*`)',
  }),
  SIGN_SIGSTORE_IDENTITY: (a: { status: number; said: readonly string[] }) => ({
    message: `Sigstore gives no certificate for this job (HTTP ${a.status})`,
    details: [...a.said, RERUN],
    fix: 'start the job again; if it stays so, see whether sigstore knows the issuer of its id token',
  }),
  SIGN_SIGSTORE_LOG: (a: { status: number; said: readonly string[] }) => ({
    message: `Sigstore’s log did not take a signature (HTTP ${a.status})`,
    details: [...a.said, RERUN],
    fix: 'run the target again; entries that nobody refers to do no harm',
  }),
  SIGN_SIGSTORE_UNANSWERED: (a: { service: string; reason: string }) => ({
    message: `No keyless signature can be made: ${a.service} gives no answer: ${a.reason}`,
    details: [RERUN],
    fix: 'run the target again when sigstore answers (its state: https://status.sigstore.dev), or sign with a key: `gpg`, `minisign`, `ssh`, or `sigstore` with `keyEnv`',
  }),
  SIGN_TRUSTED_ROOT: (a: { path: string; reason: string }) => ({
    message: `\`${a.path}\` is no root of sigstore’s keys: ${a.reason}`,
    details: [RERUN],
    fix: 'put a `trusted_root.json` there (`cosign trusted-root create`, or from the repository of your own sigstore), or leave `keyless.trustedRoot` out for the public instance',
  }),
  SIGN_STORE: (a: { tool: 'jsign' | 'signtool'; store: string; path?: string; said: readonly string[] }) => ({
    message: `${a.tool} cannot sign with ${a.store}`,
    details: [RERUN, ...a.said],
    fix:
      a.tool === 'signtool'
        ? `see that the certificate with its key is there and the user who signs may use it (\`Get-ChildItem ${a.path ?? 'Cert:\\CurrentUser\\My'} -CodeSigningCert\`), that it is valid today and its token is plugged in, and that the variable that \`identityEnv\` names holds its thumbprint; \`identityStore\` says whose store it is`
        : 'correct `keystore` (type, name, alias) and the variable that `passwordEnv` names, plug the token in, or see to the network; stores that hold keys alone need `certificateEnv` too',
  }),
  SIGN_IDENTITY: (a: { variable: string; reason: string; find: string }) => ({
    message: `The variable ${a.variable} does not name a certificate to sign with: ${a.reason}`,
    details: [RERUN],
    fix: `correct it: ${a.find}`,
  }),
  SIGN_KEY_TOOL: (a: { variable: string; tool: string; reason: string; fix: string }) => ({
    message: `${a.tool} cannot sign with what the variable ${a.variable} holds: ${a.reason}`,
    details: [RERUN],
    fix: a.fix,
  }),
  SIGN_KEYCHAIN: (a: { keychain: string; said: string }) => ({
    message: `macOS does not let codesign use the key in ${a.keychain} without asking somebody at the screen, or not at all`,
    details: [a.said, RERUN],
    fix: 'unlock it and let codesign use the key, as the user who signs: `security unlock-keychain`, then `security set-key-partition-list -S apple-tool:,apple:,codesign: -s` (both ask for its password); in CI put the certificate with its key into a variable and name it in `certificateEnv`',
  }),
  SIGN_KEY_MISMATCH: (a: { variable: string; certificateVariable: string }) => ({
    message: `The private key in ${a.variable} belongs to none of the certificates in ${a.certificateVariable}`,
    details: [RERUN],
    fix: 'put certificate and key of one pair into the variables; `openssl x509 -noout -pubkey` and `openssl pkey -pubout` print the same for a pair',
  }),
  SIGN_CERTIFICATE: (a: { variable: string; subject: string; problems: readonly string[] }) => ({
    message: `The certificate \`${a.subject}\` in ${a.variable} cannot sign programs now`,
    details: [...a.problems, RERUN],
    fix: 'use a certificate for code signing (extended key usage 1.3.6.1.5.5.7.3.3) that is valid today, or correct the clock of this machine',
  }),
  SIGN_CERTIFICATE_KIND: (a: { name: string; kind: string; expected: string; actual: string }) => ({
    message: `\`${a.name}\` (\`${a.kind}\`) cannot be signed with this kind of certificate`,
    details: [`expected one “${a.expected}”`, `actual \`${a.actual}\``, RERUN],
    fix: 'sign packages (`"artifacts": ["pkg"]`) in a target of their own, with the certificate “Developer ID Installer”; all else with “Developer ID Application”',
  }),
  SIGN_NO_PE: (a: { name: string }) => ({
    message: `\`${a.name}\` holds no PE file (\`.exe\`, \`.dll\`, \`.pyd\`) and no installer (\`.msi\`) that Authenticode could sign`,
    details: [RERUN],
    fix: 'let the target depend on the one that packages for Windows, or name its artifacts in `artifacts`',
  }),
  SIGN_PE_BROKEN: (a: { name: string; broken: readonly { path: string; reason: string }[] }) => ({
    message: `\`${a.name}\` holds files that are damaged, or that signing would damage`,
    details: [...a.broken.map(({ path, reason }) => `\`${path}\`: ${reason}`), RERUN],
    fix: 'build or fetch them again, save scripts as UTF-8 without what looks like a signature and is none, or leave them out of the bundle',
  }),
  SIGN_NO_CODE: (a: { name: string }) => ({
    message: `\`${a.name}\` holds no Mach-O file (programs, \`.dylib\`, \`.so\`) that could be signed for macOS`,
    details: [RERUN],
    fix: 'let the target depend on the one that packages for macOS, or name its artifacts in `artifacts`',
  }),
  SIGN_CODE_BROKEN: (a: { name: string; broken: readonly { path: string; reason: string }[] }) => ({
    message: `\`${a.name}\` holds Mach-O files that are damaged and cannot be signed`,
    details: [...a.broken.map(({ path, reason }) => `\`${path}\`: ${reason}`), RERUN],
    fix: 'build or fetch them again, or leave them out of the bundle',
  }),
  SIGN_APP: (a: { name: string; problems: readonly string[] }) => ({
    message: `\`${a.name}\` holds an application bundle that cannot be sealed so that macOS would take it`,
    details: [...a.problems, RERUN],
    fix: 'lay the `.app` out as Apple wants it: its program in `Contents/MacOS` and named in `Contents/Info.plist`, libraries in `Contents/Frameworks`, all else (Python with its modules) below `Contents/Resources`, nothing beside `Contents`',
  }),
  SIGN_APP_MANIFEST: (a: { name: string; problems: readonly string[] }) => ({
    message: `\`${a.name}\` holds an application bundle with a manifest (\`Contents/Resources/share/waybill/manifest.json\`) that does not tell the truth`,
    details: [...a.problems, RERUN],
    fix: 'write the manifest when all else in the `.app` is in its place, with every file and link but itself; or leave it out: the manifest beside the archive lists all of it',
  }),
  SIGN_ENTITLEMENTS: (a: { file: string; reason: string }) => ({
    message: `\`${a.file}\` cannot be taken as entitlements: ${a.reason}`,
    details: [RERUN],
    fix: 'write a property list in XML: `<plist version="1.0"><dict>…</dict></plist>` (`plutil -convert xml1 <file>` converts a binary one)',
  }),
  SIGN_FILE_KIND: (a: { name: string; kind: string }) => ({
    message: `\`${a.name}\` (\`${a.kind}\`) is neither a bundle nor a program or installer for the backend: signing it inside is not built`,
    details: [RERUN],
    fix: 'leave it out of `artifacts`, give a key for a disk image or package (nobody takes one that is signed ad-hoc), or sign it detached with the backend `gpg`, `minisign`, `ssh` or `sigstore`',
  }),
  SIGN_TIMESTAMP: (a: { path: string; urls: readonly string[]; tries: number; said: readonly string[] }) => ({
    message: `No timestamp server gave a timestamp for \`${a.path}\` in ${a.tries} tries; a signature without one ends with its certificate`,
    details: [`asked ${list(a.urls)}`, RERUN, ...a.said],
    fix: 'run the target again later, or name further servers in `timestampUrls`',
  }),
  SIGN_TIMESTAMP_SERVER: (a: { name: string; asked: readonly string[] }) => ({
    message: `\`${a.name}\` cannot get a timestamp from the servers in \`timestampUrls\`: productsign asks Apple’s alone`,
    details: [`asked for ${list(a.asked)}`, RERUN],
    fix: 'take `timestampUrls` out for packages, or name `rcodesign`, which asks any server',
  }),
  SIGN_SECRET_PASSED: (a: { variable: string }) => ({
    message: `\`passEnv\` names ${a.variable}, which holds a secret: other programs would see it`,
    fix: `take ${a.variable} out of \`passEnv\``,
  }),
  SIGN_UNPROVED: (a: { target: string; problems: readonly string[] }) => ({
    message: `\`${a.target}\` is to sign what was not proved to run`,
    details: [...a.problems, RERUN],
    fix: 'let it depend on the smoke target and run that; to sign nevertheless give a reason: `--allowUnproved="<reason>"`',
  }),
  SIGN_REMOTE_CACHE: (a: { target: string; cache: string; from: readonly string[] }) => ({
    message: `\`${a.target}\` is to sign what may have come from a remote cache`,
    details: [
      `Nx takes results of other machines because of ${a.cache}`,
      `expected records that a run in this workspace wrote`,
      `actual from elsewhere: ${list(a.from)}`,
      RERUN,
    ],
    fix: `make them here: \`nx run ${a.target} --skipRemoteCache --skipNxCache\`; to sign nevertheless give a reason: \`--allowRemoteCache="<reason>"\``,
  }),
  SIGN_CHANGED: (a: { name: string; expected: string; actual: string }) => ({
    message: `\`${a.name}\` changed while it was signed`,
    details: [`expected sha256 ${a.expected}`, `actual sha256 ${a.actual}`, RERUN],
    fix: 'run the target again, with nothing else at work in `dist`',
  }),
  SIGN_VERIFY: (a: { name: string; by: string; reason: string }) => ({
    message: `The signature of \`${a.name}\` does not hold for ${a.by}: ${a.reason}`,
    details: [RERUN],
    fix: 'run the target again, with another key (detached signatures: Ed25519 or RSA) or another version of the program that signs; if it happens again, this is a fault of Waybill: report it with `report.json`',
  }),
});
