/**
 * How long the backends take to sign many files with a local timestamp server, against the program itself called for one file after another with the same
 * certificate, server and files: 200 PE files by osslsigncode, 200 Mach-O files by rcodesign (left out, and said so, where it is not installed). Both ways take turns,
 * so that a change of the machine's load meets both; wall seconds, medians. Ours read each signature back too. Then how fast the page hashes of a signed bundle for macOS are verified, against
 * SHA-256 of the same bytes (page-hashes.mjs): that of `--bundle`, else programs that Apple has notarized, which the specs of the readers have fetched; left out, and said so, where there are none.
 * Needs built packages. Ends with 1 when a bound fails.
 * Usage: node tools/bench/bench-signing.mjs [--files=200] [--runs=3] [--bundle=FOLDER] [--output=FILE]
 */
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createRequire } from 'node:module';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { createProcesses, createTools, OSSLSIGNCODE, RCODESIGN, readTree, Secret } from '@waybill/core';
import { runCommand } from '../run-command.mjs';
import { argument, machine, median, ratio } from './measure.mjs';
import { comparePageHashes } from './page-hashes.mjs';

/** Ours may take this many times as long as one call after another. */
const BOUND = 0.6;
const require = createRequire(import.meta.url);
const part = (path) => require(fileURLToPath(new URL(`../../packages/signing/dist/${path}.js`, import.meta.url)));
const count = Number(argument('files', '200'));
const runs = Number(argument('runs', '3'));

const folder = mkdtempSync(join(tmpdir(), 'waybill-bench-sign-'));
const openssl = (...args) => execFileSync('openssl', args, { cwd: folder, stdio: 'ignore' });

/** A certificate of nobody, RSA as Apple’s are. */
function makeCertificate() {
  const usage = ['-addext', 'extendedKeyUsage=codeSigning', '-addext', 'keyUsage=digitalSignature', '-addext', 'basicConstraints=critical,CA:FALSE'];
  openssl(
    'req',
    '-x509',
    '-newkey',
    'rsa:2048',
    '-nodes',
    '-keyout',
    'key.pem',
    '-out',
    'cert.pem',
    '-days',
    '30',
    '-subj',
    '/CN=Bench/OU=TEAM123456',
    ...usage,
  );
  const [key, certificates] = ['key.pem', 'cert.pem'].map((name) => readFileSync(join(folder, name), 'utf8'));
  return { kind: 'pem', certificates, plainKey: new Secret(key) };
}

