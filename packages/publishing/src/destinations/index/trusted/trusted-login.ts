import { createRedactor, WaybillError, type Finding } from '@waybill/core';
import type { IdToken, JobVariables } from '@waybill/signatures';
import { publishingErrors } from '../../../errors/publishing-errors';
import { errorFinding } from '../../error-finding';
import { basicAuthorization, type IndexLogin } from '../index-login';
import { claimLines, reusableWorkflow } from './describe-claims';
import { fetchIdToken } from './fetch-id-token';
import { askAudience, mintToken, type MintedToken, type TokenOffice } from './mint-token';

export interface TrustedConfig extends TokenOffice {
  variables: JobVariables;
  nowMs(): number;
}

const USER = '__token__';
/** An upload must begin while the token holds. */
const MARGIN_MS = 60_000;

/**
 * Trusted publishing: a CI vouches for the job, and the index gives a token for it. An identity is exchanged once; the token is kept in this process
 * alone, and shown nowhere. Exchanging it may make the project (a pending publisher), so that a dry run only looks at the identity.
 */
export function createTrustedLogin(config: TrustedConfig): IndexLogin {
  const secrets: string[] = [];
  let spent: string | undefined;
  let token: MintedToken | undefined;

  const identity = async (): Promise<IdToken> => {
    const audience = await askAudience(config);
    const found = await fetchIdToken({ ...config, audience });
    secrets.push(found.secret.reveal());
    return found;
  };
  const exchange = async (idToken: IdToken): Promise<void> => {
    spent = idToken.variable;
    token = await mintToken(config, idToken, config.nowMs());
    secrets.push(token.secret.reveal());
  };
  const renew = async (): Promise<MintedToken> => {
    if (token === undefined || token.expiresMs - config.nowMs() < MARGIN_MS) {
      if (spent !== undefined) throw publishingErrors.error('PUBLISH_TRUSTED_SPENT', { id: config.id, variable: spent });
      await exchange(await identity());
    }
    return token!;
  };
  return {
    uploading: async () => basicAuthorization(USER, (await renew()).secret),
    check: () => checkIdentity(config, identity, exchange),
    hide: (text) => createRedactor(secrets)(text),
  };
}

/** What keeps a dry run from publishing is no fault of the dry run: jobs of pull requests have no identity. */
async function checkIdentity(
  { id, http }: TrustedConfig,
  identity: () => Promise<IdToken>,
  exchange: (idToken: IdToken) => Promise<void>,
): Promise<readonly Finding[]> {
  try {
    const idToken = await identity();
    if (!http.readOnly) await exchange(idToken);
    return remarksOn(id, idToken);
  } catch (cause) {
    if (!(cause instanceof WaybillError) || !cause.code.startsWith('PUBLISH_')) throw cause;
    return [{ ...errorFinding(cause), path: id, level: http.readOnly ? 'warning' : 'error' }];
  }
}

function remarksOn(id: string, { claims }: IdToken): readonly Finding[] {
  const reusable = reusableWorkflow(claims);
  const who: Finding = { check: 'identity', level: 'info', path: id, message: `this job is ${claimLines(claims).join(', ')}` };
  if (reusable === undefined) return [who];
  const message = `the job stands in a reusable workflow (${reusable}), which indexes support by accident or not at all`;
  return [who, { check: 'identity', level: 'warning', path: id, message, fix: 'let the workflow that was started publish itself' }];
}
