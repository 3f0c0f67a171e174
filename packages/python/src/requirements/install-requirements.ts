import { copyFile, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import type { ResolvedTool } from '@waybill/core';
import { normaliseDistribution, parseWheelName, renderRequirements, type RequirementsLock } from '@waybill/distributions';
import type { UpstreamArtifact } from '@waybill/plugin-kit';
import type { BuildCommand } from '../building/frontend';
import { runInBuild, type BuildRun } from '../building/run-frontend';
import { attemptIn, TIER_TEXTS } from '../environment/network';
import { pythonErrors } from '../errors/python-errors';

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
  const commands = request.uv ? byUv(request.uv, request, python, file, places.environment) : byPip(request, python, file, places.environment);
  for (const { args, tool } of commands) {
    const { result, output, shown } = await runInBuild(run, { tool, args, cwd: places.scratch, env: { UV_PYTHON_DOWNLOADS: 'never' } });
    if (result.exitCode === 0) continue;
    const attempt = run.network === 'open' ? undefined : attemptIn(output);
    const about = { what: 'build requirements' as const, backend: tool.id, command: shown, output };
    if (attempt !== undefined && run.network !== 'open')
      throw pythonErrors.error('WHEEL_NETWORK', { ...about, attempt, tier: TIER_TEXTS[run.network] });
    throw pythonErrors.error('WHEEL_REQUIREMENTS', { files: request.lock.files, command: shown, output });
  }
  return python;
}

type Command = Pick<BuildCommand, 'tool' | 'args'>;

const noIndex = ({ wheelhouse }: RequirementsRequest): string[] => (wheelhouse === undefined ? [] : ['--no-index', '--find-links', wheelhouse]);

function byUv(tool: ResolvedTool, request: RequirementsRequest, python: string, file: string, environment: string): Command[] {
  const install = ['pip', 'install', '--python', python, ...noIndex(request)];
  return [
    { tool, args: ['venv', '--python', request.python, environment] },
    { tool, args: [...install, '--require-hashes', '-r', file] },
    ...request.local.map((wheel) => ({ tool, args: ['pip', 'install', '--python', python, '--no-deps', '--no-index', wheel.file] })),
  ];
}

function byPip(request: RequirementsRequest, python: string, file: string, environment: string): Command[] {
  const maker: ResolvedTool = { id: 'venv', path: request.python, prefixArgs: ['-I', '-m', 'venv'], version: '', source: 'path' };
  const pip: ResolvedTool = { id: 'pip', path: python, prefixArgs: ['-I', '-m', 'pip'], version: '', source: 'path' };
  return [
    { tool: maker, args: [environment] },
    { tool: pip, args: ['install', ...noIndex(request), '--require-hashes', '-r', file] },
    ...request.local.map((wheel) => ({ tool: pip, args: ['install', '--no-deps', '--no-index', wheel.file] })),
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
