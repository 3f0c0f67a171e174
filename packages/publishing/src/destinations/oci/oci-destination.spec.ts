import { jsonOf, Secret, type HttpClient, type HttpRequest, type HttpResponse } from '@waybill/core';
import { skipUnless } from '@waybill/core/testing';
import type { Destination, PublishFile } from '../../destination';
import { PROGRESS, publishFile, RELEASE, releaseOf, sha256Of, testClient } from '../../testing/release-files';
import { hasRegistry, NO_REGISTRY, startFaultProxy, startRegistry, type Fault, type FaultProxy, type Registry } from '../../testing/stand-ins';
import { attachSignatures } from './attach-signatures';
import { createOciDestination } from './create-oci-destination';
import { ociClient } from './oci-client';
import { ociRepository, type OciConfig } from './oci-config';
import { INDEX_TYPE, MANIFEST_TYPE } from './render-manifest';

interface Manifest {
  subject?: { digest: string };
}
const test = skipUnless(hasRegistry, NO_REGISTRY);
const credentials = { username: 'user', password: new Secret('geheim') };

describe('createOciDestination with the real registry', () => {
  let registry: Registry | undefined;
  let proxy: FaultProxy | undefined;
  const start = async (options: object = {}): Promise<Registry> => (registry = await startRegistry(options));
  afterEach(async () => {
    await proxy?.stop();
    await registry?.stop();
    [proxy, registry] = [undefined, undefined];
  });

  const destination = (config: Partial<OciConfig> = {}): Destination =>
    createOciDestination({ id: 'oci', http: testClient(), repository: `${registry!.host}/team/pychat`, ...config });
  /** A client that something stands before. */
  const wrapped = (around: (request: HttpRequest, send: () => Promise<HttpResponse>) => Promise<HttpResponse>): HttpClient => ({
    readOnly: false,
    request: (request) => around(request, () => testClient().request(request)),
  });
  const archive = publishFile('pychat-1.2.0-linux-x86_64.tar.gz', 'archive'.repeat(1_000));
  const sums = publishFile('pychat-1.2.0-SHA256SUMS', 'sums', { kind: 'checksums' });
  const signature = publishFile('pychat-1.2.0-SHA256SUMS.minisig', 'signature', { kind: 'signature' });
  const files = [archive, sums, signature];
  const publish = async (version: string, target = destination(), sent: readonly PublishFile[] = files): Promise<readonly string[]> => {
    const release = releaseOf(version);
    for (const file of sent) await target.upload(release, file, PROGRESS);
    expect((await target.inspect(release, sent)).map(({ state }) => state)).toEqual(sent.map(() => 'same'));
    expect((await target.list(release))!.map(({ name }) => name).sort()).toEqual(sent.map(({ name }) => name).sort());
    return target.finalise(release, sent, '');
  };
  const get = async (path: string): Promise<{ status: number; json: Record<string, unknown> }> => {
    const accept = `${MANIFEST_TYPE}, application/vnd.oci.image.index.v1+json`;
    const response = await testClient().request({ method: 'GET', url: `${registry!.url}/v2/team/pychat${path}`, headers: { accept } });
    return { status: response.status, json: JSON.parse(await response.text()) };
  };

  test('puts a release there whole, finds it the same, and does nothing the second time', async () => {
    await start();
    const target = destination();
    expect((await target.inspect(RELEASE, files)).map(({ state }) => state)).toEqual(['absent', 'absent', 'absent']);
    expect(await target.list(RELEASE)).toEqual([]);
    const lines = await publish('1.2.0', target);
    expect(lines).toEqual([expect.stringMatching(/pychat:1\.2\.0` is sha256:/), 'the signatures point at it', '`latest` is 1.2.0']);
    const { json } = await get('/manifests/1.2.0');
    expect(json).toMatchObject({ mediaType: MANIFEST_TYPE, artifactType: 'application/vnd.waybill.release.v1' });
    expect(json['layers']).toMatchObject(
      files.map(({ name, sha256, size }) => ({ digest: `sha256:${sha256}`, size, annotations: { 'org.opencontainers.image.title': name } })),
    );
    expect((json['layers'] as { mediaType: string }[]).map(({ mediaType }) => mediaType)).toEqual(['application/gzip', 'text/plain', 'text/plain']);
    expect(json['annotations']).toEqual({
      'org.opencontainers.image.created': '1970-01-01T00:00:01Z',
      'org.opencontainers.image.revision': 'c0ffee',
      'org.opencontainers.image.title': 'pychat',
      'org.opencontainers.image.version': '1.2.0',
    });
    const fresh = destination();
    expect((await fresh.inspect(RELEASE, files)).map(({ state }) => state)).toEqual(['same', 'same', 'same']);
    expect(await fresh.finalise(RELEASE, files, '')).toEqual(lines);
    const pieces = [];
    for await (const piece of fresh.download(RELEASE, archive.name)) pieces.push(piece);
    expect(sha256Of(Buffer.concat(pieces))).toBe(archive.sha256);
  });

  test('lets signatures point at the release, by the fallback tag of registries without referrers', async () => {
    await start();
    await publish('1.2.0');
    await destination().finalise(RELEASE, files, '');
    const tags = (await get('/tags/list')).json['tags'] as string[];
    const fallback = tags.find((tag) => tag.startsWith('sha256-'))!;
    const { json: index } = await get(`/manifests/${fallback}`);
    expect(index['manifests']).toHaveLength(1);
    const [pointer] = index['manifests'] as { digest: string; artifactType: string }[];
    expect(pointer!.artifactType).toBe('application/vnd.waybill.signature.v1');
    const { json: manifest } = await get(`/manifests/${pointer!.digest}`);
    expect(manifest['subject']).toMatchObject({ digest: fallback.replace('-', ':') });
    expect(manifest['layers']).toMatchObject([{ digest: `sha256:${signature.sha256}` }]);
  });

  test('leaves the fallback tag out where the registry keeps a list itself, and looks into it', async () => {
    await start();
    let listed: readonly object[] = [];
    let forgets = true;
    const http = wrapped(async (request, send) => {
      const response = await send();
      if (request.method === 'GET' && request.url.includes('/referrers/'))
        return { ...response, status: 200, text: async () => JSON.stringify({ mediaType: INDEX_TYPE, manifests: listed }) };
      const { subject } = request.method === 'PUT' && request.body instanceof Uint8Array ? (jsonOf(String(request.body)) as Manifest) : {};
      if (subject === undefined) return response;
      if (!forgets) listed = [{ mediaType: MANIFEST_TYPE, digest: `sha256:${sha256Of(request.body as Buffer)}`, size: 1 }];
      return { ...response, headers: { ...response.headers, 'oci-subject': subject.digest } };
    });
    await expect(publish('1.2.0', destination({ http }))).rejects.toMatchObject({ code: 'PUBLISH_OCI_REFERRERS' });
    // whoever finds the tag finds the signatures
    expect((await get('/tags/list')).json['tags'] ?? []).toEqual([]);
    forgets = false;
    await destination({ http }).finalise(RELEASE, files, '');
    expect(((await get('/tags/list')).json['tags'] as string[]).sort()).toEqual(['1.2.0', 'latest']);
  });

  test('takes the fallback tag where something else than a list answers, and says what leaves it open', async () => {
    await start();
    const referrers = (status: number, headers: Record<string, string>, text: string): HttpClient =>
      wrapped(async (request, send) => {
        const response = await send();
        return request.url.includes('/referrers/') ? { ...response, status, headers, text: async () => text } : response;
      });
    const html = { 'content-type': 'text/html' };
    const ANSWERS: readonly [number, Record<string, string>, string][] = [
      [400, {}, ''],
      [405, {}, ''],
      [501, {}, ''],
      [200, html, '<html>welcome</html>'],
      [200, {}, 'null'],
      [200, {}, '{"manifests":[]}'],
    ];
    for (const [index, answer] of ANSWERS.entries()) {
      const repository = `${registry!.host}/team/answer-${index}`;
      const lines = await publish('1.2.0', destination({ repository, http: referrers(...answer) }));
      expect(lines[1]).toBe('the signatures point at it');
      const { json } = await get(`/../answer-${index}/tags/list`);
      expect((json['tags'] as string[]).filter((tag) => tag.startsWith('sha256-'))).toHaveLength(1);
    }
    await expect(publish('1.2.0', destination({ http: referrers(503, {}, '') }))).rejects.toMatchObject({ code: 'PUBLISH_UNANSWERED' });
    await expect(publish('1.2.0', destination({ http: referrers(403, {}, '') }))).rejects.toMatchObject({ code: 'PUBLISH_OCI_RIGHTS' });
  });

  test('leaves what others let point at the release, and what is no index', async () => {
    await start();
    await publish('1.2.0', destination(), [archive, sums]);
    const tag = (await destination().finalise(RELEASE, [archive, sums], ''))[0]!.replace(/.* is sha256:/, 'sha256-');
    const index = { schemaVersion: 2, mediaType: INDEX_TYPE, manifests: [] as object[] };
    const put = async (json: { mediaType: string }): Promise<number> => {
      const url = `${registry!.url}/v2/team/pychat/manifests/${tag}`;
      const request = { method: 'PUT', url, headers: { 'content-type': json.mediaType }, body: Buffer.from(JSON.stringify(json)) } as const;
      return (await testClient().request(request)).status;
    };
    const { json: other } = await get('/manifests/latest');
    index.manifests = [{ mediaType: MANIFEST_TYPE, digest: tag.replace('-', ':'), size: JSON.stringify(other).length }];
    expect(await put(index)).toBe(201);
    const attach = (): Promise<boolean> =>
      attachSignatures(ociClient(ociRepository({ id: 'oci', http: testClient(), repository: `${registry!.host}/team/pychat` })), RELEASE, files, {
        bytes: Buffer.from(''),
        descriptor: { mediaType: MANIFEST_TYPE, digest: tag.replace('-', ':'), size: 1 },
      });
    await destination().upload(RELEASE, signature, PROGRESS);
    expect(await attach()).toBe(true);
    expect((await get(`/manifests/${tag}`)).json['manifests']).toHaveLength(2);
    expect(await put(other as { mediaType: string })).toBe(201);
    await expect(attach()).rejects.toMatchObject({ code: 'PUBLISH_OCI_MANIFEST', message: expect.stringContaining('it is no index') });
  });

  test('writes nothing the second time, and after a lost answer what is missing', async () => {
    const { url } = await start();
    proxy = await startFaultProxy(url);
    for (const [index, fault] of [{ fault: 'status', status: 503 }, { fault: 'status-after', status: 502 }, { fault: 'drop-after' }].entries()) {
      const target = destination({ repository: `${new URL(proxy.url).host}/team/fault-${index}` });
      for (const file of files) await target.upload(RELEASE, file, PROGRESS);
      const isWrite = (line: string): boolean => !/^(GET|HEAD) /.test(line);
      proxy.requests.length = 0;
      proxy.faults.splice(0, 1, { at: 5, ...fault } as Fault);
      await expect(target.finalise(RELEASE, files, '')).rejects.toMatchObject({ code: expect.stringMatching(/PUBLISH_UNANSWERED|NETWORK_FAILED/) });
      expect(proxy.requests.filter(isWrite)).toHaveLength(3);
      await target.finalise(RELEASE, files, '');
      proxy.requests.length = 0;
      proxy.faults.length = 0;
      await target.finalise(RELEASE, files, '');
      expect(proxy.requests.filter(isWrite)).toEqual([]);
    }
  });

  test('never moves the tag of a version: other bytes, a file more or less, another kind of thing', async () => {
    await start();
    await publish('1.2.0');
    const other = publishFile(archive.name, 'other');
    const more = publishFile('more.zip', 'more');
    expect(await destination().inspect(RELEASE, [other, more])).toMatchObject([
      { state: 'conflict', sha256: archive.sha256 },
      { state: 'conflict', reason: 'the tag `1.2.0` stands, without this file' },
    ]);
    await destination().upload(RELEASE, other, PROGRESS);
    await expect(destination().finalise(RELEASE, [other], '')).rejects.toMatchObject({ code: 'PUBLISH_OCI_TAG' });
    expect((await destination().inspect(RELEASE, files)).map(({ state }) => state)).toEqual(['same', 'same', 'same']);
  });

  test('moves `latest` forward by stable releases only, and back when one is taken back', async () => {
    await start();
    const one = (version: string): readonly PublishFile[] => [publishFile(`pychat-${version}.zip`, version)];
    const last = async (version: string): Promise<string> => (await publish(version, destination(), one(version))).at(-1)!;
    expect(await last('1.9.0')).toBe('`latest` is 1.9.0');
    expect(await last('1.10.0')).toBe('`latest` is 1.10.0');
    expect(await last('1.11.0rc1')).toBe('`latest` stays: it is moved by stable releases');
    expect(await last('1.9.1')).toBe('`latest` stays at 1.10.0, which is newer');
    const marked = (version: string): Promise<string | undefined> => destination().readTakenBack(releaseOf(version));
    expect(await marked('1.9.1')).toBeUndefined();
    for (let turn = 1; turn <= 2; turn += 1) {
      expect(await destination().takeBack(releaseOf('1.9.1'))).toMatchObject({
        outcome: 'done',
        lines: ['`latest` does not name 1.9.1 and stays', 'the tag `1.9.1.taken-back` says that it was taken back', expect.anything()],
      });
      expect(await marked('1.9.1')).toBe('the tag `1.9.1.taken-back` stands there');
    }
    // not to 1.9.1, which was taken back too
    expect(await destination().takeBack(releaseOf('1.10.0'))).toMatchObject({
      outcome: 'done',
      lines: ['`latest` is 1.9.0', expect.anything(), expect.stringContaining('oras manifest delete --plain-http')],
    });
    expect(await destination().takeBack(releaseOf('1.9.0'))).toMatchObject({
      outcome: 'pending',
      lines: [expect.stringContaining('no earlier release'), expect.anything(), expect.anything()],
    });
    expect(await destination().takeBack(releaseOf('7.0'))).toMatchObject({ outcome: 'absent' });
    expect(await marked('7.0')).toBeUndefined();
    const spelling = (version: string): Promise<string | undefined> => destination().spelling!(releaseOf(version));
    expect(await Promise.all(['1.9', '1.10.0', '1.11rc1', '7.0'].map(spelling))).toEqual(['1.9.0', '1.10.0', '1.11.0rc1', undefined]);
  });

  test('leaves a container image alone that `latest` names, and goes back to none', async () => {
    await start();
    const put = async (tag: string): Promise<void> => {
      const mediaType = 'application/vnd.docker.distribution.manifest.v2+json';
      const blob = { mediaType: 'application/vnd.docker.container.image.v1+json', digest: `sha256:${archive.sha256}`, size: archive.size };
      const body = Buffer.from(JSON.stringify({ schemaVersion: 2, mediaType, config: blob, layers: [] }));
      const request = {
        method: 'PUT',
        url: `${registry!.url}/v2/team/pychat/manifests/${tag}`,
        headers: { 'content-type': mediaType },
        body,
      } as const;
      expect((await testClient().request(request)).status).toBe(201);
    };
    await publish('1.0', destination({ latest: [] }), [archive]);
    await publish('1.2.0', destination(), [archive]);
    for (const tag of ['1.1', '3.11']) await put(tag);
    expect(await destination().takeBack(releaseOf('3.11'))).toEqual({ outcome: 'absent', lines: ['the tag `3.11` is no release'] });
    expect((await destination().takeBack(RELEASE)).lines[0]).toBe('`latest` is 1.0');
    await put('latest');
    expect(await destination().preflight(releaseOf('1.3.0'), [archive])).toMatchObject([{ check: 'PUBLISH_OCI_LATEST', level: 'error' }]);
    expect(await destination().preflight(releaseOf('1.3.0rc1'), [archive])).toEqual([]);
    expect(await destination({ latest: [] }).preflight(releaseOf('1.3.0'), [archive])).toEqual([]);
    expect((await publish('1.3.0', destination(), [archive])).at(-1)).toBe('`latest` stays: it names something else than a release');
  });

  test('takes a local version, whose tag has no plus', async () => {
    await start();
    await publish('1.2.0+b.1', destination({ latest: [] }), [archive]);
    expect((await get('/manifests/1.2.0_b.1')).status).toBe(200);
  });

  test('ends as one stored file, whichever request meets a fault', async () => {
    const { url } = await start();
    const FAULTS = [
      { fault: 'drop-before' },
      { fault: 'drop-after' },
      { fault: 'status', status: 503 },
      { fault: 'status-after', status: 502 },
    ] as const;
    for (const [index, fault] of FAULTS.entries()) {
      for (const at of [1, 2, 3, 4]) {
        proxy = await startFaultProxy(url, [{ at, ...fault } as Fault]);
        const file = publishFile('a.zip', `${index} ${at}`);
        const target = destination({ repository: `${new URL(proxy.url).host}/team/faults` });
        await target.upload(RELEASE, file, PROGRESS).catch((error: { code: string }) => expect(error.code).toBe('NETWORK_FAILED'));
        const [there] = await target.inspect(RELEASE, [file]);
        if (there!.state === 'absent') expect(await target.upload(RELEASE, file, PROGRESS)).toEqual({ outcome: 'stored' });
        expect(await target.inspect(RELEASE, [file])).toMatchObject([{ state: 'same' }]);
        await proxy.stop();
      }
    }
  });

  test('refuses bytes that are not what was planned', async () => {
    await start();
    const lying: PublishFile = { ...archive, sha256: sums.sha256 };
    await expect(destination().upload(RELEASE, lying, PROGRESS)).rejects.toMatchObject({
      code: 'PUBLISH_OCI_REFUSED',
      details: [expect.stringContaining('DIGEST_INVALID')],
    });
  });

  test('only looks with a client that only reads', async () => {
    await start();
    const target = destination({ http: testClient({ readOnly: true }) });
    expect(await target.preflight(RELEASE, files)).toEqual([]);
    expect(await target.inspect(RELEASE, files)).toHaveLength(3);
    await expect(target.upload(RELEASE, archive, PROGRESS)).rejects.toMatchObject({ code: 'NETWORK_READ_ONLY' });
  });

  describe('credentials', () => {
    const wrong = { username: 'user', password: new Secret('falsch') };
    const checks = async (config: Partial<OciConfig>): Promise<readonly string[]> =>
      (await destination(config).preflight(RELEASE, files)).map(({ check }) => check);

    test('by Basic', async () => {
      await start({ auth: 'basic' });
      expect(await checks({ credentials })).toEqual([]);
      expect(await checks({ credentials: wrong })).toEqual(['PUBLISH_OCI_CREDENTIALS']);
      expect(await checks({})).toEqual(['PUBLISH_OCI_CREDENTIALS']);
      await publish('1.2.0', destination({ credentials }));
    });

    test('by a token for this repository, asked for once', async () => {
      await start({ auth: 'token' });
      expect(await checks({ credentials: wrong })).toEqual(['PUBLISH_OCI_CREDENTIALS']);
      registry!.tokens.length = 0;
      await publish('1.2.0', destination({ credentials }));
      expect(registry!.tokens).toEqual(['user test-registry repository:team/pychat:pull,push']);
      const reader = destination({ credentials, http: testClient({ readOnly: true }) });
      expect(await reader.preflight(RELEASE, files)).toEqual([]);
      expect(registry!.tokens.at(-1)).toBe('user test-registry repository:team/pychat:pull');
    });

    test('where the door is open and a push is not', async () => {
      const open = wrapped(async (request, send) => (request.url.endsWith('/v2/') ? { ...(await send()), status: 200 } : send()));
      await start({ auth: 'token' });
      await publish('1.2.0', destination({ credentials, http: open }));
      expect(new Set(registry!.tokens)).toEqual(new Set(['user test-registry repository:team/pychat:pull,push']));
      await registry!.stop();
      await start({ auth: 'basic' });
      await publish('1.2.0', destination({ credentials, http: open }));
      await expect(destination({ credentials: wrong, http: open }).upload(RELEASE, archive, PROGRESS)).rejects.toMatchObject({
        code: 'PUBLISH_OCI_RIGHTS',
      });
      await expect(destination({ http: open }).upload(RELEASE, archive, PROGRESS)).rejects.toMatchObject({ code: 'PUBLISH_OCI_CREDENTIALS' });
    });

    test('by a token that ends before its time', async () => {
      await start({ auth: 'token' });
      let spoilt = 0;
      const http = wrapped(async (request, send) => {
        const ends = request.method === 'PUT' && spoilt < 1;
        if (ends) spoilt += 1;
        return ends ? testClient().request({ ...request, headers: { ...request.headers, authorization: 'Bearer x.y.z' } }) : send();
      });
      expect(await destination({ credentials, http }).upload(RELEASE, archive, PROGRESS)).toEqual({ outcome: 'stored' });
    });

    test('by a token that ends soon, asked for anew', async () => {
      await start({ auth: 'token', seconds: 5 });
      const target = destination({ credentials });
      await target.inspect(RELEASE, [archive]);
      expect(registry!.tokens.length).toBeGreaterThan(1);
    });

    test('that give no right to push', async () => {
      await start({ auth: 'token', actions: () => ['pull'] });
      expect(await checks({ credentials })).toEqual(['PUBLISH_OCI_RIGHTS']);
      await expect(destination({ credentials }).upload(RELEASE, archive, PROGRESS)).rejects.toMatchObject({
        code: 'PUBLISH_OCI_RIGHTS',
        details: [expect.stringContaining('UNAUTHORIZED')],
      });
    });
  });
});

describe('createOciDestination', () => {
  const answering = (status: number, headers: Record<string, string>, text = ''): HttpClient & { seen: HttpRequest[] } => {
    const bytes = async (): Promise<Uint8Array> => Buffer.from(text);
    const seen: HttpRequest[] = [];
    return {
      readOnly: false,
      seen,
      request: async (request) => {
        seen.push(request);
        return request.url.endsWith('/v2/') && status !== 401
          ? { status: 200, headers: {}, bytes, text: async () => '', stream: bytes as never }
          : { status, headers, bytes, text: async () => text, stream: bytes as never };
      },
    };
  };
  const make = (config: Partial<OciConfig> = {}): Destination =>
    createOciDestination({ id: 'oci', http: testClient(), repository: 'registry.test/a', ...config });

  it.each(['registry.test', 'registry.test/', 'registry.test/A', 'https://registry.test/a', 'registry.test/a:tag', 'registry.test/a//b', ''])(
    'refuses the repository %p',
    (repository) => {
      expect(() => make({ repository })).toThrow(expect.objectContaining({ code: 'PUBLISH_OCI_SETTING' }));
    },
  );

  it('has one identity for one place', () => {
    expect(make({ repository: 'docker.io/acme/app' }).identity).toBe('oci registry-1.docker.io/acme/app');
    expect(make({ repository: 'Registry.test/a' }).identity).toBe(make({ id: 'other' }).identity);
    expect(make().title).toBe('oci repository registry.test/a');
    expect(make().guide(RELEASE, []).install).toEqual(['oras pull registry.test/a:1.2.0']);
    expect(make().guide(RELEASE, []).takeBack[0]).toBe(`npx nx run ${RELEASE.project}:take-back --release=1.2.0 --confirm`);
  });

  it('says how long a busy registry asks to wait', async () => {
    for (const [header, retryAfterMs] of [
      ['7', 7_000],
      ['86400', 900_000],
      [new Date(Date.now() - 1_000).toUTCString(), 0],
    ] as const) {
      const http = answering(503, { 'retry-after': header });
      const reason = 'the registry answered 503';
      expect(await make({ http }).upload(RELEASE, publishFile('a.zip', 'a'), PROGRESS)).toEqual({ outcome: 'uncertain', reason, retryAfterMs });
    }
  });

  it('refuses a challenge that it does not know', async () => {
    const http = answering(401, { 'www-authenticate': 'Negotiate' });
    expect(await make({ http }).preflight(RELEASE, [])).toMatchObject([{ check: 'PUBLISH_OCI_CHALLENGE' }]);
  });

  it('does not follow a manifest that is none, nor one with other bytes than its digest', async () => {
    await expect(make({ http: answering(200, {}, 'no') }).list(RELEASE)).rejects.toMatchObject({ code: 'PUBLISH_OCI_MANIFEST' });
    await expect(make({ http: answering(200, { 'docker-content-digest': 'sha256:0' }, '{}') }).list(RELEASE)).rejects.toMatchObject({
      code: 'PUBLISH_OCI_DIGEST',
    });
  });

  it('gives its credentials to no other host that an upload is sent to', async () => {
    const http = answering(202, { location: 'https://elsewhere.test/upload?a=b' });
    const open = http.request;
    http.request = async (request) => {
      const first = request.url.endsWith('/v2/') && request.headers?.['authorization'] === undefined;
      if (first) return { ...(await open(request)), status: 401, headers: { 'www-authenticate': 'Basic realm="x"' } };
      return open(request);
    };
    const file = publishFile('a.zip', 'a');
    await make({ http, credentials })
      .upload(RELEASE, file, PROGRESS)
      .catch((error: { code: string }) => expect(error.code).toBe('PUBLISH_OCI_REFUSED'));
    const [begun, sent] = http.seen.slice(-2);
    expect(begun!.headers?.['authorization']).toContain('Basic');
    expect(sent!.url).toBe(`https://elsewhere.test/upload?a=b&digest=sha256%3A${file.sha256}`);
    expect(sent!.headers?.['authorization']).toBeUndefined();
  });
});
