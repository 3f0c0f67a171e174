import { getProjects } from '@nx/devkit';
import {
  applyTargetDefaults,
  defineGenerator,
  readJsonFile,
  writeJsonFile,
  type GeneratorResult,
  type GeneratorTree,
  type JsonObject,
} from '@waybill/plugin-kit/generators';
import { workflowDifferences } from './compare-workflow';
import { KEPT, ciWorkflowOptions, type CiWorkflowOptions } from './options';
import { GITLAB_RUNNERS } from './pinned-actions';
import { renderGitlab } from './render-gitlab';
import { renderWorkflow } from './render-workflow';
import { workflowErrors } from './workflow-errors';
import { workflowFacts, type Projects } from './workflow-facts';
import type { Setup } from './workflow-steps';

export const GENERATOR = '@waybill/release:ci-workflow';
const HEAD = 'Written by `nx g @waybill/release:ci-workflow`; do not edit. Options:';

type Provider = CiWorkflowOptions['provider'];

/** Where each provider looks for it. GitLab reads one file, which is the user's: ours is included. */
export const WORKFLOWS: Readonly<Record<Provider, string>> = { github: '.github/workflows/release.yml', gitlab: '.gitlab/release.gitlab-ci.yml' };
const GITLAB_MAIN = '.gitlab-ci.yml';

const generate = defineGenerator({
  name: GENERATOR,
  options: ciWorkflowOptions,
  run: (tree, { check, ...options }) => (check ? checkWorkflow(tree, options) : writeWorkflow(tree, options)),
});

/** Without options Nx asks for what is out of sync (`nx sync`): then the options are those that the workflow itself holds. */
export default async function ciWorkflow(tree: GeneratorTree, raw?: unknown): Promise<unknown> {
  if (raw !== undefined) return generate(tree, raw);
  const written = (Object.keys(WORKFLOWS) as Provider[]).filter((provider) => headOf(tree, WORKFLOWS[provider]) !== undefined);
  const stale = written
    .map((provider) => ({ provider, differences: differencesOf(tree, { provider }) }))
    .filter(({ differences }) => differences.length > 0);
  if (stale.length === 0) return undefined;
  for (const { provider } of stale) tree.write(WORKFLOWS[provider], expectedWorkflow(tree, { provider }));
  return {
    outOfSyncMessage: stale.map(({ provider }) => `${WORKFLOWS[provider]} is not what the targets of the workspace ask for`).join('; '),
    outOfSyncDetails: stale.flatMap(({ differences }) => differences),
  };
}

function writeWorkflow(tree: GeneratorTree, options: CiWorkflowOptions): GeneratorResult {
  const path = WORKFLOWS[options.provider];
  const isThere = tree.exists(path);
  if (isThere && headOf(tree, path) === undefined) throw workflowErrors.error('GRAPH_WORKFLOW_FOREIGN', { path });
  const changed = !isThere || differencesOf(tree, options).length > 0;
  if (changed) tree.write(path, expectedWorkflow(tree, options));
  const included = options.provider === 'gitlab' ? includeInMain(tree, path) : [];
  const registered = register(tree);
  return {
    lines: [`${changed ? '+' : '='} ${path}`, ...included, ...(registered ? ['+ nx.json: `nx sync:check` looks at it'] : []), ...leftOut(tree)],
  };
}

/** Projects as Nx runs them: what `targetDefaults` says, targets have. */
const projectsOf = (tree: GeneratorTree): Projects => applyTargetDefaults(getProjects(tree), readJsonFile(tree, 'nx.json')['targetDefaults']);

/** What a release has not, in plain words: the workflow ends where the targets end. */
function leftOut(tree: GeneratorTree): readonly string[] {
  const { ends, destinations } = workflowFacts(projectsOf(tree));
  const missing = (['checksum', 'sign-checksums', 'publish'] as const)
    .filter((stage) => !ends[stage])
    .map(
      (stage) =>
        `! no project has a target \`${stage}\`, so the workflow has no such job: \`npx nx g @waybill/release:release-targets <project>\` adds one`,
    );
  return [...missing, ...(destinations.length > 0 && destinations.every((type) => type === 'folder') ? [FOLDERS_ALONE] : [])];
}

/** A green job that delivers nothing to anybody. */
const FOLDERS_ALONE =
  '! releases are published to folders alone: on CI such a folder is on the disk of the machine, and goes with it unless it lies in `dist`, which is stored as an artifact for 90 days; choose a place: `npx nx g @waybill/release:release-targets <project> --destinations=github-release`';

