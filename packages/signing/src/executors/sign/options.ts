import { commonOptions, proofPolicy } from '@waybill/plugin-kit';
import { z } from 'zod';
import { STORE_TYPES } from '../../authenticode/signers/jsign';
import { BACKENDS } from '../../backends';
import { keylessOptions } from './keyless-options';
import { refuseApple, refuseTools } from './refuse-options';

const variable = z.string().regex(/^[A-Za-z_][A-Za-z0-9_]*$/, 'the name of an environment variable');
const reason = (what: string): z.ZodOptional<z.ZodString> => z.string().trim().min(1, 'a reason is a text').optional().describe(what);

export const signOptions = z
  .strictObject({
    ...commonOptions,
    artifacts: z
      .array(z.string().min(1))
      .min(1)
      .optional()
      .describe(
        'What to sign, of what ships: kinds or globs over names. By default archives, disk images, packages and installers; for `sign-checksums` the sums. Example: `["bundle-archive", "*.whl"]`',
      ),
    backend: z
      .enum([...BACKENDS, 'authenticode', 'apple'])
      .optional()
      .describe(
        'How to sign: `gpg` (OpenPGP, `.asc`), `minisign` (`.minisig`), `ssh` (`.sig`), `sigstore` with a key of one’s own or by the identity of the job (`.sigstore.json`), `authenticode`: every PE file and every script of PowerShell (`.ps1`, `.psm1`, `.psd1`) inside of bundles for Windows, by osslsigncode (with a `keystore` by jsign, with `identityEnv` by signtool), or `apple`: every Mach-O file inside of bundles for macOS, each `.app` with its seal, and disk images and packages that `artifacts` names, on a Mac by Apple’s codesign and productsign, elsewhere by rcodesign, which runs anywhere',
      ),
    certificateEnv: variable
      .optional()
      .describe(
        '`authenticode`, `apple`: name of the environment variable that holds the certificate: a PKCS#12 file in base64, or PEM (with the key, or the key in `keyEnv`), or the path of such a file, absolute or relative to the workspace; for `apple` MACOS_CERT_P12, with MACOS_CERT_PASSWORD, unless another is named. Example: `WINDOWS_CERTIFICATE`',
      ),
    keyEnv: variable
      .optional()
      .describe(
        'Name of the environment variable that holds the secret key itself, not a path; for `authenticode` and `apple` a key in PEM, or the path of its file. Example: `RELEASE_KEY`',
      ),
    identityEnv: variable
      .optional()
      .describe(
        'Name of the environment variable that names a certificate which this machine keeps with its key, perhaps in a token. `authenticode`, on Windows: its thumbprint (SHA-1, 40 digits) in the store `My` of the user who signs, or of the machine (`identityStore`); signtool signs with it. `apple`, on a Mac: its SHA-1 or name in the keychains of the user who signs; codesign signs with it. For `apple` SIGN_ID or CSC_NAME, on a Mac where MACOS_CERT_P12 is not set. Example: `WINDOWS_CERTIFICATE_SHA1`',
      ),
    identityStore: z
      .enum(['user', 'machine'])
      .optional()
      .describe(
        '`authenticode` with `identityEnv`: whose store `My` holds the certificate, that of the user who signs (`user`, by default) or that of the machine (`machine`, `Cert:\\LocalMachine\\My`), whose keys a service of CI may be allowed to use',
      ),
    keyless: keylessOptions,
    keystore: z
      .strictObject({
        type: z.enum(STORE_TYPES).describe('Kind of store, as jsign names it. Example: `AZUREKEYVAULT`'),
        name: z
          .string()
          .min(1)
          .regex(/^[^-]/, 'a name that does not begin with `-`')
          .describe(
            'Which one: name of the vault or the token, region, address; for PKCS11 (configuration of Java’s SunPKCS11), PKCS12 and JKS a file, relative to the workspace. Example: `release-vault`',
          ),
        alias: z
          .string()
          .min(1)
          .regex(/^[^-]/, 'a name that does not begin with `-`')
          .optional()
          .describe('Which key in it, where there may be several. Example: `code-signing`'),
      })
      .optional()
      .describe(
        '`authenticode`: sign by jsign, with a key that stays in a token, a card, an HSM or with a service. `passwordEnv` names the variable with PIN, password or credentials, in jsign’s form; `certificateEnv` one with the certificates in PEM, for stores that hold keys alone',
      ),
    passwordEnv: variable
      .optional()
      .describe(
        'Name of the environment variable that holds the key’s password (`gpg`, `minisign`, `sigstore`, `authenticode`, `apple`). Example: `RELEASE_KEY_PASSWORD`',
      ),
    fingerprint: z
      .string()
      .min(8)
      .optional()
      .describe(
        'The key that is expected: OpenPGP fingerprint (40 digits), public key of minisign (`RW…`), SSH fingerprint (`SHA256:…`), sigstore SHA-256 of the public key in DER, `authenticode` and `apple` SHA-256 of the certificate',
      ),
    timestampUrls: z
      .array(z.url({ protocol: /^https?$/, error: 'an address that begins with `http://` or `https://`' }))
      .min(1)
      .optional()
      .describe(
        '`authenticode`, `apple`: timestamp servers (RFC 3161), tried in this order for each file; needed for `authenticode`, because a signature without timestamp ends with its certificate; for `apple` Apple’s own by default. Example: `["http://timestamp.digicert.com"]`',
      ),
    replace: z
      .array(
        z.strictObject({
          glob: z.string().min(1).describe('Glob over paths in the bundle (`*`, `**`, `?`, `{a,b}`). Example: `python/vendor/foo/**`'),
          reason: z.string().trim().min(1, 'an entry of `replace` needs a reason').describe('Why it is replaced; it stands in the record'),
        }),
      )
      .default([])
      .describe('`authenticode`: signatures of other makers that hold and are replaced all the same; without an entry they are kept'),
    jsign: z
      .string()
      .min(1)
      .optional()
      .describe('`authenticode` with `keystore`: the program jsign, by name or path, instead of WAYBILL_JSIGN or the one on PATH'),
    osslsigncode: z
      .string()
      .min(1)
      .optional()
      .describe('`authenticode`: the program osslsigncode, by name or path, instead of WAYBILL_OSSLSIGNCODE or the one on PATH'),
    signtool: z
      .string()
      .min(1)
      .optional()
      .describe(
        '`authenticode`, on Windows: the program signtool, by name or path, instead of WAYBILL_SIGNTOOL or the one on PATH. It signs with `identityEnv`, and, when it is named, with a PKCS#12 file in `certificateEnv` that has no password',
      ),
    entitlements: z
      .array(
        z.strictObject({
          glob: z
            .string()
            .min(1)
            .describe('Glob over paths of programs in the bundle; the first entry that fits counts. Example: `python/runtime/bin/*`'),
          file: z.string().min(1).describe('Property list in XML, relative to the workspace. Example: `apps/app/python.entitlements`'),
        }),
      )
      .default([])
      .describe('`apple`: entitlements of single programs; without an entry a program has none'),
    hardenedRuntime: z
      .boolean()
      .default(true)
      .describe('`apple`: ask for the hardened runtime for every program; without it Apple does not notarize'),
    libraryValidation: z
      .boolean()
      .default(true)
      .describe('`apple`: programs load libraries of the same team and of Apple only. All that lies in the bundle is: it was signed with them'),
    libraryValidationReason: reason('`apple`: why `libraryValidation` is off; it stands in the record'),
    adHoc: z
      .boolean()
      .default(false)
      .describe(
        '`apple`: sign without a key, so that the code runs on Apple silicon at all; nobody stands behind it, and all later stages show it as unsigned',
      ),
    codesign: z
      .string()
      .min(1)
      .optional()
      .describe(
        '`apple`: the program codesign, by name or path, instead of WAYBILL_CODESIGN or the one on PATH. A key in variables lies in a keychain of its own while it signs',
      ),
    rcodesign: z
      .string()
      .min(1)
      .optional()
      .describe(
        '`apple`: the program rcodesign, by name or path, instead of WAYBILL_RCODESIGN or the one on PATH; on a Mac too, where codesign signs otherwise',
      ),
    proof: proofPolicy.prefault({}).describe('What the proof of an application must have been, for it to be signed'),
    allowUnsigned: reason('Go on without a signature when there is no key, for this reason; it stands in the record. Example: `"no key yet"`'),
    allowUnproved: reason('Sign bundles whose proof is missing, red or too weak, for this reason; it stands in the record'),
    allowRemoteCache: reason('Sign what may have come from a remote cache, for this reason; it stands in the record'),
  })
  .superRefine((options, context) => {
    const { backend, keyEnv, certificateEnv, passwordEnv, timestampUrls, replace, osslsigncode, keystore, identityEnv, keyless, fingerprint } =
      options;
    const refuse = (path: string, message: string): void => context.addIssue({ code: 'custom', path: [path], message });
    if (keyEnv !== undefined && backend === undefined) refuse('backend', 'the kind of key that `keyEnv` holds');
    if (keyless && backend !== 'sigstore') refuse('keyless', 'nothing: it is for the backend `sigstore` only');
    const instead = keyless ? { keyEnv, passwordEnv, identityEnv, fingerprint } : {};
    for (const [name, value] of Object.entries(instead)) if (value !== undefined) refuse(name, 'nothing: `keyless` names who signs');
    if (backend === 'ssh' && passwordEnv !== undefined) refuse('passwordEnv', 'nothing: keys of `ssh` are taken without a passphrase only');
    const key = [keyEnv, certificateEnv];
    if (passwordEnv !== undefined && key.includes(passwordEnv)) refuse('passwordEnv', 'another variable than that of the key');
    if (certificateEnv !== undefined && certificateEnv === keyEnv) refuse('keyEnv', 'nothing: `certificateEnv` names the same variable');
    refuseApple(options, refuse);
    const named = (keystore ?? identityEnv) !== undefined || key.some((name) => name !== undefined);
    refuseTools(options, refuse);
    if (backend === 'authenticode' && timestampUrls === undefined && named) refuse('timestampUrls', 'at least one timestamp server');
    const rules = replace.length > 0 ? replace : undefined;
    const onlyAuthenticode =
      backend === 'authenticode' ? {} : { osslsigncode, signtool: options.signtool, keystore, replace: rules, identityStore: options.identityStore };
    const onlyInside = backend === 'authenticode' || backend === 'apple' ? {} : { certificateEnv, identityEnv, timestampUrls };
    for (const [name, value] of Object.entries(onlyAuthenticode))
      if (value !== undefined) refuse(name, 'nothing: it is for the backend `authenticode` only');
    for (const [name, value] of Object.entries(onlyInside))
      if (value !== undefined) refuse(name, 'nothing: it is for the backends `authenticode` and `apple` only');
  });

export type SignOptions = z.output<typeof signOptions>;
