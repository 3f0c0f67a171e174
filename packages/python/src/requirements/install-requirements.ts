import { normaliseDistribution } from '@waybill/artifacts';
import { readdirSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { isFile, type ResolvedTool } from '@waybill/core';
import { digestFaultIn, lackingIn, renderRequirements, unbuiltIn, type RequirementsLock } from '@waybill/distributions';
import type { UpstreamArtifact } from '@waybill/plugin-kit';
import type { BuildCommand } from '../building/frontend';
import { runInBuild, type BuildRun } from '../building/run-frontend';
import { PIP_VERSION_ARGS, pipCommands } from '../installing/pip-installer';
import { ONLY_WHEELS, type InstallerCommand } from '../installing/installer';
import { pythonErrors } from '../errors/python-errors';
import { explainFailure } from './explain-failure';
import { requiredName } from './local-wheels';

/** What is installed before the backend runs, so that no frontend installs anything. */
export interface RequirementsRequest {
  lock: RequirementsLock;
  /** Absolute; what a `--find-links` of the lock is relative to. */
  workspaceRoot: string;
  /** Absolute. */
  wheelhouse?: string;
  /** Wheels of this workspace that are build requirements. */
  local: readonly UpstreamArtifact[];
  python: string;
  uv?: ResolvedTool | undefined;
}

/**
 * Makes an environment that holds the locked build requirements, each a wheel that is checked by its hash; gives its interpreter. No sdist is
 * built: what such a build fetches is pinned by nothing.
 */
export async function installRequirements(run: BuildRun, request: RequirementsRequest): Promise<string> {
  const { places } = run;
  const python = join(places.environment, run.system === 'win32' ? 'Scripts/python.exe' : 'bin/python');
  const file = join(places.scratch, 'build-requirements.txt');
  await writeFile(file, renderRequirements(request.lock, { workspaceRoot: request.workspaceRoot, isFile }));
  const own = { request, python, file, environment: places.environment };
  const commands = request.uv ? byUv(request.uv, own) : byPip(own, await pipVersionOf(run, request.python));
  for (const { args, tool } of commands) {
    const { result, output, shown } = await runInBuild(run, { tool, args, cwd: places.scratch, env: { UV_PYTHON_DOWNLOADS: 'never' } });
    if (result.exitCode !== 0) throw installFailure(run, request, { tool: tool.id, command: shown, output });
  }
  return python;
}

function installFailure(run: BuildRun, { lock, wheelhouse }: RequirementsRequest, failed: { tool: string; command: string; output: string }): Error {
  const { tool, command, output } = failed;
  const { files } = lock;
  const fault = digestFaultIn(output);
  if (fault) return pythonErrors.error('WHEEL_REQUIREMENT_DIGEST', { ...fault, files, command, output });
  const unbuilt = unbuiltIn(output) ?? sdistIn(wheelhouse, lackingIn(output, tool));
  const explained = unbuilt === undefined ? explainFailure(run, tool, { what: 'build requirements', backend: tool, command, output }) : undefined;
  if (explained) return explained;
  const requirement = pinOf(lock, unbuilt ?? lackingIn(output, tool));
  const about = { files, command, output };
  if (requirement === undefined) return pythonErrors.error('WHEEL_REQUIREMENTS', about);
  return pythonErrors.error('WHEEL_REQUIREMENT_SDIST', { ...about, requirement, wheelhouse: run.wheelhouse ?? 'vendor/wheels' });
}

/** What an installer found nothing of, when the folder has it, but as an sdist. */
function sdistIn(wheelhouse: string | undefined, requirement: string | undefined): string | undefined {
  if (wheelhouse === undefined || requirement === undefined) return undefined;
  const wanted = requiredName(requirement);
  const names = readdirSync(wheelhouse).filter((name) => /\.(tar\.gz|zip)$/.test(name));
  return names.some((name) => normaliseDistribution(name.replace(/-\d[^-]*$/, '')) === wanted) ? requirement : undefined;
}

function pinOf({ requirements }: RequirementsLock, requirement: string | undefined): string | undefined {
  const pin = requirement === undefined ? undefined : requirements.find(({ name }) => name === requiredName(requirement));
  return pin && `${pin.name}==${pin.version}`;
}

type Command = Pick<BuildCommand, 'tool' | 'args'>;

const noIndex = ({ wheelhouse }: RequirementsRequest): string[] => (wheelhouse === undefined ? [] : ['--no-index', '--find-links', wheelhouse]);

/** Nothing for a lock that pins nothing beside wheels of this workspace: installers refuse an empty file. */
const ofLock = ({ lock }: RequirementsRequest, command: () => Command): Command[] => (lock.requirements.length === 0 ? [] : [command()]);

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
    ...ofLock(request, () => ({ tool, args: [...install, ...ONLY_WHEELS, '--require-hashes', '-r', file] })),
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
    ...ofLock(request, () => command('pip', pip(python, 'install', ...noIndex(request), ...ONLY_WHEELS, '--require-hashes', '-r', file))),
    ...request.local.map((wheel) => command('pip', pip(python, 'install', '--no-deps', '--no-index', wheel.file))),
  ];
}
