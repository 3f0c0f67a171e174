import { findIdToken, type IdToken, type IdTokenFault, type IdTokenRequest } from '@waybill/signatures';
import { publishingErrors } from '../../../errors/publishing-errors';

/**
 * The identity of this job, for one audience, unverified. `PUBLISH_TRUSTED_NOWHERE`, `…_PERMISSION`, `…_VARIABLE` where there is none,
 * `…_ID_TOKEN` where it cannot be of use.
 */
export async function fetchIdToken({ id, ...request }: IdTokenRequest & { id: string }): Promise<IdToken> {
  const found = await findIdToken(request);
  if (found.ok) return found.token;
  throw refusalOf(id, request.audience, found.fault);
}

function refusalOf(id: string, audience: string, fault: IdTokenFault): Error {
  switch (fault.kind) {
    case 'variable':
      return publishingErrors.error('PUBLISH_TRUSTED_VARIABLE', { id, variable: fault.variable, audience });
    case 'unusable':
      return publishingErrors.error('PUBLISH_TRUSTED_ID_TOKEN', { id, reason: fault.reason, said: [] });
    default:
      return publishingErrors.error(fault.kind === 'permission' ? 'PUBLISH_TRUSTED_PERMISSION' : 'PUBLISH_TRUSTED_NOWHERE', { id });
  }
}
