export type Claims = Readonly<Record<string, unknown>>;

/** What an id token says, unverified: only who is given it can tell whether it is true. `undefined` for what is no JSON Web Token. */
export function readClaims(token: string): Claims | undefined {
  const parts = token.split('.');
  if (parts.length !== 3) return undefined;
  try {
    const claims: unknown = JSON.parse(Buffer.from(parts[1]!, 'base64url').toString('utf8'));
    return typeof claims === 'object' && claims !== null && !Array.isArray(claims) ? (claims as Claims) : undefined;
  } catch (cause) {
    if (cause instanceof SyntaxError) return undefined;
    throw cause;
  }
}

/** Why a token is of no use, or `undefined`: audience and time alone, which need no key. */
export function faultOfClaims(claims: Claims, audience: string, nowMs: number): string | undefined {
  if (claims['aud'] !== audience) return `its audience is \`${JSON.stringify(claims['aud'])}\`, and \`${audience}\` is asked for`;
  const expires = claims['exp'];
  if (typeof expires !== 'number') return 'it says not how long it holds';
  return expires * 1_000 <= nowMs ? `it expired at ${new Date(expires * 1_000).toISOString()}` : undefined;
}
