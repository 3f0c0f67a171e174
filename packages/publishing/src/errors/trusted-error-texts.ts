/** By the code of the index: what has to be done (Warehouse `oidc/views.py`). */
const REFUSAL_FIXES: Readonly<Record<string, string>> = {
  'invalid-publisher':
    'enter a trusted publisher at the index with these very values (names of owner, repository, workflow file and environment), or run the job that is entered there; a reusable workflow counts as its own file',
  'invalid-reuse-token': 'start the job again: each id token of a job works once',
  'invalid-token': 'the id token is of another audience or issuer, or has expired: start the job again, and check the clock and `aud` of the token',
  'invalid-pending-publisher': 'somebody else made the project first: publish under another name, or have a publisher entered at that project',
  'not-enabled': 'wait until the index offers it again, or use a token: `"auth": "token"`',
};

/** Trusted publishing: the identity of a CI job instead of a token that is kept. */
export const trustedErrorTexts = {
  PUBLISH_TRUSTED_NOWHERE: (a: { id: string }) => ({
    message: `\`${a.id}\` has \`auth: trusted\`, and no CI vouches for this run: it is neither a job of GitHub Actions nor one of GitLab`,
    fix: 'publish from the workflow that is entered at the index; here, leave it out with `--skip`, or give it a token: `"auth": "token"`',
  }),
  PUBLISH_TRUSTED_PERMISSION: (a: { id: string }) => ({
    message: `\`${a.id}\` needs an id token, and this job may not ask for one`,
    fix: 'give the job (not the whole workflow) the permission `id-token: write`; jobs of pull requests from forks never get it',
  }),
  PUBLISH_TRUSTED_VARIABLE: (a: { id: string; variable: string; audience: string }) => ({
    message: `\`${a.id}\` needs an id token, and this job has none in ${a.variable}`,
    fix: `add to the job: \`id_tokens: { ${a.variable}: { aud: ${a.audience} } }\``,
  }),
  PUBLISH_TRUSTED_ID_TOKEN: (a: { id: string; reason: string; said: readonly string[] }) => ({
    message: `The id token of this job cannot be used for \`${a.id}\`: ${a.reason}`,
    details: a.said,
    fix: 'start the job again; if it stays so, check `aud` of the token, the permission `id-token: write` of the job, and the clock of its machine',
  }),
  PUBLISH_TRUSTED_UNSUPPORTED: (a: { id: string; status: number; said: readonly string[] }) => ({
    message: `\`${a.id}\` offers no trusted publishing (HTTP ${a.status})`,
    details: a.said,
    fix: 'give it a token: `"auth": "token"`; if it does offer it, `repository` is not its address',
  }),
  PUBLISH_TRUSTED_REFUSED: (a: { id: string; status: number; said: readonly string[]; claims: readonly string[]; code: string }) => ({
    message: `\`${a.id}\` does not take the identity of this job (HTTP ${a.status})`,
    details: [...a.said, ...a.claims],
    fix: REFUSAL_FIXES[a.code] ?? 'mend what the index says, and start the job again',
  }),
  PUBLISH_TRUSTED_SPENT: (a: { id: string; variable: string }) => ({
    message: `The token that \`${a.id}\` gave for this job has expired, and ${a.variable} works once`,
    fix: 'start the job again: what is there already is not sent again',
  }),
};
