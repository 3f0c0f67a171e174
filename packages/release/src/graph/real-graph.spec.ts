import { buildPackages, createNxWorkspace, type NxWorkspace } from '../testing/nx-workspace';

/** An app, two libraries behind it, a crate behind the second, and somebody who needs nothing. No `implicitDependencies`. */
const project = (name: string, root: string, targets: object = {}): Record<string, object> => ({ [`${root}/project.json`]: { name, targets } });
const noop = { executor: 'nx:noop' };

const FILES: Readonly<Record<string, string | object>> = {
  'package.json': { name: 'workspace', private: true },
  'nx.json': { plugins: ['@waybill/release'], analytics: false, neverConnectToCloud: true },
  '.gitignore': 'node_modules\n.nx\n',
  ...project('app', 'apps/app', { 'build-wheel': { ...noop, dependsOn: ['^build-wheel'] } }),
  'apps/app/pyproject.toml': '[project]\nname = "app"\ndependencies = ["Word-Tally>=0.3"]\n',
  ...project('words', 'libs/words', { 'build-wheel': { ...noop, dependsOn: ['^build-wheel'] } }),
  'libs/words/pyproject.toml': '[project]\nname = "word_tally"\ndependencies = ["base"]\n[tool.uv.sources]\nbase = { workspace = true }\n',
  ...project('base-lib', 'libs/base', { 'build-wheel': noop }),
  'libs/base/pyproject.toml': '[project]\nname = "base"\n',
  'libs/base/Cargo.toml': '[package]\nname = "base"\n[dependencies]\ncore = { path = "../../crates/core" }\n',
  ...project('core', 'crates/core'),
  'crates/core/Cargo.toml': '[package]\nname = "core"\n',
  ...project('other', 'libs/other', { 'build-wheel': noop }),
  'libs/other/pyproject.toml': '[project]\nname = "other"\n',
};

describe('the project graph of a real workspace', () => {
  let workspace: NxWorkspace;
  beforeAll(async () => {
    await buildPackages();
    workspace = createNxWorkspace(FILES, false);
  }, 120_000);
  afterAll(() => workspace.close(), 60_000);

  it('has the edges that the manifests say', async () => {
    const { exitCode, output } = await workspace.nx(['graph', '--file=graph.json']);
    expect({ exitCode, output }).toMatchObject({ exitCode: 0 });
    const { dependencies } = (JSON.parse(workspace.read('graph.json')) as { graph: { dependencies: Record<string, { target: string }[]> } }).graph;
    expect(Object.fromEntries(Object.entries(dependencies).map(([name, edges]) => [name, edges.map(({ target }) => target)]))).toEqual({
      app: ['words'],
      words: ['base-lib'],
      'base-lib': ['core'],
      core: [],
      other: [],
    });
  }, 120_000);

  it('selects what a change can reach, and nothing else', async () => {
    const run = await workspace.nx(['show', 'projects', '--affected', '--files=crates/core/Cargo.toml']);
    expect(run.output.trim().split('\n').sort()).toEqual(['app', 'base-lib', 'core', 'words']);
  }, 120_000);
});
