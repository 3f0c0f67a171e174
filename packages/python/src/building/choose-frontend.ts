import { CIBUILDWHEEL, MATURIN, UV, type LibraryTools, type Processes, type ResolvedTool, type ToolDescriptor, type Tools } from '@waybill/core';
import { pythonFits } from '@waybill/distributions';
import { pythonErrors } from '../errors/python-errors';
import type { Interpreter } from '../interpreter/query-python';
import type { ProjectFacts } from '../project/project-facts';
import { cibuildwheel } from './cibuildwheel';
import type { Frontend, FrontendId } from './frontend';
import { maturin } from './maturin';
import { pypaBuild, pypaBuildTool } from './pypa-build';
import { uv } from './uv';

/** The frontend of a build, and why it is that one. */
export interface ChosenFrontend {
  frontend: Frontend;
  tool: ResolvedTool;
  /** For people, one line. */
  why: string;
}

export interface FrontendRequest {
  wanted: 'auto' | FrontendId;
  project: ProjectFacts;
  python: Interpreter;
  /** Build requirements come from a lock file or a folder: then that decides, not what the machine has. */
  pinned: boolean;
  tools: LibraryTools;
  processes: Processes;
  environment: Readonly<Record<string, string>>;
  /** The caller's, for tools that it names. */
  variables: Readonly<Record<string, string | undefined>>;
}

const QUERY_TIMEOUT_MS = 30_000;

/**
 * The frontend that the option names, or the best that can be had: maturin for its own projects, uv, `build`. What a variable names
 * (`WAYBILL_UV`) is taken or refused, never passed over. Throws `TOOL_…` when there is none at all.
 */
export async function chooseFrontend(request: FrontendRequest): Promise<ChosenFrontend> {
  const { wanted } = request;
  const why = 'the option `frontend`';
  if (wanted === 'uv') return { frontend: uv, tool: await request.tools.resolve(UV), why };
  if (wanted === 'build') return pypa(request, why);
  if (wanted === 'cibuildwheel') return { frontend: cibuildwheel, tool: await request.tools.resolve(CIBUILDWHEEL), why };
  if (wanted === 'maturin') {
    if (!isMaturin(request)) throw pythonErrors.error('WHEEL_FRONTEND', { frontend: wanted, backend: request.project.backend });
    return { frontend: maturin, tool: await request.tools.resolve(MATURIN), why };
  }
  return chooseAutomatically(request);
}

const isMaturin = ({ project }: FrontendRequest): boolean => project.backend === 'maturin';

async function chooseAutomatically(request: FrontendRequest): Promise<ChosenFrontend> {
  const notes: string[] = [];
  if (isMaturin(request) && !request.pinned) {
    const tool = await ifThere(request, MATURIN, notes);
    const unfit = tool && unmetMaturin(request.project.requires, tool.version);
    if (tool && unfit === undefined) return { frontend: maturin, tool, why: 'the project’s own backend, which tags wheels by what their code needs' };
    if (unfit !== undefined) notes.push(`maturin ${tool!.version} is not \`${unfit}\``);
  }
  const because = (text: string): string => [text, ...notes].join('; ');
  const found = await ifThere(request, UV, notes);
  if (found) return { frontend: uv, tool: found, why: because(`found: ${found.source}`) };
  return pypa(request, because('no uv'));
}

/** A requirement on maturin that this version does not meet. */
function unmetMaturin(requires: readonly string[], version: string): string | undefined {
  return requires.find((requirement) => {
    const specifiers = /^maturin\s*(?:\[[^\]]*\])?\s*([^;]*)/i.exec(requirement)?.[1]?.trim();
    return specifiers !== undefined && specifiers !== '' && pythonFits(version, specifiers) === false;
  });
}

/** `undefined`, with the reason among the notes, when a tool cannot be had and nobody has named one. */
async function ifThere({ tools, variables }: FrontendRequest, descriptor: ToolDescriptor, notes: string[]): Promise<ResolvedTool | undefined> {
  if (variables[descriptor.environmentVariable]) return tools.resolve(descriptor);
  return toolIfThere(tools, descriptor, (reason) => notes.push(lowerFirst(reason)));
}

/** A tool that one can do without. One whose bytes are not the pinned ones is an error all the same. */
export async function toolIfThere(
  tools: Tools,
  descriptor: ToolDescriptor,
  tell: (reason: string) => void = () => undefined,
): Promise<ResolvedTool | undefined> {
  return tools.resolve(descriptor).catch((cause: { code?: string; message: string }) => {
    if (!cause.code?.startsWith('TOOL_') || cause.code === 'TOOL_DIGEST') throw cause;
    tell(cause.message);
    return undefined;
  });
}

const lowerFirst = (text: string): string => text.charAt(0).toLowerCase() + text.slice(1);

/** The pinned `build`, else the one that the interpreter has. */
async function pypa(request: FrontendRequest, why: string): Promise<ChosenFrontend> {
  const { python, tools } = request;
  const library = await tools.library('build').catch((cause: { code?: string }) => {
    if (!cause.code?.startsWith('TOOL_') || cause.code === 'TOOL_DIGEST') throw cause;
    return cause;
  });
  if ('folder' in library && pythonFits(python.version, '>=3.10') === true)
    return { frontend: pypaBuild, tool: pypaBuildTool(python.executable, library), why };
  const version = await installedBuild(request);
  if (version !== undefined)
    return { frontend: pypaBuild, tool: pypaBuildTool(python.executable, { version }), why: `${why}; \`build\` of the interpreter` };
  if ('folder' in library) throw pythonErrors.error('WHEEL_BUILD_PYTHON', { version: library.version, python: python.version });
  throw library;
}

/** Version of the `build` that the interpreter has installed. */
async function installedBuild({ python, processes, environment }: FrontendRequest): Promise<string | undefined> {
  const args = ['-I', '-c', 'import build; print(build.__version__)'];
  const result = await processes.run({ file: python.executable, args, env: environment, timeoutMs: QUERY_TIMEOUT_MS });
  const version = result.stdout.trim();
  return result.exitCode === 0 && /^\d/.test(version) ? version : undefined;
}
