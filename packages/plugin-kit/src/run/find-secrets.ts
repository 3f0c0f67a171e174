const SECRET_NAME = /(TOKEN|PASSWORD|PASSWD|PASSPHRASE|SECRET|CREDENTIAL|PRIVATE_?KEY|API_?KEY|ACCESS_?KEY)/i;
/** Shorter values (`1`, `true`, `test`) would blacken half of the output and hide nothing. */
const SHORTEST = 6;

/** Values that must not be printed or written: those of variables with telling names, and passwords in URLs of any variable. */
export function findSecrets(variables: Readonly<Record<string, string | undefined>>): readonly string[] {
  const found = Object.entries(variables).flatMap(([name, value]) => {
    if (!value) return [];
    return [...(SECRET_NAME.test(name) && !looksLikePath(value) ? [value] : []), ...passwordsIn(value)];
  });
  return [...new Set(found.filter((value) => value.length >= SHORTEST))];
}

/** Variables such as GOOGLE_APPLICATION_CREDENTIALS name a file; its path is no secret, and hiding it hides what went wrong. */
const looksLikePath = (value: string): boolean => /^(\/|\.{1,2}\/|[A-Za-z]:\\)/.test(value) && !value.includes('\n');

function passwordsIn(value: string): readonly string[] {
  return [...value.matchAll(/[a-z][a-z0-9+.-]*:\/\/[^\s:@/]*:([^\s@/]+)@/gi)].map((match) => match[1]!);
}