async function startAuthority() {
  const child = spawn(process.execPath, [fileURLToPath(new URL('../stand-ins/timestamp-authority.mjs', import.meta.url)), '--keys=rsa'], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const [line] = await once(child.stdout, 'data');
  return { child, ...JSON.parse(String(line)) };
}

const nameOf = (index, ending) => `f${String(index).padStart(4, '0')}${ending}`;

/** `count` small files, each with other bytes. */
function makeFiles(place, ending, make) {
  mkdirSync(place);
  for (let index = 0; index < count; index += 1) {
    const bytes = make();
    bytes.writeUInt32LE(index, bytes.length - 16);
    writeFileSync(join(place, nameOf(index, ending)), bytes);
  }
}

async function seconds(work) {
  const started = performance.now();
  await work();
  return (performance.now() - started) / 1_000;
}

async function mustRun(file, args) {
  const result = await runCommand(file, args, { quiet: true });
  if (result.exitCode !== 0) throw new Error(`${file} ended with ${result.exitCode}\n${result.output}`);
}

/** Signs a copy of the files in both ways, by turns. */
async function compare(name, files, { oneByOne, ours }) {
  const times = { oneByOne: [], ours: [] };
  for (let run = 0; run < runs; run += 1) {
    for (const [way, work] of Object.entries({ oneByOne, ours })) {
      const place = join(folder, `${name}-${way}`);
      cpSync(files, place, { recursive: true });
      times[way].push(await seconds(() => work(place)));
      rmSync(place, { recursive: true });
    }
  }
  const [alone, together] = [median(times.oneByOne), median(times.ours)];
  const comparison = ratio(`${count} ${name} files signed with timestamps, against one call after another, wall seconds`, together, alone, BOUND);
  return { name, files: count, comparison };
}

const treeOf = async (place) => ({
  ...{ root: place, items: await readTree(place), name: 'bench', last: [] },
  ...{ earlier: async () => new Map(), renewRecords: async () => [] },
});

async function main() {
  const credential = makeCertificate();
  const authority = await startAuthority();
  const processes = createProcesses();
  const tools = createTools({ processes, environment: process.env });
  const portsOf = async (descriptor) => ({
    processes,
    tool: await tools.resolve(descriptor),
    environment: { PATH: process.env.PATH },
    timeoutMs: 60_000,
  });
  const { timestampServers } = part('inside/timestamp-servers');
  const rules = () => ({ servers: timestampServers([authority.url]), warn: (line) => console.error(line) });
  const results = [];
  try {
    const pe = await portsOf(OSSLSIGNCODE);
    const { fingerprint } = await part('authenticode/open-identity').openIdentity(credential, { variable: 'BENCH' }, pe, Date.now());
    makeFiles(join(folder, 'pe'), '.dll', part('authenticode/probe-image').makeProbeImage);
    results.push(
      await compare('pe', join(folder, 'pe'), {
        async oneByOne(place) {
          for (let index = 0; index < count; index += 1) {
            const [input, output] = [join(place, nameOf(index, '.dll')), join(place, 'signed')];
            const key = ['-certs', join(folder, 'cert.pem'), '-key', join(folder, 'key.pem')];
            await mustRun(pe.tool.path, ['sign', ...key, '-h', 'sha256', '-ts', authority.url, '-in', input, '-out', output]);
            renameSync(output, input);
          }
        },
        async ours(place) {
          const { withOsslsigncode } = part('authenticode/osslsigncode');
          const tree = { ...(await treeOf(place)), ...rules(), fingerprint, replace: [] };
          await part('authenticode/tree/sign-tree').signTree(tree, (work) => withOsslsigncode(credential, pe, work));
        },
      }),
    );
    const rcodesign = await portsOf(RCODESIGN).catch((error) => (error.code === 'TOOL_MISSING' ? undefined : Promise.reject(error)));
    if (rcodesign === undefined) console.error('SKIP mach-o: rcodesign is not installed');
    else results.push(await benchMachO(credential, rcodesign, authority, rules));
  } finally {
    authority.child.stdin.end();
  }
  const bundle = signedBundle();
  if (bundle.length === 0) console.error('SKIP page hashes: no `--bundle`, and the specs of the readers have fetched no signed program');
  else results.push({ name: 'page hashes', ...comparePageHashes(bundle, Math.max(runs, FEWEST_RUNS)) });
  return results;
}

/** It takes a second: a median of few would be chance. */
const FEWEST_RUNS = 7;
/** Where specs keep files of other people, and which of those Apple has notarized. */
const FIXTURES = join(process.env.XDG_CACHE_HOME || join(homedir(), '.cache'), 'waybill-test-fixtures');
const NOTARIZED = /^_(expo_ngrok-bin|sentry_cli)-darwin/;

function signedBundle() {
  const named = argument('bundle');
  if (named !== undefined) return [named];
  return existsSync(FIXTURES)
    ? readdirSync(FIXTURES)
        .filter((name) => NOTARIZED.test(name))
        .map((name) => join(FIXTURES, name))
    : [];
}

async function benchMachO(credential, ports, authority, rules) {
  const { fingerprint, team } = await part('apple/open-identity').openAppleIdentity(
    credential,
    { ...ports, names: { variable: 'BENCH' } },
    Date.now(),
  );
  makeFiles(join(folder, 'macho'), '.dylib', part('apple/probe-code').makeProbeCode);
  return compare('mach-o', join(folder, 'macho'), {
    async oneByOne(place) {
      for (let index = 0; index < count; index += 1) {
        const [input, output] = [join(place, nameOf(index, '.dylib')), join(place, 'signed')];
        const key = ['--pem-file', join(folder, 'key.pem'), '--pem-file', join(folder, 'cert.pem'), '--timestamp-url', authority.url];
        await mustRun(ports.tool.path, ['sign', '-C', '/dev/null', ...key, '--binary-identifier', nameOf(index, '.dylib'), input, output]);
        renameSync(output, input);
      }
    },
    async ours(place) {
      const { withRcodesign } = part('apple/rcodesign');
      const wanted = { ...rules(), identity: { fingerprint, team }, hardenedRuntime: true, libraryValidation: true, entitlements: [] };
      await part('apple/sign-code-tree').signCodeTree(await treeOf(place), wanted, (work) => withRcodesign(credential, ports, work));
    },
  });
}

if (!existsSync(fileURLToPath(new URL('../../packages/signing/dist/index.js', import.meta.url)))) throw new Error('build first: npm run build');
try {
  const report = { machine: machine(), results: await main() };
  console.log(JSON.stringify(report, undefined, 2));
  if (argument('output') !== undefined) writeFileSync(argument('output'), `${JSON.stringify(report, undefined, 2)}\n`);
  if (report.results.some(({ comparison }) => !comparison.holds)) process.exitCode = 1;
} finally {
  rmSync(folder, { recursive: true, force: true });
}
