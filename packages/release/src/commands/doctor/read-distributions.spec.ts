import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { temporaryFolder } from '@waybill/core/testing';
import type { NxGraph } from '@waybill/plugin-kit';
import { readDistributions } from './read-distributions';

const folder = temporaryFolder();

it('GRAPH_MANIFEST: finds a manifest that cannot be read, and goes on with the others', () => {
  for (const [root, text] of Object.entries({ lib: '[project]\nname = "my-lib"\n', broken: '[project', foreign: '[project' })) {
    mkdirSync(join(folder.path, root));
    writeFileSync(join(folder.path, root, 'pyproject.toml'), text);
  }
  const targets = { publish: { executor: '@waybill/release:publish' } };
  const nodes = ['broken', 'lib', 'none'].map((name) => [name, { name, data: { root: name, targets } }] as const);
  const graph: NxGraph = { nodes: { ...Object.fromEntries(nodes), foreign: { name: 'foreign', data: { root: 'foreign' } } }, dependencies: {} };
  const { names, findings } = readDistributions(folder.path, graph);
  expect([...names]).toEqual([['lib', 'my-lib']]);
  expect(findings).toMatchObject([
    { check: 'GRAPH_MANIFEST', level: 'error', path: 'broken/pyproject.toml', fix: 'correct `broken/pyproject.toml`' },
  ]);
});
