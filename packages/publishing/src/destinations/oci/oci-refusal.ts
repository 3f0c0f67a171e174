import type { HttpResponse, WaybillError } from '@waybill/core';
import { publishingErrors } from '../../errors/publishing-errors';
import type { OciRepository } from './oci-config';

/** Codes and sentences of an answer (specification, "Error Codes"), or its status. */
export async function ociSaid(response: HttpResponse): Promise<string> {
  const text = await response.text();
  const entries = [...text.matchAll(/"code"\s*:\s*"([A-Z_]+)"(?:\s*,\s*"message"\s*:\s*"((?:[^"\\]|\\.)*)")?/g)];
  return entries.length === 0 ? `HTTP ${response.status}` : entries.map(([, code, message]) => (message ? `${code}: ${message}` : code)).join('; ');
}

/** What a registry refuses, as an error with its fix. `action` is an infinitive. */
export async function ociRefusal({ id, repository, credentials }: OciRepository, response: HttpResponse, action: string): Promise<WaybillError> {
  const said = await ociSaid(response);
  if (response.status === 401 && credentials === undefined) return publishingErrors.error('PUBLISH_OCI_CREDENTIALS', { id, given: false, said });
  const denied = response.status === 401 || response.status === 403 || /NAME_UNKNOWN|DENIED|UNAUTHORIZED/.test(said);
  if (denied) return publishingErrors.error('PUBLISH_OCI_RIGHTS', { id, repository, action, said });
  return publishingErrors.error('PUBLISH_OCI_REFUSED', { id, action, said });
}

/** Answers that leave open whether a write was done. */
export const leavesOpen = (status: number): boolean => status >= 500 || status === 429 || status === 408;
