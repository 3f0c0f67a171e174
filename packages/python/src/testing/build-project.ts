import { createProcesses, createRedactor, createTools } from '@waybill/core';
import { runExecutor, type ExecutorRequest, type ExecutorRun, type FileContent } from '@waybill/plugin-kit/testing';
import { buildWheel } from '../executors/build-wheel/build-wheel';

/** Variables of the test run that tools need to find themselves and their caches. */
const KEPT = [
  'PATH',
  'HOME',
  'XDG_CACHE_HOME',
  'WAYBILL_TOOLS_DIR',
  'UV_CACHE_DIR',
  'PIP_CACHE_DIR',
  'CARGO_HOME',
  'RUSTUP_HOME',
  'PIP_INDEX_URL',
  'UV_INDEX_URL',
  'UV_DEFAULT_INDEX',
  'SSL_CERT_FILE',
  'PIP_CERT',
];

/** The caller's environment as a build on this machine has it. */
export function realVariables(): Record<string, string> {
  return Object.fromEntries(KEPT.flatMap((name) => (process.env[name] === undefined ? [] : [[name, process.env[name]]])));
}

export interface ProjectBuild extends Omit<ExecutorRequest, 'files' | 'processes' | 'tools'> {
  /** Relative to the project. */
  files: Readonly<Record<string, FileContent>>;
  /** Of other projects, relative to the workspace. */
  otherFiles?: Readonly<Record<string, FileContent>>;
}

/** Runs `build-wheel` on a project of these files, with the machine's own tools, in a temporary workspace. */
export async function buildProject({ files, otherFiles, environment, host, ...request }: ProjectBuild): Promise<ExecutorRun> {
  const root = request.projectRoot ?? 'packages/demo';
  const variables = { ...realVariables(), ...environment };
  const secrets = Object.entries(variables).flatMap(([name, value]) => (name.endsWith('_TOKEN') ? [value] : []));
  const processes = createProcesses({ redact: createRedactor(secrets) });
  return runExecutor(buildWheel, {
    project: 'demo',
    projectRoot: root,
    target: 'build-wheel',
    ...request,
    files: { ...Object.fromEntries(Object.entries(files).map(([path, content]) => [`${root}/${path}`, content])), ...otherFiles },
    environment: variables,
    processes,
    tools: createTools({ processes, environment: variables }),
    host: { homeFolder: '/nonexistent-home', ...host },
  });
}

/** A pure project of hatchling, small enough to be built in a second. */
export const HATCHLING_PROJECT: Readonly<Record<string, FileContent>> = {
  'pyproject.toml': `[build-system]
requires = ["hatchling"]
build-backend = "hatchling.build"

[project]
name = "demo"
version = "0.3.0"
readme = "README.md"
requires-python = ">=3.8"

[project.scripts]
demo = "demo.cli:main"
`,
  'README.md': '# demo\n',
  'src/demo/__init__.py': '"""A demo."""\n',
  'src/demo/cli.py': 'def main():\n    print("demo")\n',
};
