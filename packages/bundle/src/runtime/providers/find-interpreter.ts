import { constants } from 'node:fs';
import { access, readdir, readFile, stat } from 'node:fs/promises';
import { basename, delimiter, dirname, join, resolve } from 'node:path';
import { bundleErrors } from '../../errors/bundle-errors';
import { queryInterpreter, type InterpreterAnswer } from './query-interpreter';
import { timeoutOf } from '../runtime-ports';
import type { RuntimePorts, RuntimeRequest } from '../runtime-facts';
import { plainVersion, readVersionFile } from '@waybill/distributions';
import { versionFits } from './version-request';

/** An interpreter that may serve: where it was found, for people. */
interface Candidate {
  executable: string;
  place: string;
}

const isExecutable = async (file: string): Promise<boolean> => {
  const found = await stat(file).catch(() => undefined);
  return (
    found?.isFile() === true &&
    (await access(file, constants.X_OK).then(
      () => true,
      () => false,
    ))
  );
};

async function firstExecutable(files: readonly string[]): Promise<string | undefined> {
  for (const file of files) if (await isExecutable(file)) return file;
  return undefined;
}

/** The wanted version: the option, else `.python-version` of the project, else of the workspace. */
async function wantedVersion(request: RuntimeRequest): Promise<{ version?: string; from: string }> {
  if (request.version) return { version: request.version, from: 'the option `runtime.version`' };
  for (const [folder, whose] of [
    [request.projectRoot, 'project'],
    [request.workspaceRoot, 'workspace'],
  ] as const) {
    const text = await readFile(join(folder, '.python-version'), 'utf8').catch(() => undefined);
    const version = text === undefined ? undefined : readVersionFile(text);
    if (version) return { version, from: `\`.python-version\` of the ${whose}` };
  }
  return { from: 'nothing' };
}

/** Where pyenv keeps versions: as its variable says, beside the shims that are on PATH, in the home folder. */
function pyenvRoots(ports: RuntimePorts): string[] {
  const { PYENV_ROOT: named, HOME: home } = ports.environment;
  const shims = foldersOnPath(ports)
    .filter((folder) => basename(folder) === 'shims')
    .map(dirname);
  return [...new Set([...(named ? [named] : []), ...shims, ...(home ? [join(home, '.pyenv')] : [])])];
}

/** Versions that pyenv installed and that fit, newest first. */
async function pyenvCandidates(version: string, ports: RuntimePorts): Promise<Candidate[]> {
  const found: (Candidate & { version: string })[] = [];
  for (const root of pyenvRoots(ports)) {
    const names = await readdir(join(root, 'versions')).catch(() => [] as string[]);
    const fitting = names.filter((name) => /^\d+\.\d+\.\d+$/.test(name) && versionFits(name, version));
    found.push(...fitting.map((name) => ({ version: name, executable: join(root, 'versions', name, 'bin', 'python3'), place: `pyenv's ${name}` })));
  }
  return found.sort((left, right) => right.version.localeCompare(left.version, 'en', { numeric: true }));
}

const foldersOnPath = (ports: RuntimePorts): string[] => (ports.environment.PATH ?? '').split(delimiter).filter((folder) => folder.startsWith('/'));

/** What a uv that stands on PATH finds, without downloading anything. */
async function uvCandidates(version: string | undefined, request: RuntimeRequest, ports: RuntimePorts): Promise<Candidate[]> {
  const uv = await firstExecutable(foldersOnPath(ports).map((folder) => join(folder, 'uv')));
  if (!uv) return [];
  const args = ['python', 'find', '--no-python-downloads', ...(version ? [version] : [])];
  const found = await ports.processes.run({ file: uv, args, cwd: request.projectRoot, env: ports.environment, timeoutMs: timeoutOf(ports) });
  const executable = found.exitCode === 0 ? found.stdout.trim() : '';
  return executable ? [{ executable, place: '`uv python find`' }] : [];
}

async function pathCandidates(version: string | undefined, ports: RuntimePorts): Promise<Candidate[]> {
  const series = /^\d+\.\d+/.exec(plainVersion(version) ?? '')?.[0];
  const names = [...(series ? [`python${series}`] : []), 'python3', 'python'];
  const candidates: Candidate[] = [];
  for (const name of names) {
    for (const folder of foldersOnPath(ports)) {
      if (await isExecutable(join(folder, name))) candidates.push({ executable: join(folder, name), place: `\`${name}\` on PATH` });
    }
  }
  return candidates;
}

/** The interpreter that an explicit path names: a file, or a folder with one in its `bin`. */
async function explicitInterpreter(path: string, request: RuntimeRequest): Promise<string> {
  const absolute = resolve(request.workspaceRoot, path);
  const inFolder = ['python3', 'python', ...(request.version ? [`python${request.version}`] : [])].map((name) => join(absolute, 'bin', name));
  const found = await firstExecutable([absolute, ...inFolder]);
  if (found) return found;
  throw bundleErrors.error('BUNDLE_RUNTIME_MISSING', {
    wanted: request.version,
    searched: [`\`${path}\` (the option \`runtime.path\`): no executable`],
  });
}

export interface FoundInterpreter {
  executable: string;
  answer: InterpreterAnswer;
}

/**
 * Finds the interpreter of a project: the option `path`; else, for the version wanted by option or `.python-version`, pyenv's
 * installations, uv and PATH, the first that answers and fits. Throws `BUNDLE_RUNTIME_MISSING`, `…_VERSION`, `…_QUERY`.
 */
export async function findInterpreter(request: RuntimeRequest, ports: RuntimePorts): Promise<FoundInterpreter> {
  if (request.path) {
    const executable = await explicitInterpreter(request.path, request);
    return { executable, answer: await queryInterpreter(executable, request.projectRoot, ports) };
  }
  const { version, from } = await wantedVersion(request);
  const searched: string[] = version ? [`${from}: wants ${version}`] : [];
  const sources = [
    () => (version ? pyenvCandidates(version, ports) : Promise.resolve([])),
    () => uvCandidates(version, request, ports),
    () => pathCandidates(version, ports),
  ];
  for (const source of sources) {
    for (const candidate of await source()) {
      const outcome = await tryCandidate(candidate, version, request, ports);
      if (typeof outcome !== 'string') return outcome;
      searched.push(outcome);
    }
  }
  throw bundleErrors.error('BUNDLE_RUNTIME_MISSING', { wanted: version, searched: searched.length > 0 ? searched : ['PATH: no `python3`'] });
}

/** The interpreter, or a line that says why it was passed over. */
async function tryCandidate(
  candidate: Candidate,
  version: string | undefined,
  request: RuntimeRequest,
  ports: RuntimePorts,
): Promise<FoundInterpreter | string> {
  try {
    const answer = await queryInterpreter(candidate.executable, request.projectRoot, ports);
    if (version && !versionFits(answer.version, version)) return `${candidate.place}: is ${answer.version}`;
    if (answer.implementation !== 'cpython') return `${candidate.place}: is ${answer.implementation}`;
    return { executable: candidate.executable, answer };
  } catch (cause) {
    return `${candidate.place}: ${cause instanceof Error ? cause.message : String(cause)}`;
  }
}
