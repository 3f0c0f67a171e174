/** Tells of an option what it has to be instead. */
type Refuse = (path: string, message: string) => void;

interface ToolRules {
  keyEnv?: string | undefined;
  certificateEnv?: string | undefined;
  passwordEnv?: string | undefined;
  identityEnv?: string | undefined;
  identityStore?: string | undefined;
  keystore?: unknown;
  osslsigncode?: string | undefined;
  jsign?: string | undefined;
  signtool?: string | undefined;
}

/** One place for the key, and the program that can use it there. */
export function refuseTools(options: ToolRules, refuse: Refuse): void {
  const { keyEnv, certificateEnv, passwordEnv, identityEnv, identityStore, keystore, osslsigncode, jsign, signtool } = options;
  if (keystore && keyEnv !== undefined) refuse('keyEnv', 'nothing: the key is in `keystore`');
  if (keystore && osslsigncode !== undefined) refuse('osslsigncode', 'nothing: jsign signs with the key in `keystore`');
  if (keystore && signtool !== undefined) refuse('signtool', 'nothing: jsign signs with the key in `keystore`');
  if (keystore && identityEnv !== undefined) refuse('identityEnv', 'nothing: the key is in `keystore`');
  if (!keystore && jsign !== undefined) refuse('jsign', 'nothing: it is for a `keystore`');
  if (identityStore !== undefined && identityEnv === undefined)
    refuse('identityEnv', 'the variable with the thumbprint of the certificate in that store');
  if (identityEnv !== undefined)
    for (const [name, value] of Object.entries({ keyEnv, certificateEnv, passwordEnv, osslsigncode }))
      if (value !== undefined) refuse(name, 'nothing: `identityEnv` says which certificate of this machine signs');
  if (signtool === undefined || keystore || identityEnv !== undefined) return;
  if (osslsigncode !== undefined) refuse('osslsigncode', 'nothing: `signtool` names the program that signs');
  if (passwordEnv !== undefined)
    refuse(
      'passwordEnv',
      'nothing: signtool takes a password from its command line alone, where others can read it; import the certificate and name it by `identityEnv`',
    );
  if (keyEnv !== undefined) refuse('keyEnv', 'nothing: signtool takes PKCS#12 files alone, with the key inside');
}

interface AppleRules {
  backend?: string | undefined;
  entitlements: readonly unknown[];
  hardenedRuntime: boolean;
  libraryValidation: boolean;
  libraryValidationReason?: string | undefined;
  adHoc: boolean;
  codesign?: string | undefined;
  rcodesign?: string | undefined;
  identityEnv?: string | undefined;
  certificateEnv?: string | undefined;
  keyEnv?: string | undefined;
}

/** What only `apple` knows, and what of it does not go together. */
export function refuseApple(options: AppleRules, refuse: Refuse): void {
  const { backend, entitlements, hardenedRuntime, libraryValidation, libraryValidationReason, adHoc, codesign, rcodesign, identityEnv } = options;
  const { certificateEnv, keyEnv } = options;
  const given = {
    entitlements: entitlements.length > 0,
    hardenedRuntime: !hardenedRuntime,
    libraryValidation: !libraryValidation,
    adHoc,
    codesign: codesign !== undefined,
    rcodesign: rcodesign !== undefined,
  };
  const alien = backend === 'apple' ? [] : Object.entries(given).flatMap(([name, set]) => (set ? [name] : []));
  for (const name of alien) refuse(name, 'nothing: it is for the backend `apple` only');
  if (!libraryValidation && libraryValidationReason === undefined) refuse('libraryValidationReason', 'why programs may load libraries of anybody');
  if (libraryValidation && libraryValidationReason !== undefined) refuse('libraryValidation', '`false`: there is a reason for it');
  if (codesign !== undefined && rcodesign !== undefined) refuse('rcodesign', 'nothing: `codesign` names the program that signs');
  if (identityEnv !== undefined && rcodesign !== undefined) refuse('rcodesign', 'nothing: the keychains of a Mac are read by codesign alone');
  if (adHoc && (certificateEnv ?? keyEnv ?? identityEnv) !== undefined) refuse('adHoc', 'nothing: there is a key to sign with');
}
