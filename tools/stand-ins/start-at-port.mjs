/** Servers that must be told their port, and may need long until they listen there. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';

const ANSWERS_WITHIN_MS = 150_000;
const ATTEMPTS = 3;
/** Below those that the system gives by itself: no other test is given such a one meanwhile. */
const [FIRST_PORT, PORTS] = [20_000, 12_000];

/**
 * Starts a program that shall answer at `url`. One that ends because somebody else has taken the port is started again at another.
 * @param {(port: number) => { file: string, args: string[], env?: object, url: string }} describe
 * @returns {Promise<{ url: string, stop(): Promise<void> }>}
 */
export async function startAtPort(describe) {
  const endMs = Date.now() + ANSWERS_WITHIN_MS;
  for (let attempt = 1; ; attempt += 1) {
    const { file, args, env, url } = describe(await freePort());
    const child = spawn(file, args, { stdio: ['ignore', 'pipe', 'pipe'], ...(env && { env }) });
    const closed = new Promise((resolve) => child.once('close', resolve));
    let output = '';
    child.once('error', (error) => (output += error.message));
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (output += chunk));
    const stop = async () => {
      child.kill('SIGKILL');
      await closed;
    };
    if (await answers(child, url, endMs)) return { url, stop };
    const ended = hasEnded(child);
    await stop();
    if (!ended || attempt === ATTEMPTS) throw new Error(`${file} does not answer at ${url}: ${output}`);
  }
}

const hasEnded = ({ pid, exitCode, signalCode }) => pid === undefined || exitCode !== null || signalCode !== null;

/** An answer of somebody else, while the program is gone, is none. */
async function answers(child, url, endMs) {
  while (Date.now() < endMs) {
    const answered = await fetch(url).then(
      () => true,
      () => false,
    );
    if (hasEnded(child)) return false;
    if (answered) return true;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  return false;
}

/** A port of loopback that nobody listens at now; whoever starts at it must bear that another was quicker. */
export async function freePort() {
  for (;;) {
    const port = FIRST_PORT + Math.floor(Math.random() * PORTS);
    const server = createServer();
    const free = await new Promise((resolve, reject) => {
      server.once('error', (error) => (error.code === 'EADDRINUSE' ? resolve(false) : reject(error)));
      server.listen(port, '127.0.0.1', () => resolve(true));
    });
    if (!free) continue;
    server.close();
    await once(server, 'close');
    return port;
  }
}