/** A pipeline of the user's own is not touched. */
function includeInMain(tree: GeneratorTree, path: string): readonly string[] {
  const line = `include: [{ local: ${path} }]`;
  if (!tree.exists(GITLAB_MAIN)) {
    tree.write(GITLAB_MAIN, `${line}\n`);
    return [`+ ${GITLAB_MAIN}: includes it`];
  }
  return tree.read(GITLAB_MAIN, 'utf8')!.includes(path) ? [] : [`! ${GITLAB_MAIN} is yours: add \`${line}\``];
}

function checkWorkflow(tree: GeneratorTree, options: CiWorkflowOptions): GeneratorResult {
  const { provider } = options;
  const path = WORKFLOWS[provider];
  const differences = tree.exists(path) ? differencesOf(tree, options) : ['expected a file, actual none'];
  if (differences.length > 0) throw workflowErrors.error('GRAPH_WORKFLOW_DRIFT', { path, provider, differences });
  return { lines: [`= ${path}`] };
}

const differencesOf = (tree: GeneratorTree, options: CiWorkflowOptions): readonly string[] =>
  workflowDifferences(tree.read(WORKFLOWS[options.provider], 'utf8') ?? '', expectedWorkflow(tree, options));

function expectedWorkflow(tree: GeneratorTree, given: CiWorkflowOptions): string {
  const { provider } = given;
  const kept = { ...headOf(tree, WORKFLOWS[provider]), ...keptOf(given) };
  const options = { ...kept, environment: kept.environment ?? 'release', node: kept.node ?? '24', python: kept.python ?? '3.13' };
  const pinned = tree.exists('.python-version');
  const setup: Setup = {
    node: options.node,
    python: pinned ? 'python-version-file: .python-version' : `python-version: '${options.python}'`,
    ...packageManager(tree),
  };
  const head = [`${HEAD} ${JSON.stringify({ ...(provider !== 'github' && { provider }), ...inOrder(options) })}`];
  if (provider === 'github') return renderWorkflow({ facts: workflowFacts(projectsOf(tree)), setup, head, ...options });
  const asked = pinned ? tree.read('.python-version', 'utf8')!.trim() : options.python;
  if (options.image === undefined && !/^3\.13(\.\d+)?$/.test(asked)) throw workflowErrors.error('GRAPH_WORKFLOW_IMAGE', { asked });
  return renderGitlab({ facts: workflowFacts(projectsOf(tree), GITLAB_RUNNERS), setup, head, ...options });
}

type Kept = Omit<CiWorkflowOptions, 'provider'>;

const keptOf = (options: Partial<CiWorkflowOptions>): Kept =>
  Object.fromEntries(KEPT.filter((key) => options[key] !== undefined).map((key) => [key, options[key]]));

/** As the head has them: in one order, and what is off or empty is not said. */
const inOrder = (options: Kept): Kept =>
  Object.fromEntries(Object.entries(keptOf(options)).filter(([, value]) => value !== false && !(Array.isArray(value) && value.length === 0)));

/** The options that the workflow was written with; `undefined` when this generator did not write it. */
function headOf(tree: GeneratorTree, path: string): Partial<CiWorkflowOptions> | undefined {
  const first = (tree.read(path, 'utf8') ?? '').split('\n')[0]!;
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

const MANAGERS: readonly (readonly [lock: string, install: readonly string[], nx: string, header?: string])[] = [
  ['package-lock.json', ['npm ci'], 'npx nx'],
  ['pnpm-lock.yaml', ['corepack enable', 'pnpm install --frozen-lockfile'], 'pnpm nx'],
  // Yarn 1 passes over `--immutable`: it would install, and write, what the lock has not.
  ['yarn.lock', ['corepack enable', 'yarn install --frozen-lockfile'], 'yarn nx', '# yarn lockfile v1'],
  ['yarn.lock', ['corepack enable', 'yarn install --immutable'], 'yarn nx'],
];

function packageManager(tree: GeneratorTree): Pick<Setup, 'install' | 'nx'> {
  const found = MANAGERS.find(([lock, , , header]) => tree.exists(lock) && (header === undefined || tree.read(lock, 'utf8')!.includes(header)));
  if (!found) throw workflowErrors.error('GRAPH_WORKFLOW_LOCK', { looked: [...new Set(MANAGERS.map(([lock]) => lock))] });
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
