import type { HttpRequest, HttpResponse } from '@waybill/core';
import { answerChallenge, authorize, isFresh, type Pass } from './authorize';
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
  const sendOnce = (request: HttpRequest, { authorization }: Pass): Promise<HttpResponse> => {
    // an upload may be sent elsewhere: whoever is there does not get the credentials
    const headers = { ...request.headers, ...(isOwn(repository, request) && authorization !== undefined && { authorization }) };
    return repository.http.request({ ...request, headers });
  };
  return {
    repository,
    pass: current,
    async send({ path, ...rest }) {
      const request = { ...rest, url: path.startsWith('/') ? `${repository.url}${path}` : path };
      const held = await current();
      const response = await sendOnce(request, held);
      if (response.status !== 401 || response.headers['www-authenticate'] === undefined || !isOwn(repository, request)) return response;
      // some ask for nothing at their door and for credentials at a push; or a token ended before its time. What is answered 401 was not done
      const given = await answerChallenge(repository, response);
      if (given === undefined || given.authorization === held.authorization) return response;
      pass = Promise.resolve(given);
      return sendOnce(request, given);
    },
  };
}

const isOwn = ({ origin }: OciRepository, { url }: HttpRequest): boolean => new URL(url).origin === new URL(origin).origin;
