import { Secret } from '@waybill/core';
import { signRequest } from './sign-request';

/** Examples of AWS's own documentation ("Authenticating Requests: Using the Authorization Header"). */
describe('signRequest', () => {
  const keys = {
    accessKeyId: new Secret('AKIAIOSFODNN7EXAMPLE'),
    secretAccessKey: new Secret('wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY'),
    region: 'us-east-1',
    nowMs: Date.UTC(2013, 4, 24),
  };
  const EMPTY = 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855';
  const at = (path: string): URL => new URL(`https://examplebucket.s3.amazonaws.com${path}`);
  const signatureOf = (...[request]: [Omit<Parameters<typeof signRequest>[0], 'url'> & { path: string }]): string =>
    signRequest({ ...request, url: at(request.path) }, keys)['authorization']!.replace(/^.*Signature=/, '');

  it('signs a GET with a header', () => {
    expect(signatureOf({ method: 'GET', path: '/test.txt', headers: { range: 'bytes=0-9' }, payloadSha256: EMPTY })).toBe(
      'f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41',
    );
  });

  it('signs a PUT with a payload', () => {
    const headers = { date: 'Fri, 24 May 2013 00:00:00 GMT', 'x-amz-storage-class': 'REDUCED_REDUNDANCY' };
    const payloadSha256 = '44ce7dd67c959e0d3524ffac1771dfbba87d2b6b4b4e99e42034a8b803f8b072';
    expect(signatureOf({ method: 'PUT', path: '/test%24file.text', headers, payloadSha256 })).toBe(
      '98ad721746da40c64f1a55b78f14c238d841ea1380cd77a1b5971af0ece108bd',
    );
  });

  it.each([
    ['/?lifecycle', 'fea454ca298b7da1c68078a5d1bdbfbbe0d65c699e0f91ac7a200a0136783543'],
    ['/?max-keys=2&prefix=J', '34b48302e7b5fa45bde8084f4b7868a86f0a534bc59db6670ed5711ef69dc6f7'],
  ])('signs a query: %s', (path, signature) => {
    expect(signatureOf({ method: 'GET', path, headers: {}, payloadSha256: EMPTY })).toBe(signature);
  });

  it('signs and sends a session token', () => {
    const request = { method: 'GET' as const, url: at('/'), headers: {}, payloadSha256: EMPTY };
    const headers = signRequest(request, { ...keys, sessionToken: new Secret('token') });
    expect(headers['x-amz-security-token']).toBe('token');
    expect(headers['authorization']).toContain('SignedHeaders=host;x-amz-content-sha256;x-amz-date;x-amz-security-token,');
  });
});
