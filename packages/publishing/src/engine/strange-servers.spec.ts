import { Secret, WaybillError, type HttpClient, type HttpRequest } from '@waybill/core';
import type { Destination } from '../destination';
import { createGithubReleaseDestination } from '../destinations/github-release/create-github-destination';
import { createIndexDestination } from '../destinations/index/index-destination';
import { createOciDestination } from '../destinations/oci/create-oci-destination';
import { createS3Destination } from '../destinations/s3/create-s3-destination';
import { memoryLedgers } from '../testing/memory-ledgers';
import { publishFile, RELEASE } from '../testing/release-files';
import { publishRelease } from './publish-release';

const secret = new Secret('geheim');
const DESTINATIONS: Readonly<Record<string, (http: HttpClient) => Destination>> = {
  bucket: (http) =>
    createS3Destination({ id: 'there', http, bucket: 'releases', endpoint: 'http://localhost:1', accessKeyId: secret, secretAccessKey: secret }),
  release: (http) => createGithubReleaseDestination({ id: 'there', http, repository: 'team/pychat', token: secret, apiUrl: 'http://localhost:1' }),
  registry: (http) => createOciDestination({ id: 'there', http, repository: 'localhost:1/team/pychat' }),
  index: (http) =>
    createIndexDestination({
      ...{ id: 'there', uploadUrl: 'http://localhost:1/', simpleUrl: 'http://localhost:1/simple/', projects: ['pychat'], http },
      ...{ metadataOf: async () => 'Metadata-Version: 2.4\nName: pychat\nVersion: 1.2.0\n', nowMs: Date.now },
    }),
};

/** How it is told. */
const CODES: Readonly<Record<string, readonly string[]>> = {
  bucket: ['PUBLISH_S3_ANSWER'],
  release: ['PUBLISH_GITHUB_ANSWER'],
  registry: ['PUBLISH_OCI_ANSWER'],
  index: ['PUBLISH_INDEX_PAGE', 'PUBLISH_INDEX_SIMPLE'],
};

/** What stands there instead: the page of a console, of a proxy that asks for a login, something that answers everything alike. */
const ANSWERS: Readonly<Record<string, string>> = {
  'a page': '<!DOCTYPE html><html><head><title>Sign in</title></head><body><form><input name="user"></form></body></html>',
  nothing: '',
  'an empty object': '{}',
  'a word': '"ok"',
  'a list': '[]',
};

const CASES = Object.keys(DESTINATIONS).flatMap((place) => Object.keys(ANSWERS).map((answer) => [place, answer] as const));

it.each(CASES)('%s: a server that answers everything with %s is refused before anything is sent, and its address is named', async (place, which) => {
  const requests: HttpRequest[] = [];
  const bytes = Buffer.from(ANSWERS[which]!);
  const http: HttpClient = {
    readOnly: false,
    async request(request) {
      requests.push(request);
      const headers = { 'content-type': which === 'a page' ? 'text/html' : 'application/json', 'content-length': String(bytes.length) };
      return {
        ...{ status: 200, headers, bytes: async () => bytes, text: async () => bytes.toString() },
        async *stream() {
          yield bytes;
        },
      };
    },
  };
  const files = [publishFile('pychat-1.2.0-py3-none-any.whl', 'wheel', { kind: 'wheel' })];
  const request = { release: RELEASE, destinations: [DESTINATIONS[place]!(http)], skipped: [], files, body: '', tool: '0.1.0', resume: true };
  const end = await publishRelease(
    { ...request, waitMs: 0, requestTimeoutMs: 1_000 },
    { ledgers: memoryLedgers(), nowMs: Date.now, sleep: async () => undefined, line: () => undefined },
  ).catch((cause: unknown) => cause);
  expect(end).toBeInstanceOf(WaybillError);
  const { code, message, details, fix } = end as WaybillError;
  const found = code === 'PUBLISH_PREFLIGHT' ? /PUBLISH_\w+/.exec([message, ...details].join())![0] : code;
  expect(CODES[place]).toContain(found);
  expect([message, ...details, fix].join('\n')).toMatch(/correct `(endpoint|apiUrl|repository|simple)`/);
  expect(requests.filter(({ method }) => method !== 'GET' && method !== 'HEAD')).toEqual([]);
});
