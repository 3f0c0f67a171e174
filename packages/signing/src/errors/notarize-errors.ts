import { defineCatalog } from '@waybill/core';

const NOT_SENT = 'nothing was sent to Apple; running again is safe';
const RESUMES = 'running again is safe: it goes on with this submission, and nothing is sent twice';
const list = (items: readonly string[]): string => (items.length === 0 ? 'none' : items.map((item) => `\`${item}\``).join(', '));
const STORE = '`xcrun notarytool store-credentials <name> --apple-id <address> --team-id <team>` (it asks for the password)';
const KEY_PAGE = 'App Store Connect → Users and Access → Integrations → Team Keys';

/** Codes of notarization. No argument is ever a key or token: variables are told by name. */
export const notarizeErrors = defineCatalog({
  NOTARIZE_NOTHING: (a: { target: string; asked: readonly string[]; there: readonly string[] }) => ({
    message: `\`${a.target}\` finds nothing to notarize`,
    details: [`expected an artifact for macOS of kind or name ${list(a.asked)}`, `actual ${list(a.there)}`],
    fix: 'let it depend on the target that signs for macOS, or name kinds or globs over names in `artifacts`',
  }),
  NOTARIZE_ORDER: (a: { target: string; later: readonly string[] }) => ({
    message: `\`${a.target}\` would change files that stages behind it have worked with already`,
    details: [...a.later, NOT_SENT],
    fix: 'let it depend on the target that signs for macOS alone, and let those others depend on it: notarization comes before the proof of what was signed, and sums',
  }),
  NOTARIZE_CREDENTIAL: (a: { target: string; missing: readonly string[]; appleId: readonly string[] }) => ({
    message: `\`${a.target}\` has no credential for Apple’s notary service`,
    details: [
      ...a.missing,
      ...(a.appleId.length === 0
        ? []
        : [
            `${a.appleId.join(', ')}: notarytool takes the password of an Apple ID from its command line, which others can read, or from the keychain: ${STORE}, once on that Mac, then \`--keychainProfile=<name>\``,
          ]),
      NOT_SENT,
    ],
    fix: `make a key (${KEY_PAGE}), put its text, key ID and issuer ID into APPLE_API_KEY, APPLE_API_KEY_ID and APPLE_API_ISSUER, or name other variables in \`keyEnv\`, \`keyIdEnv\` and \`issuerEnv\`; on a Mac \`keychainProfile\` does too; to go on without notarization give a reason: \`--skip="<reason>"\``,
  }),
  NOTARIZE_TWO_KINDS: (a: { target: string; found: readonly string[] }) => ({
    message: `\`${a.target}\` finds credentials of ${a.found.length} kinds, perhaps of different accounts`,
    details: [...a.found, NOT_SENT],
    fix: 'unset the variables of those that are not meant, or take `keychainProfile` out',
  }),
  NOTARIZE_PROFILE: (a: { profile: string; said: string }) => ({
    message: `notarytool finds no credentials of the name \`${a.profile}\` in the keychain, or may not read them`,
    details: [a.said, NOT_SENT],
    fix: `as the user who runs this: ${STORE}; a keychain that is locked opens with \`security unlock-keychain\``,
  }),
  NOTARIZE_KEY_FORMAT: (a: { variable: string; reason: string }) => ({
    message: `The variable ${a.variable} does not hold what the notary service takes: ${a.reason}`,
    details: [NOT_SENT],
    fix: `put the text or the path of the file \`AuthKey_<key ID>.p8\` into the variable that \`keyEnv\` names, and both IDs as ${KEY_PAGE} shows them into the others`,
  }),
  NOTARIZE_UNAUTHORIZED: (a: { action: string; said: string; profile?: string | undefined }) => ({
    message: `Apple’s notary service does not know who asks, when it was to ${a.action}`,
    details: [a.said, RESUMES],
    fix: `${a.profile === undefined ? '' : `store the credentials under \`${a.profile}\` in the keychain once more, ${STORE}; of an API key, `}check that key, key ID and issuer ID belong together and the key was not revoked (${KEY_PAGE})`,
  }),
  NOTARIZE_CLOCK: (a: { action: string; hereMs: number; thereMs: number }) => ({
    message: `Apple’s notary service refused to ${a.action}: the clock of this machine is wrong`,
    details: [`here ${timeOf(a.hereMs)}`, `there ${timeOf(a.thereMs)}`, RESUMES],
    fix: 'set the clock of this machine, and run the target again',
  }),
  NOTARIZE_FORBIDDEN: (a: { action: string; said: string }) => ({
    message: `Apple’s notary service does not allow this account to ${a.action}`,
    details: [a.said, RESUMES],
    fix: 'do what Apple says above (agreements are signed at App Store Connect → Business, membership is renewed at developer.apple.com), then run the target again',
  }),
  NOTARIZE_REFUSED: (a: { action: string; status: number; said: string }) => ({
    message: `Apple’s notary service refused to ${a.action} (HTTP ${a.status})`,
    details: [a.said, RESUMES],
    fix: 'do what it says; if it is not clear, run the target again with `NX_VERBOSE_LOGGING=true` and report it',
  }),
  NOTARIZE_UNREACHABLE: (a: { action: string; tries: number; said: string }) => ({
    message: `Apple’s notary service gave no answer in ${a.tries} tries to ${a.action}`,
    details: [a.said, RESUMES],
    fix: 'run the target again later; https://developer.apple.com/system-status/ says whether the service is down',
  }),
  NOTARIZE_ANSWER: (a: { action: string; reason: string }) => ({
    message: `Apple’s notary service answered to \`${a.action}\` with something else than documented: ${a.reason}`,
    details: [RESUMES],
    fix: 'run the target again; if it happens again, something between stands in, or the service has changed: report it',
  }),
  NOTARIZE_UPLOAD: (a: { name: string; said: string }) => ({
    message: `The upload of \`${a.name}\` was refused by the bucket of the notary service`,
    details: [a.said, 'running again is safe: what was not uploaded whole is submitted anew'],
    fix: 'run the target again; if it happens again, look at the clock of this machine and at proxies that change what passes',
  }),
  NOTARIZE_STATE: (a: { name: string; id: string; state: string }) => ({
    message: `Apple’s notary service says \`${a.state}\` of \`${a.name}\`, which Waybill does not know and does not take for success`,
    details: [`submission ${a.id}`, RESUMES],
    fix: 'run the target again; if it stays, ask Apple with the number of the submission',
  }),
  NOTARIZE_OTHER_BYTES: (a: { name: string; id: string; expected: string; actual: string }) => ({
    message: `Apple’s notary service has judged other bytes than those of \`${a.name}\``,
    details: [`submission ${a.id}`, `expected sha256 ${a.expected}`, `actual sha256 ${a.actual}`],
    fix: 'run the target again: the bytes are submitted anew; if it happens again, something changes what passes between here and Apple',
  }),
  NOTARIZE_JOURNAL: (a: { path: string; reason: string }) => ({
    message: `The note of earlier submissions \`${a.path}\` cannot be read: ${a.reason}`,
    details: [NOT_SENT],
    fix: `remove it: what was submitted is then looked up at Apple`,
  }),
});

const timeOf = (ms: unknown): string => (typeof ms === 'number' ? new Date(ms).toISOString() : String(ms));
