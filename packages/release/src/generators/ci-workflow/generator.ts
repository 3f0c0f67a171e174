import { getProjects } from '@nx/devkit';
import {
  defineGenerator,
  readJsonFile,
  writeJsonFile,
  type GeneratorResult,
  type GeneratorTree,
  type JsonObject,
} from '@waybill/plugin-kit/generators';
import { workflowDifferences } from './compare-workflow';
import { ciWorkflowOptions, type CiWorkflowOptions } from './options';
import { renderWorkflow } from './render-workflow';
import { workflowErrors } from './workflow-errors';
import { workflowFacts } from './workflow-facts';
import type { Setup } from './workflow-steps';

export const WORKFLOW = '.github/workflows/release.yml';
export const GENERATOR = '@waybill/release:ci-workflow';
const HEAD = 'Written by `nx g @waybill/release:ci-workflow`; do not edit. Options:';

const generate = defineGenerator({
  name: GENERATOR,
  options: ciWorkflowOptions,
  run: (tree, { check, ...options }) => (check ? checkWorkflow(tree, options) : writeWorkflow(tree, options)),
});

/** Without options Nx asks for what is out of sync (`nx sync`): then the options are those that the workflow itself holds. */
export default async function ciWorkflow(tree: GeneratorTree, raw?: unknown): Promise<unknown> {
  if (raw !== undefined) return generate(tree, raw);
  const differences = tree.exists(WORKFLOW) ? differencesOf(tree, {}) : [];
  if (differences.length === 0) return undefined;
  tree.write(WORKFLOW, expectedWorkflow(tree, {}));
  return { outOfSyncMessage: `${WORKFLOW} is not what the targets of the workspace ask for`, outOfSyncDetails: differences };
}

function writeWorkflow(tree: GeneratorTree, options: CiWorkflowOptions): GeneratorResult {
  const isThere = tree.exists(WORKFLOW);
  if (isThere && headOf(tree) === undefined) throw workflowErrors.error('GRAPH_WORKFLOW_FOREIGN', { path: WORKFLOW });
  const changed = !isThere || differencesOf(tree, options).length > 0;
  if (changed) tree.write(WORKFLOW, expectedWorkflow(tree, options));
  const registered = register(tree);
  return { lines: [`${changed ? '+' : '='} ${WORKFLOW}`, ...(registered ? ['+ nx.json: `nx sync:check` looks at it'] : [])] };
}

function checkWorkflow(tree: GeneratorTree, options: CiWorkflowOptions): GeneratorResult {
  const differences = tree.exists(WORKFLOW) ? differencesOf(tree, options) : ['expected a file, actual none'];
  if (differences.length > 0) throw workflowErrors.error('GRAPH_WORKFLOW_DRIFT', { path: WORKFLOW, differences });
  return { lines: [`= ${WORKFLOW}`] };
}

const differencesOf = (tree: GeneratorTree, options: CiWorkflowOptions): readonly string[] =>
  workflowDifferences(tree.read(WORKFLOW, 'utf8') ?? '', expectedWorkflow(tree, options));

function expectedWorkflow(tree: GeneratorTree, given: CiWorkflowOptions): string {
  const { environment = 'release', node = '24', python = '3.13' } = { ...headOf(tree), ...withoutAbsent(given) };
  const kept = JSON.stringify({ environment, node, python });
  const setup: Setup = {
    node,
    python: tree.exists('.python-version') ? 'python-version-file: .python-version' : `python-version: '${python}'`,
    ...packageManager(tree),
  };
  return renderWorkflow({ facts: workflowFacts(getProjects(tree)), setup, environment, head: [`${HEAD} ${kept}`] });
}

const withoutAbsent = ({ environment, node, python }: CiWorkflowOptions): CiWorkflowOptions =>
  Object.fromEntries(Object.entries({ environment, node, python }).filter(([, value]) => value !== undefined));

/** The options that the workflow was written with; `undefined` when this generator did not write it. */
function headOf(tree: GeneratorTree): CiWorkflowOptions | undefined {
  const first = (tree.read(WORKFLOW, 'utf8') ?? '').split('\n')[0]!;
  const at = first.indexOf(HEAD);
  if (at < 0) return undefined;
  const parsed = ciWorkflowOptions.safeParse(parseOrUndefined(first.slice(at + HEAD.length)));
  return parsed.success ? parsed.data : undefined;
}

function parseOrUndefined(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    if (!(cause instanceof SyntaxError)) throw cause;
    return undefined;
  }
}

const MANAGERS: readonly (readonly [lock: string, install: readonly string[], nx: string])[] = [
  ['package-lock.json', ['npm ci'], 'npx nx'],
  ['pnpm-lock.yaml', ['corepack enable', 'pnpm install --frozen-lockfile'], 'pnpm nx'],
  ['yarn.lock', ['corepack enable', 'yarn install --immutable'], 'yarn nx'],
];

function packageManager(tree: GeneratorTree): Pick<Setup, 'install' | 'nx'> {
  const found = MANAGERS.find(([lock]) => tree.exists(lock));
  if (!found) throw workflowErrors.error('GRAPH_WORKFLOW_LOCK', { looked: MANAGERS.map(([lock]) => lock) });
  return { install: found[1], nx: found[2] };
}

/** Among the generators that `nx sync:check` asks. */
function register(tree: GeneratorTree): boolean {
  const before = readJsonFile(tree, 'nx.json');
  const sync = (before['sync'] ?? {}) as JsonObject;
  const global = Array.isArray(sync['globalGenerators']) ? (sync['globalGenerators'] as unknown[]) : [];
  const after = global.includes(GENERATOR) ? before : { ...before, sync: { ...sync, globalGenerators: [...global, GENERATOR] } };
  return writeJsonFile(tree, 'nx.json', before, after);
}
