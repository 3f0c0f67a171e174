import { copyFile, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import type { ResolvedTool } from '@waybill/core';
import { normaliseDistribution, parseWheelName, renderRequirements, type RequirementsLock } from '@waybill/distributions';
import type { UpstreamArtifact } from '@waybill/plugin-kit';
import type { BuildCommand } from '../building/frontend';
import { runInBuild, type BuildRun } from '../building/run-frontend';
import { PIP_VERSION_ARGS, pipCommands } from '../installing/pip-installer';
import type { InstallerCommand } from '../installing/installer';
import { pythonErrors } from '../errors/python-errors';
import { digestFaultIn, explainFailure } from './explain-failure';

/** What is installed before the backend runs, so that no frontend installs anything. */
export interface RequirementsRequest {
  lock: RequirementsLock;
  /** Absolute. */
  wheelhouse?: string;
  /** Wheels of this workspace that are build requirements. */
  local: readonly UpstreamArtifact[];
  python: string;
  uv?: ResolvedTool | undefined;
}

/** Makes an environment that holds the locked build requirements, each checked by its hash; gives its interpreter. */
export async function installRequirements(run: BuildRun, request: RequirementsRequest): Promise<string> {
  const { places } = run;
  const python = join(places.environment, run.system === 'win32' ? 'Scripts/python.exe' : 'bin/python');
  const file = join(places.scratch, 'build-requirements.txt');
  await writeFile(file, renderRequirements(request.lock));
  const own = { request, python, file, environment: places.environment };
  const commands = request.uv ? byUv(request.uv, own) : byPip(own, await pipVersionOf(run, request.python));
  for (const { args, tool } of commands) {
    const { result, output, shown } = await runInBuild(run, { tool, args, cwd: places.scratch, env: { UV_PYTHON_DOWNLOADS: 'never' } });
    if (result.exitCode === 0) continue;
    const { files } = request.lock;
    const fault = digestFaultIn(output);
    if (fault) throw pythonErrors.error('WHEEL_REQUIREMENT_DIGEST', { ...fault, files, command: shown, output });
    const explained = explainFailure(run, tool.id, { what: 'build requirements', backend: tool.id, command: shown, output });
    throw explained ?? pythonErrors.error('WHEEL_REQUIREMENTS', { files, command: shown, output });
  }
  return python;
}

type Command = Pick<BuildCommand, 'tool' | 'args'>;

const noIndex = ({ wheelhouse }: RequirementsRequest): string[] => (wheelhouse === undefined ? [] : ['--no-index', '--find-links', wheelhouse]);

interface Installation {
  request: RequirementsRequest;
  /** Of the environment. */
  python: string;
  /** The lock, written out. */
  file: string;
  environment: string;
}

function byUv(tool: ResolvedTool, { request, python, file, environment }: Installation): Command[] {
  const install = ['pip', 'install', '--python', python, ...noIndex(request)];
  return [
    { tool, args: ['venv', '--python', request.python, environment] },
    { tool, args: [...install, '--require-hashes', '-r', file] },
    ...request.local.map((wheel) => ({ tool, args: ['pip', 'install', '--python', python, '--no-deps', '--no-index', wheel.file] })),
  ];
}

async function pipVersionOf(run: BuildRun, python: string): Promise<string | undefined> {
  const tool: ResolvedTool = { id: 'python', path: python, prefixArgs: [], version: '', source: 'path' };
  const { result } = await runInBuild(run, { tool, args: PIP_VERSION_ARGS, cwd: run.places.scratch, env: {} });
  return result.exitCode === 0 ? result.stdout.trim() : undefined;
}

function byPip({ request, python, file, environment }: Installation, pipVersion: string | undefined): Command[] {
  const { createEnvironment, pip } = pipCommands(request.python, pipVersion);
  const command = (id: string, { file: path, args }: InstallerCommand): Command => ({
    tool: { id, path, prefixArgs: [], version: '', source: 'path' },
    args,
  });
  return [
    command('venv', createEnvironment(environment)),
    command('pip', pip(python, 'install', ...noIndex(request), '--require-hashes', '-r', file)),
    ...request.local.map((wheel) => command('pip', pip(python, 'install', '--no-deps', '--no-index', wheel.file))),
  ];
}

/** Name of the distribution that a requirement asks for, normalised. */
export const requiredName = (requirement: string): string => normaliseDistribution(/^[A-Za-z0-9][A-Za-z0-9._-]*/.exec(requirement.trim())?.[0] ?? '');

/** The wheels of this workspace that a project names among its build requirements. */
export function localRequirements(requires: readonly string[], wheels: readonly UpstreamArtifact[]): readonly UpstreamArtifact[] {
  const wanted = new Set(requires.map(requiredName));
  return wheels.filter(({ name }) => wanted.has(parseWheelName(name)?.distribution ?? ''));
}

/** Puts local wheels where a frontend finds them, and pins them to these versions. */
export async function offerLocalWheels(
  wheels: readonly UpstreamArtifact[],
  folder: string,
): Promise<{ folder: string; constraints: string } | undefined> {
  if (wheels.length === 0) return undefined;
  for (const { file, name } of wheels) await copyFile(file, join(folder, basename(name)));
  const constraints = join(folder, 'constraints.txt');
  const pins = wheels.map(({ name }) => parseWheelName(name)).map((wheel) => `${wheel!.distribution}==${wheel!.version}\n`);
  await writeFile(constraints, pins.join(''));
  return { folder, constraints };
}

/** Build requirements that neither the lock nor this workspace has: without isolation the backend would fail for the want of them. */
export function checkLocked(requires: readonly string[], lock: RequirementsLock, local: readonly UpstreamArtifact[]): void {
  const there = new Set([...lock.requirements.map(({ name }) => name), ...local.map(({ name }) => parseWheelName(name)?.distribution ?? '')]);
  const missing = requires.filter((requirement) => !requirement.includes(';') && !there.has(requiredName(requirement)));
  if (missing.length > 0) throw pythonErrors.error('WHEEL_REQUIREMENT_UNLOCKED', { file: lock.files[0]!, missing });
}
