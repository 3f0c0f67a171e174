import type { HttpRequest, HttpResponse } from '@waybill/core';
import { authorize, isFresh, type Pass } from './authorize';
import type { OciRepository } from './oci-config';

/** Requests to one repository, with what its registry asks for. */
export interface OciClient {
  repository: OciRepository;
  /** `path` is below the repository (`/manifests/…`), or an address that the registry gave. */
  send(request: Omit<HttpRequest, 'url'> & { path: string }): Promise<HttpResponse>;
  pass(): Promise<Pass>;
}

export function ociClient(repository: OciRepository): OciClient {
  let pass: Promise<Pass> | undefined;
  const current = async (): Promise<Pass> => {
    const held = await pass?.catch(() => undefined);
    if (held === undefined || !isFresh(held, repository.nowMs())) pass = authorize(repository);
    return pass!;
  };
  return {
    repository,
    pass: current,
    async send({ path, headers, ...request }) {
      const url = path.startsWith('/') ? `${repository.url}${path}` : path;
      const { authorization } = await current();
      // an upload may be sent elsewhere: whoever is there does not get the credentials
      const own = new URL(url).origin === new URL(repository.origin).origin;
      return repository.http.request({ ...request, url, headers: { ...headers, ...(own && authorization !== undefined && { authorization }) } });
    },
  };
}
