import { createServer, type IncomingMessage, type RequestListener, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';

export interface SeenRequest {
  method: string;
  path: string;
  headers: IncomingMessage['headers'];
  body: string;
}

/** What a server does with its n-th request (from 0). */
export type Step = (request: SeenRequest, response: ServerResponse, raw: IncomingMessage) => void;

/**
 * A server on this machine that answers its n-th request by the n-th step, all later ones by the last. Started before each test of the `describe`,
 * ended after it.
 */
export function loopbackServer(): { readonly url: string; readonly seen: SeenRequest[]; answers(...steps: Step[]): void } {
  const state = { url: '', seen: [] as SeenRequest[], steps: [] as Step[] };
  let server: ReturnType<typeof createServer>;
  const listener: RequestListener = async (raw, response) => {
    const step = state.steps[Math.min(state.seen.length, state.steps.length - 1)];
    const request: SeenRequest = { method: raw.method!, path: raw.url!, headers: raw.headers, body: '' };
    state.seen.push(request);
    // a dropped connection ends the body early: what came is what was seen
    request.body = step?.length === 3 ? '' : await text(raw).catch((error: Error) => error.message);
    step?.(request, response, raw);
  };
  beforeEach(async () => {
    state.seen.length = 0;
    state.steps = [(_, response) => response.end('ok')];
    server = createServer(listener);
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    state.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  });
  afterEach(async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });
  return {
    get url() {
      return state.url;
    },
    seen: state.seen,
    answers: (...steps) => void (state.steps = steps),
  };
}

/** A step that answers with status, headers and body. */
export const answer =
  (status: number, headers: Record<string, string> = {}, body = ''): Step =>
  (_, response) =>
    void response.writeHead(status, headers).end(body);

/** A step that drops the connection. */
export const drop: Step = (_, response) => void response.destroy();
