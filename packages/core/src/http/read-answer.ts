import type { IncomingMessage } from 'node:http';
import { coreErrors } from '../errors/core-errors';
import type { HttpResponse } from './http-port';
import { explainNetworkError } from './network-error';

/** An answer up to this size is whole when the request returns: its connection is free, whether anybody reads it or not. */
const AT_ONCE_BYTES = 64 * 1024;
const LIMIT_BYTES = 1024 * 1024;

/** Takes the head and the first bytes of an answer. What is behind them must come without a pause longer than `idleMs`. */
export async function readAnswer(message: IncomingMessage, shown: string, idleMs: number): Promise<HttpResponse> {
  const pieces = message[Symbol.asyncIterator]() as AsyncIterator<Uint8Array>;
  const early: Uint8Array[] = [];
  let size = 0;
  let ended = false;
  while (size < AT_ONCE_BYTES && !ended) {
    const next = await pieces.next();
    if (next.done) ended = true;
    else size += early.push(next.value) && next.value.length;
  }
  const rest = ended ? undefined : restOf(message, pieces, shown, idleMs);
  async function* stream(): AsyncGenerator<Uint8Array> {
    yield* early;
    if (rest !== undefined) yield* rest;
  }
  const bytes = (limit = LIMIT_BYTES): Promise<Uint8Array> => collect(stream(), limit, shown);
  return {
    status: message.statusCode!,
    headers: headersOf(message),
    bytes,
    text: async (limit) => Buffer.from(await bytes(limit)).toString('utf8'),
    stream,
  };
}

function headersOf(message: IncomingMessage): Record<string, string> {
  const entries = Object.entries(message.headers).map(([name, value]) => [name, Array.isArray(value) ? value.join(', ') : String(value)]);
  return Object.fromEntries(entries);
}

async function collect(pieces: AsyncIterable<Uint8Array>, limit: number, shown: string): Promise<Uint8Array> {
  const taken: Uint8Array[] = [];
  let size = 0;
  for await (const piece of pieces) {
    size += piece.length;
    if (size > limit) throw coreErrors.error('NETWORK_TOO_LARGE', { to: shown, limit });
    taken.push(piece);
  }
  return Buffer.concat(taken);
}

/** The later bytes. Whoever stops early, or never begins, gives the connection back within `idleMs`. */
function restOf(message: IncomingMessage, pieces: AsyncIterator<Uint8Array>, shown: string, idleMs: number): AsyncIterable<Uint8Array> {
  const late = coreErrors.error('NETWORK_TIMEOUT', { to: shown, timeoutMs: idleMs, phase: 'the next bytes of the answer' });
  const patience = (): NodeJS.Timeout => setTimeout(() => message.destroy(late), idleMs).unref();
  message.on('error', () => message.destroy());
  let timer = patience();
  async function* read(): AsyncGenerator<Uint8Array> {
    try {
      for (;;) {
        const next = await pieces.next();
        clearTimeout(timer);
        if (next.done) return;
        yield next.value;
        timer = patience();
      }
    } catch (error) {
      throw explainNetworkError(error, shown).error;
    } finally {
      clearTimeout(timer);
      message.destroy();
    }
  }
  return read();
}
