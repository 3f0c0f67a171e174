import { existsSync, readFileSync, readdirSync, statSync } from 'node:fs';
import { delimiter, join, resolve } from 'node:path';
import { plainVersion, pythonFits, readVersionFile } from '@waybill/distributions';
import { findCommand } from '@waybill/plugin-kit';
import { pythonErrors } from '../errors/python-errors';
import { queryPython, type Interpreter, type QueryPorts } from './query-python';

export interface PythonRequest extends QueryPorts {
  /** The option `python`: a version, specifiers, a command or a path. */
  wanted?: string | undefined;
  /** `requires-python` of the project. */
  requiresPython?: string | undefined;
  /** Relative to the workspace. */
  projectRoot: string;
  workspaceRoot: string;
}

/** A program that may serve, and where it was found, for people. */
interface Candidate {
  executable: string;
  place: string;
}

/**
 * The interpreter that builds: the option (a path, a command or a version), else the version that `.python-version` of the project or the
 * workspace names, else `python3`. It must fit `requires-python`. Throws `WHEEL_PYTHON_MISSING`, `WHEEL_PYTHON_VERSION`, `WHEEL_PYTHON_QUERY`.
 */
export async function findPython(request: PythonRequest): Promise<Interpreter> {
  const folder = join(request.workspaceRoot, request.projectRoot);
  const { version, from, named } = wantedOf(request, folder);
  const found = named === undefined ? await firstThatFits(version, from, folder, request) : await queryPython(named, from, folder, request);
  const { requiresPython } = request;
  if (requiresPython !== undefined && pythonFits(found.version, requiresPython) === false) {
    throw pythonErrors.error('WHEEL_PYTHON_VERSION', { expected: requiresPython, actual: found.version, executable: found.executable });
  }
  return found;
}

interface Wanted {
  version?: string;
  from: string;
  /** The program itself is named. */
  named?: string;
}

function wantedOf({ wanted, workspaceRoot, environment }: PythonRequest, folder: string): Wanted {
  if (wanted !== undefined && pythonFits('3.0.0', wanted) !== undefined) return { version: wanted, from: 'the option `python`' };
  if (wanted !== undefined) {
    const path = /[\\/]/.test(wanted) ? resolve(workspaceRoot, wanted) : findCommand(wanted, environment, folder);
    const named = path === undefined ? undefined : isFolder(path) ? join(path, 'bin', 'python3') : path;
    if (named !== undefined && existsSync(named)) return { from: 'the option `python`', named };
    throw pythonErrors.error('WHEEL_PYTHON_MISSING', { wanted, looked: [`the option \`python\` names \`${wanted}\`, which is not there`] });
  }
  for (const [place, whose] of [
    [folder, 'project'],
    [workspaceRoot, 'workspace'],
  ] as const) {
    const file = join(place, '.python-version');
    const version = existsSync(file) ? readVersionFile(readFileSync(file, 'utf8')) : undefined;
    if (version !== undefined) return { version, from: `\`.python-version\` of the ${whose}` };
  }
  return { from: '`python3` on PATH' };
}

const isFolder = (path: string): boolean => statSync(path, { throwIfNoEntry: false })?.isDirectory() === true;

async function firstThatFits(version: string | undefined, from: string, folder: string, request: PythonRequest): Promise<Interpreter> {
  const looked: string[] = version === undefined ? [] : [`${from}: wants ${version}`];
  for (const { executable, place } of candidates(version, folder, request.environment)) {
    const answer = await queryPython(executable, place, folder, request).catch((cause: { code?: string; message: string }) => {
      if (cause.code !== 'WHEEL_PYTHON_QUERY') throw cause;
      return cause.message;
    });
    if (typeof answer !== 'string' && (version === undefined || fits(answer.version, answer.abiFlags, version))) return answer;
    looked.push(`${place}: ${typeof answer === 'string' ? answer : `is ${answer.version}${answer.abiFlags}`}`);
  }
  throw pythonErrors.error('WHEEL_PYTHON_MISSING', { wanted: version ?? 'python3', looked: looked.length > 0 ? looked : ['no `python3` on PATH'] });
}

/** `3.13t`, as pyenv, uv and `.python-version` ask for a free-threaded build. */
const isFreeThreaded = (wanted: string): boolean => /\dt$/.test(wanted.trim());

/** Without its `t`. */
const numberOf = (wanted: string): string => (isFreeThreaded(wanted) ? wanted.trim().slice(0, -1) : wanted);

/** A free-threaded build that is the one on PATH serves whoever asks for a number alone; no other serves whoever asks for one. */
const fits = (version: string, abiFlags: string, wanted: string): boolean =>
  (abiFlags.includes('t') || !isFreeThreaded(wanted)) && pythonFits(version, numberOf(wanted)) === true;

/** pyenv's and uv's installations that fit by name, then commands on PATH. */
function candidates(version: string | undefined, folder: string, environment: PythonRequest['environment']): Candidate[] {
  const series = version === undefined ? undefined : /^\d+\.\d+/.exec(plainVersion(numberOf(version)) ?? '')?.[0];
  const named = series === undefined ? [] : [`python${series}${isFreeThreaded(version!) ? 't' : ''}`, `python${series}`];
  const commands = [...new Set([...named, 'python3', 'python'])];
  const onPath = commands.flatMap((name): Candidate[] => {
    const executable = findCommand(name, environment, folder);
    return executable === undefined ? [] : [{ executable, place: `\`${name}\` on PATH` }];
  });
  return version === undefined ? onPath : [...installed(version, environment), ...onPath];
}

/** Newest first. */
function installed(version: string, environment: PythonRequest['environment']): Candidate[] {
  const { HOME: home = '/nonexistent', PATH = '' } = environment;
  const shims = PATH.split(delimiter).filter((place) => place.endsWith('/.pyenv/shims') || place.endsWith('/pyenv/shims'));
  const roots = [...new Set([...shims.map((place) => resolve(place, '..')), join(home, '.pyenv')])];
  const pyenv = roots.flatMap((root) => versionsIn(join(root, 'versions'), /^(\d+\.\d+\.\d+\w*?)(t?)$/, version, 'pyenv'));
  const uvFolder = environment['UV_PYTHON_INSTALL_DIR'] || join(environment['XDG_DATA_HOME'] || join(home, '.local/share'), 'uv/python');
  return [...pyenv, ...versionsIn(uvFolder, /^cpython-(\d+\.\d+\.\d+\w*)(\+freethreaded)?-/, version, 'uv')];
}

/** `pattern` finds the version in the name of a folder and, behind it, what only free-threaded builds have. */
function versionsIn(folder: string, pattern: RegExp, wanted: string, whose: string): Candidate[] {
  const names = isFolder(folder) ? readdirSync(folder) : [];
  return names
    .map((name) => ({ name, version: pattern.exec(name)?.[1], isFree: Boolean(pattern.exec(name)?.[2]) }))
    .filter(({ version, isFree }) => version !== undefined && isFree === isFreeThreaded(wanted) && pythonFits(version, numberOf(wanted)) === true)
    .sort((one, other) => other.version!.localeCompare(one.version!, 'en', { numeric: true }))
    .map(({ name, version }) => ({ executable: join(folder, name, 'bin', 'python3'), place: `${whose}'s ${version!}` }))
    .filter(({ executable }) => existsSync(executable));
}
