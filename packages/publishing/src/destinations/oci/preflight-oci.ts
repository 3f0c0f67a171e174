import type { Finding } from '@waybill/core';
import type { Release } from '../../destination';
import { publishingErrors } from '../../errors/publishing-errors';
import { errorFinding, findingsOf } from '../error-finding';
import { isRefusal, mayNotPush } from './authorize';
import { judgeLatest } from './move-latest-tag';
import type { OciClient } from './oci-client';
import { listTags } from './read-tag';

/** Credentials, by asking for a token and reading; the right to push where the token says something of it; what `latest` names. */
export async function preflightOci(client: OciClient, release: Release): Promise<readonly Finding[]> {
  const { id, repository, path, http } = client.repository;
  try {
    const pass = await client.pass();
    await listTags(client);
    const latest = await findingsOf(() => judgeLatest(client, release));
    if (http.readOnly || !mayNotPush(pass, path)) return latest;
    const refusal = { id, repository, action: `push to \`${repository}\``, said: 'the token that the registry gave does not allow it' };
    return [errorFinding(publishingErrors.error('PUBLISH_OCI_RIGHTS', refusal)), ...latest];
  } catch (error) {
    if (isRefusal(error)) return [errorFinding(error)];
    throw error;
  }
}
