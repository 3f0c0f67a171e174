/** An npm registry on loopback that has the packed packages of this repository alone: `nx add` asks a registry, whatever is installed. */
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { ROOT } from '../tools/prepare-repository.mjs';

/** What npm asks of a package: its manifest, and where the tarball is with which digest. */
function packument(name, tarball, url) {
  const manifest = JSON.parse(readFileSync(join(ROOT, 'packages', name.split('/')[1], 'package.json'), 'utf8'));
  const integrity = `sha512-${createHash('sha512').update(readFileSync(tarball)).digest('base64')}`;
  const version = { ...manifest, dist: { tarball: `${url}/tarballs/${tarball.split('/').at(-1)}`, integrity } };
  return { name, 'dist-tags': { latest: manifest.version }, versions: { [manifest.version]: version } };
}

/**
 * @param {Record<string, string>} packed name → tarball path, as `packPackages` gives it
 * @returns {Promise<{url: string, close(): void}>} `url` without a slash at the end
 */
export async function startRegistry(packed) {
  const server = createServer((request, response) => {
    const path = decodeURIComponent(new URL(request.url, 'http://loopback').pathname).slice(1);
    const tarball = Object.values(packed).find((file) => path === `tarballs/${file.split('/').at(-1)}`);
    if (tarball) response.end(readFileSync(tarball));
    else if (packed[path]) response.setHeader('content-type', 'application/json').end(JSON.stringify(packument(path, packed[path], url)));
    else response.writeHead(404).end('{}');
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const url = `http://127.0.0.1:${server.address().port}`;
  return {
    url,
    close: () => {
      server.close();
      server.closeAllConnections();
    },
  };
}
