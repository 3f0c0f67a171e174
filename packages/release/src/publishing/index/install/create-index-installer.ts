import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { formatPlatform, hostPlatform, normaliseDistribution, sameVersion } from '@waybill/artifacts';
import { UV, type LibraryTools, type Processes, type ProcessResult, type ResolvedTool } from '@waybill/core';
import { parseCoreMetadata, type WheelTarget } from '@waybill/distributions';
import type { UpstreamArtifact } from '@waybill/plugin-kit';
import { readDistributionName, type IndexInstaller, type InstallRequest, type TriedOut } from '@waybill/publishing';
import { publishErrors } from '../../../errors/publish-errors';
import { readDistributionMetadata } from '../read-distribution-metadata';
import { planInstall, type InstallPlan, type LocalWheel } from './choose-requirements';

export interface InstallWorld {
  /** All wheels before this target, of this project and of others, verified. */
  wheels: readonly UpstreamArtifact[];
  tools: LibraryTools;
  processes: Processes;
  /** Of tools: settings of the usual index stand in it. */
  toolEnvironment: Readonly<Record<string, string>>;
  timeoutMs: number;
}

/** Which settings would let distributions in from elsewhere. */
const SETTINGS = /^(UV|PIP)_/;
/** What uv says of a version that an index does not list, or not yet. */
const NOT_OFFERED = /there is no version of|was not found in the package registry|no wheels? with a matching/i;
const FACTS = 'import sys, sysconfig; print("%d.%d" % sys.version_info[:2], "t" if sysconfig.get_config_var("Py_GIL_DISABLED") else "-")';
const VERSION = 'import importlib.metadata, sys; print(importlib.metadata.version(sys.argv[1]))';

/** A fresh environment, one run. */
interface Environment {
  folder: string;
  python: string;
  uv(args: readonly string[], settings: 'this index' | 'usual index'): Promise<ProcessResult>;
  run(args: readonly string[]): Promise<ProcessResult>;
}

/** Installs with uv: it is quick, and needs neither pip nor ensurepip in the interpreter. */
export function createIndexInstaller(world: InstallWorld): IndexInstaller {
  let uv: Promise<ResolvedTool> | undefined;
  const find = (): Promise<ResolvedTool> => (uv ??= world.tools.resolve(UV));
  return {
    prepare: async (id) => {
      const uv = await find();
      await inScratch(async (scratch) => {
        const found = await environmentIn(scratch, uv, world).uv(['python', 'find', '--no-project', '--system'], 'this index');
        if (found.exitCode !== 0) throw publishErrors.error('PUBLISH_NO_PYTHON', { id, said: linesOf(found) });
      });
    },
    install: async (request) => inScratch(async (scratch) => install(request, world, environmentIn(scratch, await find(), world))),
  };
}

