/** What all stand-ins share: a server on this machine, at a port that is free. */
import { createServer } from 'node:http';

/**
 * @param {(request: import('node:http').IncomingMessage, response: import('node:http').ServerResponse) => Promise<void> | void} answer
 * @returns {Promise<{ url: string, stop(): Promise<void> }>}
 */
export async function listen(answer) {
  const server = createServer(async (request, response) => {
    try {
      await answer(request, response);
    } catch (error) {
      // a stand-in that breaks must not look like a server that refuses
      response.destroy(error);
    }
  });
  server.keepAliveTimeout = 60_000;
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${server.address().port}`,
    stop: () =>
      new Promise((resolve) => {
        server.close(resolve);
        server.closeAllConnections();
      }),
  };
}

/** @returns {Promise<Buffer>} the whole body; a body that breaks off throws */
export async function bodyOf(request) {
  const pieces = [];
  for await (const piece of request) pieces.push(piece);
  return Buffer.concat(pieces);
}
