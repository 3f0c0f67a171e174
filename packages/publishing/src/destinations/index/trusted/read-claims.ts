export type Claims = Readonly<Record<string, unknown>>;

/** What an id token says, unverified: only the index can tell whether it is true. `undefined` for what is no JSON Web Token. */
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

/** What a publisher is compared with: GitHub’s claims, then GitLab’s. */
const SHOWN = [
  'sub',
  'repository',
  'repository_owner',
  'repository_owner_id',
  'job_workflow_ref',
  'workflow_ref',
  'namespace_path',
  'project_path',
  'ci_config_ref_uri',
  'ref',
  'environment',
];

/** Claims for people, a line each. An environment that is not there is said to be missing: it is what is forgotten most often. */
export const claimLines = (claims: Claims): readonly string[] => [
  ...SHOWN.flatMap((name) => (typeof claims[name] === 'string' && claims[name] !== '' ? [`${name}: ${claims[name]}`] : [])),
  ...(typeof claims['environment'] === 'string' && claims['environment'] !== '' ? [] : ['environment: (none)']),
];

/** Whether a job of GitHub comes from a reusable workflow, which indexes take for a workflow of its own, or not at all. */
export function reusableWorkflow({ job_workflow_ref: job, workflow_ref: workflow }: Claims): string | undefined {
  return typeof job === 'string' && typeof workflow === 'string' && job !== workflow ? job : undefined;
}

/** Why a token is of no use, or `undefined`: audience and time alone, which need no key. */
export function faultOf(claims: Claims, audience: string, nowMs: number): string | undefined {
  if (claims['aud'] !== audience) return `its audience is \`${JSON.stringify(claims['aud'])}\`, and the index asks for \`${audience}\``;
  const expires = claims['exp'];
  if (typeof expires !== 'number') return 'it says not how long it holds';
  return expires * 1_000 <= nowMs ? `it expired at ${new Date(expires * 1_000).toISOString()}` : undefined;
}
