/**
 * A timestamp authority (RFC 3161) for tests, on a free port of 127.0.0.1, with keys of its own: `node timestamp-authority.mjs [--fail-every=N]
 * [--fault=garbage|other-bytes] [--delay=MS] [--keys=ec|rsa]`. Prints one line of JSON, `{"url", "root"}` (root: PEM file), and runs until its standard input ends. As strict as a
 * real one: only POST of `application/timestamp-query` that openssl can read is answered. GET /requests gives their number.
 */
import { execFile } from 'node:child_process';
import { createServer } from 'node:http';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);
const option = (name) => process.argv.find((argument) => argument.startsWith(`--${name}=`))?.slice(name.length + 3);
const failEvery = Number(option('fail-every') ?? 0);
const fault = option('fault');
const delayMs = Number(option('delay') ?? 0);
const keys = { ec: ['ec', '-pkeyopt', 'ec_paramgen_curve:P-256'], rsa: ['rsa:2048'] }[option('keys') ?? 'ec'];

const folder = mkdtempSync(join(tmpdir(), 'waybill-tsa-'));
process.on('exit', () => rmSync(folder, { recursive: true, force: true }));
const openssl = (...args) => run('openssl', args, { cwd: folder, timeout: 60_000 });

/** openssl keeps its serial number in a file: each answer has one of its own, so that several can be made at once. */
const configOf = (number) => `[tsa]
default_tsa = one
[one]
serial = ${folder}/${number}.serial
signer_cert = ${folder}/tsa.pem
certs = ${folder}/root.pem
signer_key = ${folder}/tsa.key
signer_digest = sha256
default_policy = 1.2.3.4.1
digests = sha256, sha384, sha512
accuracy = secs:1
ess_cert_id_alg = sha256
`;

async function makeKeys() {
  writeFileSync(join(folder, 'tsa.ext'), 'extendedKeyUsage=critical,timeStamping\nkeyUsage=critical,digitalSignature\nbasicConstraints=CA:FALSE\n');
  const fresh = ['-newkey', ...keys, '-nodes'];
  await openssl('req', '-x509', ...fresh, '-keyout', 'root.key', '-out', 'root.pem', '-days', '30', '-subj', '/CN=Stand-in Timestamp Root');
  await openssl('req', ...fresh, '-keyout', 'tsa.key', '-out', 'tsa.csr', '-subj', '/CN=Stand-in Timestamp Authority');
  const issue = ['-CA', 'root.pem', '-CAkey', 'root.key', '-CAcreateserial', '-days', '30', '-extfile', 'tsa.ext'];
  await openssl('x509', '-req', '-in', 'tsa.csr', ...issue, '-out', 'tsa.pem');
}

async function stamp(query, number) {
  const file = (ending) => join(folder, `${number}.${ending}`);
  writeFileSync(file('cnf'), configOf(number));
  writeFileSync(file('serial'), `${number.toString(16).padStart(8, '0')}\n`);
  writeFileSync(file('tsq'), query);
  if (fault === 'other-bytes') await openssl('ts', '-query', '-digest', 'ab'.repeat(32), '-sha256', '-cert', '-out', file('tsq'));
  await openssl('ts', '-reply', '-config', file('cnf'), '-section', 'one', '-queryfile', file('tsq'), '-out', file('tsr'));
  return readFileSync(file('tsr'));
}

let requests = 0;
const server = createServer(async (request, response) => {
  const pieces = [];
  for await (const piece of request) pieces.push(piece);
  if (request.method === 'GET' && request.url === '/requests') return response.end(String(requests));
  const number = (requests += 1);
  if (request.method !== 'POST') return response.writeHead(405).end();
  if (request.headers['content-type'] !== 'application/timestamp-query') return response.writeHead(415).end();
  if (failEvery > 0 && number % failEvery === 0) return response.writeHead(503).end('busy');
  if (fault === 'garbage') return response.writeHead(200, { 'content-type': 'text/html' }).end('<html>maintenance</html>');
  if (delayMs > 0) await new Promise((resolve) => setTimeout(resolve, delayMs));
  return stamp(Buffer.concat(pieces), number).then(
    (reply) => response.writeHead(200, { 'content-type': 'application/timestamp-reply' }).end(reply),
    () => response.writeHead(400).end('no timestamp query'),
  );
});

await makeKeys();
server.listen(0, '127.0.0.1', () => {
  process.stdout.write(`${JSON.stringify({ url: `http://127.0.0.1:${server.address().port}`, root: join(folder, 'root.pem') })}\n`);
});
process.stdin.resume().on('end', () => process.exit(0));
