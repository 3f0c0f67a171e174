import { hashBytes, type HttpClient, type HttpRequest, type HttpResponse } from '@waybill/core';

export interface MemoryIndex extends HttpClient {
  readonly held: Map<string, Uint8Array>;
  readonly requests: HttpRequest[];
  /** Bodies of uploads, as text. */
  readonly bodies: string[];
}

export interface IndexBehaviour {
  page: 'json' | 'html' | 'html without digests';
  /** Answer to a file that is there already with the same bytes, and with others. */
  same: [number, string];
  other: [number, string];
  /** Instead of the honest answer; `keep` stores the bytes first. */
  answer?(attempt: number): { keep?: boolean; status: number; text?: string; headers?: Record<string, string> } | 'dropped' | undefined;
  uploadedAt?: string;
  yanked?: boolean;
}

/** How real indexes answered (measured): PyPI, pypiserver 2.4, devpi 6.20. */
export const INDEXES: Readonly<Record<string, IndexBehaviour>> = {
  pypi: { page: 'json', same: [200, ''], other: [400, "File already exists ('f', with blake2_256 hash 'h')"] },
  pypiserver: { page: 'html', same: [409, 'already exists'], other: [409, 'already exists'] },
  devpi: { page: 'html', same: [200, ''], other: [409, 'x already exists in non-volatile index'] },
  gitlab: { page: 'html without digests', same: [400, 'File name has already been taken'], other: [400, 'File name has already been taken'] },
};

/** An index in memory, as a client that reaches it. */
export function memoryIndex(behaviour: IndexBehaviour): MemoryIndex {
  const held = new Map<string, Uint8Array>();
  const requests: HttpRequest[] = [];
  const bodies: string[] = [];
  let attempt = 0;
  const upload = async (request: HttpRequest): Promise<HttpResponse> => {
    const body = await bodyOf(request);
    bodies.push(body.toString('latin1'));
    const { name, content } = fileIn(body);
    attempt += 1;
    const answer = behaviour.answer?.(attempt);
    const before = held.get(name);
    if (answer === 'dropped' || (answer && !answer.keep)) {
      if (answer === 'dropped') throw Object.assign(new Error('the connection was dropped'), { code: 'NETWORK_FAILED' });
      return respond(answer.status, answer.text ?? '', answer.headers);
    }
    if (before && hashBytes(before) !== hashBytes(content)) return respond(...behaviour.other);
    held.set(name, content);
    if (answer) return respond(answer.status, answer.text ?? '', answer.headers);
    return before ? respond(...behaviour.same) : respond(200, '');
  };
  return {
    readOnly: false,
    held,
    requests,
    bodies,
    async request(request) {
      requests.push(request);
      if (request.method === 'POST') return upload(request);
      const file = /\/files\/(.+)$/.exec(request.url)?.[1];
      if (file !== undefined) return held.has(file) ? respond(200, Buffer.from(held.get(file)!)) : respond(404, '');
      if (request.url.endsWith('/simple/')) return rootOf(behaviour);
      return held.size === 0 ? respond(404, '') : pageOf(held, behaviour);
    },
  };
}

function rootOf({ page }: IndexBehaviour): HttpResponse {
  const json = page === 'json';
  const text = json ? '{"meta":{"api-version":"1.0"},"projects":[]}' : '<!DOCTYPE html><html><body><a href="other-one/">other-one</a></body></html>';
  return respond(200, text, { 'content-type': json ? 'application/vnd.pypi.simple.v1+json' : 'text/html' });
}

function pageOf(held: ReadonlyMap<string, Uint8Array>, { page, uploadedAt, yanked = false }: IndexBehaviour): HttpResponse {
  const rows = [...held].map(([filename, bytes]) => ({ filename, sha256: hashBytes(bytes), url: `../../files/${filename}` }));
  if (page === 'json') {
    const files = rows.map(({ filename, sha256, url }) => ({
      filename,
      url,
      hashes: { sha256 },
      yanked,
      ...(uploadedAt && { 'upload-time': uploadedAt }),
    }));
    return respond(200, JSON.stringify({ meta: { 'api-version': '1.0' }, files }), { 'content-type': 'application/vnd.pypi.simple.v1+json' });
  }
  const links = rows.map(
    ({ filename, sha256, url }) =>
      `<a href="${url}${page === 'html' ? `#sha256=${sha256}` : ''}"${yanked ? ' data-yanked=""' : ''}>${filename}</a><br>`,
  );
  return respond(200, `<!DOCTYPE html><html><body>${links.join('\n')}</body></html>`, { 'content-type': 'text/html' });
}

async function bodyOf({ body }: HttpRequest): Promise<Buffer> {
  if (body === undefined || body instanceof Uint8Array) return Buffer.from(body ?? []);
  const chunks: Uint8Array[] = [];
  for await (const chunk of body.open()) chunks.push(chunk);
  const whole = Buffer.concat(chunks);
  if (whole.length !== body.size) throw new Error(`the body has ${whole.length} bytes, ${body.size} were announced`);
  return whole;
}

function fileIn(body: Buffer): { name: string; content: Uint8Array } {
  const text = body.toString('latin1');
  const boundary = text.slice(0, text.indexOf('\r\n'));
  const part = text.split(boundary).find((one) => one.includes('name="content"'))!;
  const content = part.slice(part.indexOf('\r\n\r\n') + 4, -2);
  return { name: /filename="([^"]+)"/.exec(part)![1]!, content: Buffer.from(content, 'latin1') };
}

function respond(status: number, body: string | Buffer, headers: Record<string, string> = {}): HttpResponse {
  const bytes = Buffer.from(body);
  return {
    status,
    headers,
    bytes: async () => bytes,
    text: async () => bytes.toString('utf8'),
    async *stream() {
      yield bytes;
    },
  };
}
