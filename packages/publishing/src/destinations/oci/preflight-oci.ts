import type { Finding } from '@waybill/core';
import { publishingErrors } from '../../errors/publishing-errors';
import { errorFinding } from '../error-finding';
import { isRefusal, mayNotPush } from './authorize';
import type { OciClient } from './oci-client';
import { listTags } from './read-tag';

/** Credentials, by asking for a token and reading; the right to push where the token says something of it. */
export async function preflightOci(client: OciClient): Promise<readonly Finding[]> {
  const { id, repository, path, http } = client.repository;
  try {
    const pass = await client.pass();
    await listTags(client);
    if (http.readOnly || !mayNotPush(pass, path)) return [];
    const refusal = { id, repository, action: `push to \`${repository}\``, said: 'the token that the registry gave does not allow it' };
    return [errorFinding(publishingErrors.error('PUBLISH_OCI_RIGHTS', refusal))];
  } catch (error) {
    if (isRefusal(error)) return [errorFinding(error)];
    throw error;
  }
}
