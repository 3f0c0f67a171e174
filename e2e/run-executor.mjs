/** Calls an executor of an installed package in a process of its own, as Nx does, without the seconds that Nx needs to start. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readJson } from './workspace.mjs';

const SCRIPT = `
const { readFileSync } = require('node:fs');
const { executor, options, context } = JSON.parse(readFileSync(process.argv[1] ?? process.argv[2], 'utf8'));
require(executor).default(options, context).then(({ success }) => process.exit(success ? 0 : 1));
`;

/** Arguments of Node that run an executor; its request is written into `folder`. Options are laid over those of the target. `installed`: where the packages are. */
export function executorArguments({ root, installed = root, graph, project, target, options = {} }, folder) {
  const lines = graph.nodes[project].data.targets[target];
  const [name, executor] = lines.executor.split(':');
  const context = { root, projectName: project, targetName: target, nxJsonConfiguration: readJson(root, 'nx.json'), projectGraph: graph };
  const path = join(installed, 'node_modules', name, 'dist/executors', executor, 'executor.js');
  const request = join(folder, 'request.json');
  writeFileSync(request, JSON.stringify({ executor: path, options: { ...lines.options, ...options }, context }));
  return ['-e', SCRIPT, request];
}

/** `onStart` gets a function that kills the process (SIGKILL). */
export async function startExecutor({ root, env = {}, onStart = () => undefined, ...request }) {
  const folder = mkdtempSync(join(tmpdir(), 'waybill-executor-'));
  const variables = { ...process.env, ...env };
  for (const dry of ['NX_DRY_RUN', 'WAYBILL_DRY_RUN']) delete variables[dry];
  const child = spawn(process.execPath, executorArguments({ root, ...request }, folder), {
    cwd: root,
    env: variables,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (output += chunk));
  onStart(() => child.kill('SIGKILL'));
  const [exitCode] = await once(child, 'close');
  rmSync(folder, { recursive: true, force: true });
  return { exitCode, output };
}
