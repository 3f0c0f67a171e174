import { Agent, request as requestHttp, type ClientRequest, type IncomingMessage } from 'node:http';
import { Agent as SecureAgent, request as requestHttps } from 'node:https';
import { connect as connectTls, type TLSSocket } from 'node:tls';
import { coreErrors } from '../errors/core-errors';
import { findProxy, type Environment } from './find-proxy';
import type { HttpRequest, HttpResponse } from './http-port';
import { isRead, type HttpTarget } from './http-target';
import { openTunnel } from './open-tunnel';
import { readAnswer } from './read-answer';
import { bodySize, sendBody } from './send-body';

/** What all requests of a client share. */
export interface Wire {
  userAgent: string;
  env: Environment;
  /** PEM of authorities that are trusted beside the usual ones. */
  ca?: string;
  timeoutMs: number;
  agents: { http: Agent; https: SecureAgent };
}

/** Connections are kept for reads. A write gets a fresh one: on a kept one that the server has just closed nobody knows whether it arrived. */
export function createAgents(): Wire['agents'] {
  const setting = { keepAlive: true, maxFreeSockets: 8 };
  return { http: new Agent(setting), https: new SecureAgent(setting) };
}

/** One request, one answer. */
export async function exchange(request: HttpRequest, target: HttpTarget, wire: Wire): Promise<HttpResponse> {
  const timeoutMs = request.timeoutMs ?? wire.timeoutMs;
  const ending = new AbortController();
  const timer = setTimeout(() => ending.abort(), timeoutMs);
  try {
    const outgoing = await open(request, target, wire, ending.signal);
    const coming = answerOf(outgoing);
    void sendBody(outgoing, request, target.shown);
    return await readAnswer(await coming, target.shown, timeoutMs);
  } catch (error) {
    if (!ending.signal.aborted) throw error;
    throw coreErrors.error('NETWORK_TIMEOUT', { to: target.shown, timeoutMs, phase: 'the answer' }, { cause: error });
  } finally {
    clearTimeout(timer);
  }
}

/** The listener for errors stays: what a connection reports behind its answer is no news. */
function answerOf(outgoing: ClientRequest): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    outgoing.on('error', reject);
    outgoing.on('response', resolve);
  });
}

async function open(request: HttpRequest, target: HttpTarget, wire: Wire, signal: AbortSignal): Promise<ClientRequest> {
  const { url, method } = target;
  const sends = request.body !== undefined || !(isRead(method) || method === 'DELETE');
  const headers = {
    'user-agent': wire.userAgent,
    // Bodies are taken as they come: without this a server may pack what nobody asked it to.
    'accept-encoding': 'identity',
    ...request.headers,
    ...(sends && { 'content-length': String(bodySize(request)) }),
  };
  if (url.protocol === 'http:') return requestHttp(url, { method, headers, signal, agent: isRead(method) ? wire.agents.http : false });
  const proxy = findProxy(url, wire.env);
  const trust = wire.ca === undefined ? {} : { ca: wire.ca };
  if (proxy === undefined) return requestHttps(url, { method, headers, signal, ...trust, agent: isRead(method) ? wire.agents.https : false });
  const socket = await openTunnel(url, proxy, target.shown, signal);
  const createConnection = (): TLSSocket => connectTls({ socket, servername: url.hostname, ...trust });
  return requestHttps(url, { method, headers, signal, defaultPort: 443, createConnection });
}
