/** Anywhere in a name these say that the value is a secret. */
const SECRET_NAME = /(TOKEN|PASSWORD|PASSWD|PASSPHRASE|SECRET|CREDENTIAL|PRIVATE_?KEY|API_?KEY|ACCESS_?KEY)/i;
/** Values of these are no paths, even when they begin like one: base64 may begin with `/`. */
const NEVER_A_PATH = /(PASSWORD|PASSWD|PASSPHRASE|SECRET_?ACCESS_?KEY)$/i;
/** As the last word of a name, or before what says how the value is written: `DEPLOY_KEY`, `GH_PAT`, `NPM_CONFIG__AUTH`, `SIGNING_KEY_BASE64`. */
const LAST_WORD = /(?:^|[_.:-])(?:KEYS?|PAT|AUTH|AUTHORIZATION|PASS|COOKIE|BEARER|JWT|P12|PFX)(?:_(?:B64|BASE64|PEM|DATA|VALUE|\d+))?$/i;
/** Such names say of their values that they are no secrets. */
const HARMLESS_NAME = /(?:(?:PUBLIC|SORT|CACHE|PRIMARY|FOREIGN)_?KEYS?|(?:FILE|PATH|DIR|URL|NAME|HOST|ENABLED|REQUIRED))$/i;
/** Tokens that say themselves what they are, whatever the variable is called. */
const KNOWN_TOKEN = /^(?:gh[oprsu]_|github_pat_|glpat-|npm_|pypi-AgE|xox[abeprs]-|sk-)[\w-]{16,}$/;
/** Shorter values (`1`, `true`, `test`) would blacken half of the output and hide nothing. */
const SHORTEST = 6;
const SHORTEST_WEAK = 8;
const SHORTEST_TOKEN = 20;

/** Values that must not be printed or written: those of variables with telling names, and passwords and tokens in URLs of any variable. */
export function findSecrets(variables: Readonly<Record<string, string | undefined>>): readonly string[] {
  const found = Object.entries(variables).flatMap(([name, value]) =>
    value ? [...(isSecret(name, value) ? [value] : []), ...userinfoIn(value)] : [],
  );
  return [...new Set(found.filter((value) => value.length >= SHORTEST))];
}

function isSecret(name: string, value: string): boolean {
  if (KNOWN_TOKEN.test(value) || NEVER_A_PATH.test(name)) return true;
  if (looksLikePath(value)) return false;
  return SECRET_NAME.test(name) || (LAST_WORD.test(name) && !HARMLESS_NAME.test(name) && value.length >= SHORTEST_WEAK && !isPlainWords(value));
}

/** Variables such as GOOGLE_APPLICATION_CREDENTIALS name a file; its path is no secret, and hiding it hides what went wrong. */
const looksLikePath = (value: string): boolean => /^(\/|\.{1,2}\/|~\/|[A-Za-z]:\\)/.test(value) && !value.includes('\n');

/** `disabled`, `created_at`, `basic`, `key-pair`: settings, which a log must show. */
const isPlainWords = (value: string): boolean => /^[a-z]+(?:[-_ ,.][a-z]+)*$/.test(value);

/** Passwords, and users that are tokens (`https://ghp_…@host`, `https://TOKEN:x-oauth-basic@host`); percent-encoded and as programs decode them. */
function userinfoIn(value: string): readonly string[] {
  return [...value.matchAll(/([a-z][a-z0-9+.-]*):\/\/([^\s:@/?#]*)(?::([^\s@/]*))?@/gi)].flatMap(([, scheme, user = '', password = '']) => {
    const isAlone = password === '' || password === 'x-oauth-basic';
    const isToken = isAlone && /^(?:[a-z]+\+)?https?$/i.test(scheme!) && user.length >= SHORTEST_TOKEN && !isPlainWords(user.toLowerCase());
    const parts = isAlone ? (isToken ? [user] : []) : [password];
    return parts.flatMap((part) => [part, decoded(part)]);
  });
}

/** Malformed escapes stay as they are. */
const decoded = (text: string): string =>
  text.replace(/(?:%[0-9a-f]{2})+/gi, (escapes) => Buffer.from(escapes.replaceAll('%', ''), 'hex').toString('utf8'));
