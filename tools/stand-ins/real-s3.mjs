/** versitygw on this machine: a real S3 server that is strict about secrets, regions, digests and conditional writes. Made from its sources, which takes minutes. */
import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { startAtPort } from './start-at-port.mjs';

const VERSION = 'v1.8.0';
const KEYS = { accessKeyId: 'AKIDTEST', secretAccessKey: 'secret/of+the=store', region: 'us-east-1', bucket: 'releases' };

/** @returns {Promise<typeof KEYS & { url: string, stop(): Promise<void> }>} with an empty bucket */
export async function startRealS3() {
  const folder = mkdtempSync(join(tmpdir(), 'waybill-versitygw-'));
  const remove = () => rmSync(folder, { recursive: true, force: true });
  try {
    await promisify(execFile)('go', ['install', `github.com/versity/versitygw/cmd/versitygw@${VERSION}`], { env: { ...process.env, GOBIN: folder } });
    mkdirSync(join(folder, 'data', KEYS.bucket), { recursive: true });
    const { url, stop } = await startAtPort((port) => ({
      file: join(folder, 'versitygw'),
      args: [
        ...['--access', KEYS.accessKeyId, '--secret', KEYS.secretAccessKey, '--region', KEYS.region],
        ...['--port', `127.0.0.1:${port}`, '--quiet', 'posix', join(folder, 'data')],
      ],
      url: `http://127.0.0.1:${port}`,
    }));
    return { ...KEYS, url, stop: () => stop().then(remove) };
  } catch (error) {
    remove();
    throw error;
  }
}