async function inScratch<Result>(work: (scratch: string) => Promise<Result>): Promise<Result> {
  const scratch = await mkdtemp(join(tmpdir(), 'waybill-install-'));
  try {
    return await work(scratch);
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
}

function environmentIn(scratch: string, uv: ResolvedTool, { processes, toolEnvironment, timeoutMs }: InstallWorld): Environment {
  const folder = join(scratch, 'environment');
  const python = process.platform === 'win32' ? join(folder, 'Scripts', 'python.exe') : join(folder, 'bin', 'python');
  const given = Object.entries(toolEnvironment).filter(([name]) => !/^(PYTHONPATH|PYTHONHOME|VIRTUAL_ENV)$/.test(name));
  const base = { ...Object.fromEntries(given), UV_PYTHON_DOWNLOADS: 'never', PYTHONNOUSERSITE: '1', NO_COLOR: '1' };
  const closed = {
    ...Object.fromEntries(Object.entries(base).filter(([name]) => !SETTINGS.test(name))),
    UV_NO_CONFIG: '1',
    UV_PYTHON_DOWNLOADS: 'never',
  };
  return {
    folder,
    python,
    uv: (args, settings) =>
      processes.run({ file: uv.path, args: [...uv.prefixArgs, ...args], cwd: scratch, env: settings === 'usual index' ? base : closed, timeoutMs }),
    run: (args) => processes.run({ file: python, args: ['-I', ...args], cwd: scratch, env: closed, timeoutMs }),
  };
}

async function install(request: InstallRequest, world: InstallWorld, place: Environment): Promise<TriedOut> {
  const { id, version, wheels } = request;
  must(request, 'a fresh environment', await place.uv(['venv', '--no-project', '--quiet', place.folder], 'this index'));
  const target = await targetOf(request, place);
  const plan = await planOf(request, world, target);
  if (plan.pins.length === 0) {
    return {
      outcome: 'untried',
      line: `${id}: not installed here, no wheel of ${wheels.length} is for Python ${target.series} on ${target.platform}`,
    };
  }
  const waiting = await installPins(request, plan, place);
  if (waiting !== undefined) return waiting;
  await installRest(request, plan, place);
  must(request, 'the requirements of what was installed', await place.uv(['pip', 'check', '--python', place.python], 'this index'));
  const names = plan.pins.map((pin) => pin.split('==')[0]!);
  for (const name of names) {
    const { stdout } = must(request, `\`${name}\``, await place.run(['-c', VERSION, name]));
    if (!sameVersion(stdout.trim(), version)) throw failed(request, `\`${name}\``, [`expected ${version}`, `actual ${stdout.trim()}`]);
  }
  return { outcome: 'works', line: `${id}: ${names.map((name) => `${name} ${version}`).join(', ')} installed from there, in a fresh environment` };
}

async function targetOf(request: InstallRequest, place: Environment): Promise<WheelTarget> {
  const { stdout } = must(request, 'the interpreter', await place.run(['-c', FACTS]));
  const [series = '', flags = ''] = stdout.trim().split(' ');
  return { series, abiFlags: flags.replace('-', ''), platform: formatPlatform(hostPlatform(process)) };
}

async function planOf({ wheels }: InstallRequest, world: InstallWorld, target: WheelTarget): Promise<InstallPlan<LocalWheel>> {
  const published = new Set(wheels.map(({ name }) => name));
  const read = await Promise.all(world.wheels.map(readWheel));
  const own = read.filter(({ name }) => published.has(name));
  const names = new Set(own.map(({ name }) => readDistributionName(name)!.project));
  const others = read.filter(({ name }) => !names.has(readDistributionName(name)?.project ?? name));
  return planInstall(own, others, target);
}

async function readWheel(artifact: UpstreamArtifact): Promise<LocalWheel> {
  const { metadata } = parseCoreMetadata(await readDistributionMetadata(artifact));
  const { name, sha256, file } = artifact;
  return { name, sha256, file, version: metadata.version ?? readDistributionName(name)?.version ?? '', requires: metadata.requiresDist };
}

/** Credentials stand in a file that nobody else can read, and on no command line. */
async function installPins(request: InstallRequest, { pins }: InstallPlan<LocalWheel>, place: Environment): Promise<TriedOut | undefined> {
  const file = join(place.folder, 'published.txt');
  await writeFile(file, [`--index-url ${addressOf(request)}`, ...pins, ''].join('\n'), { mode: 0o600 });
  const only = ['--no-deps', '--require-hashes', '--only-binary', ':all:', '--no-cache', '--no-progress'];
  const result = await place.uv(['pip', 'install', '--python', place.python, ...only, '-r', file], 'this index');
  if (result.exitCode !== 0 && NOT_OFFERED.test(result.stderr)) {
    return { outcome: 'waiting', line: `${request.id} does not offer ${request.version} to installers yet` };
  }
  must(request, pins.map((pin) => `\`${pin.split(' ')[0]!}\``).join(', '), result);
  return undefined;
}

function addressOf({ simpleUrl, login }: InstallRequest): string {
  const url = new URL(simpleUrl);
  if (login) [url.username, url.password] = [encodeURIComponent(login.user), encodeURIComponent(login.password.reveal())];
  return url.href;
}

async function installRest(request: InstallRequest, { local, others, pins }: InstallPlan<LocalWheel>, place: Environment): Promise<void> {
  const into = ['pip', 'install', '--python', place.python, '--only-binary', ':all:', '--no-progress'];
  if (local.length > 0) {
    const files = local.map(({ file }) => file);
    must(request, 'wheels of this workspace', await place.uv([...into, '--no-deps', '--no-index', '--no-cache', ...files], 'this index'));
  }
  if (others.length === 0) return;
  const [file, ours] = [join(place.folder, 'others.txt'), join(place.folder, 'ours.txt')];
  const pinned = [
    ...pins.map((pin) => pin.split(' ')[0]!),
    ...local.map(({ name, version }) => `${normaliseDistribution(name.split('-')[0]!)}==${version}`),
  ];
  await writeFile(file, [...others, ''].join('\n'));
  await writeFile(ours, [...pinned, ''].join('\n'));
  must(request, `what it needs (${others.join(', ')})`, await place.uv([...into, '-r', file, '-c', ours], 'usual index'));
}

const failed = ({ id, version }: InstallRequest, what: string, said: readonly string[]): Error =>
  publishErrors.error('PUBLISH_INSTALL', { id, version, what, said });

function must(request: InstallRequest, what: string, result: ProcessResult): ProcessResult {
  if (result.exitCode === 0) return result;
  const said = linesOf(result);
  throw failed(request, what, result.timedOut ? [...said, 'it took too long'] : said);
}

const linesOf = ({ stdout, stderr }: ProcessResult): readonly string[] =>
  [stdout, stderr].flatMap((text) => text.split('\n')).filter((line) => line.trim() !== '');
