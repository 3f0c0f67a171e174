import type { ClientRequest } from 'node:http';
import { coreErrors } from '../errors/core-errors';
import type { HttpRequest } from './http-port';

/**
 * Writes the body. Its last piece is held back until its source has ended well: a source that finds at its end that the bytes are not the right ones
 * leaves a body that no server can take for whole. A failure of the source ends the request with that failure. Stops when an answer is there already.
 */
export async function sendBody(outgoing: ClientRequest, request: HttpRequest, shown: string): Promise<void> {
  try {
    await writePieces(outgoing, request, shown);
  } catch (error) {
    outgoing.destroy(error as Error);
  }
}

export const bodySize = ({ body }: HttpRequest): number => (body === undefined ? 0 : body instanceof Uint8Array ? body.length : body.size);

async function writePieces(outgoing: ClientRequest, request: HttpRequest, shown: string): Promise<void> {
  const { body } = request;
  if (body === undefined) return void outgoing.end();
  let answered = false;
  outgoing.once('response', () => (answered = true));
  const expected = bodySize(request);
  let held: Uint8Array | undefined;
  let actual = 0;
  for await (const piece of body instanceof Uint8Array ? [body] : body.open()) {
    if (held !== undefined) await write(outgoing, held, request);
    if (answered || outgoing.destroyed) return;
    held = piece;
    actual += piece.length;
    if (actual > expected) break;
  }
  if (actual !== expected) throw coreErrors.error('NETWORK_BODY_SIZE', { to: shown, expected, actual });
  if (held !== undefined) await write(outgoing, held, request);
  outgoing.end();
}

async function write(outgoing: ClientRequest, piece: Uint8Array, { onSent }: HttpRequest): Promise<void> {
  if (!outgoing.write(piece)) await untilWritable(outgoing);
  onSent?.(piece.length);
}

/** Until there is room, or no sense in waiting for it. */
function untilWritable(outgoing: ClientRequest): Promise<void> {
  const events = ['drain', 'close', 'response'];
  return new Promise((resolve) => {
    const done = (): void => {
      for (const event of events) outgoing.off(event, done);
      resolve();
    };
    for (const event of events) outgoing.on(event, done);
    if (outgoing.destroyed) done();
  });
}
