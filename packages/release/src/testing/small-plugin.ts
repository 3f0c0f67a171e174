import { targetDefaults } from '@waybill/plugin-kit';

/** A plugin of three executors, as its author would write it: two that may be cached, one that may not. */
const EXECUTOR = `
const { readFileSync, writeFileSync } = require('node:fs');
const { createHash } = require('node:crypto');
const { join } = require('node:path');
const { commonOptions, defineExecutor } = require('@waybill/plugin-kit');
const { z } = require('zod');

const sha256 = (text) => createHash('sha256').update(text).digest('hex');

module.exports = (stage, kind, read) => ({
  default: defineExecutor({
    stage,
    options: z.strictObject({ ...commonOptions }),
    gather: async (context) => read(context, (path) => readFileSync(join(context.workspaceRoot, context.projectRoot, path), 'utf8')),
    plan: (context, content) => {
      const name = context.name + '-' + context.targetName + '.txt';
      return { artifacts: [{ name, path: name, kind, ships: true }], lines: ['write ' + name + ': ' + content.trim()] };
    },
    apply: async (context, plan, outputDir) => {
      const content = plan.lines[0].split(': ')[1];
      const [{ name }] = plan.artifacts;
      writeFileSync(join(outputDir, name), content);
      const artifacts = [{ ...plan.artifacts[0], size: Buffer.byteLength(content), sha256: sha256(content), madeFrom: [] }];
      return { outcome: 'success', artifacts, facts: {}, findings: [], summary: ['wrote ' + name + ': ' + content] };
    },
  }),
});
`;

/** Content of what came before, by target. */
const UPSTREAM = `(context) => context.upstream.map(({ name, sha256 }) => name + '=' + sha256.slice(0, 8)).join(' ') || 'nothing'`;

const schema = (aliases: object = {}): object => ({
  $schema: 'https://json-schema.org/schema',
  version: 2,
  type: 'object',
  properties: { dryRun: { type: 'boolean', aliases: ['d'] }, ...aliases },
  additionalProperties: false,
});

const executor = (name: string): object => ({ implementation: `./${name}.js`, schema: './schema.json', description: name });

const FOLDER = 'node_modules/@waybill/small-plugin';

export const SMALL_PLUGIN = {
  [`${FOLDER}/package.json`]: { name: '@waybill/small-plugin', version: '1.0.0', executors: './executors.json' },
  [`${FOLDER}/executors.json`]: {
    executors: { package: executor('package'), smoke: executor('smoke'), checksum: executor('checksum'), wheel: executor('wheel') },
  },
  [`${FOLDER}/schema.json`]: schema(),
  [`${FOLDER}/make.js`]: EXECUTOR,
  [`${FOLDER}/package.js`]: `module.exports = require('./make')('package', 'bundle-archive', (context, source) => source('source.txt'));`,
  [`${FOLDER}/wheel.js`]: `module.exports = require('./make')('build-wheel', 'wheel', (context, source) => source('source.txt'));`,
  [`${FOLDER}/smoke.js`]: `module.exports = require('./make')('smoke', 'smoke-report', ${UPSTREAM});`,
  [`${FOLDER}/checksum.js`]: `module.exports = require('./make')('checksum', 'checksums', ${UPSTREAM});`,
};

const RECORDS = { dependentTasksOutputFiles: '**/artifacts.json', transitive: true };
const DRY = [{ env: 'NX_DRY_RUN' }, { env: 'WAYBILL_DRY_RUN' }];

/** Inputs that `init` writes for an executor of ours, without the fingerprint and the package, which are not in this workspace. */
const inputsOf = (executor: string): readonly unknown[] =>
  targetDefaults()[executor]!.inputs.filter((input) => input !== 'waybillTools' && (typeof input === 'string' || !('externalDependencies' in input)));

const NX_JSON = {
  plugins: ['@waybill/release'],
  analytics: false,
  neverConnectToCloud: true,
  release: { projects: ['a'] },
  namedInputs: { waybillSources: ['{projectRoot}/**/*', '!{projectRoot}/**/*.md'], waybillDistribution: ['{projectRoot}/**/*'] },
  targetDefaults: {
    '@waybill/small-plugin:package': { cache: true, inputs: inputsOf('@waybill/bundle:package-dist') },
    '@waybill/small-plugin:wheel': { cache: true, inputs: inputsOf('@waybill/python:build-wheel') },
    '@waybill/small-plugin:smoke': { cache: true, inputs: [RECORDS, ...DRY] },
    '@waybill/small-plugin:checksum': { cache: false, inputs: [RECORDS] },
  },
};

const target = (name: string, stage: string, dependsOn: readonly unknown[]): object => ({
  executor: `@waybill/small-plugin:${stage}`,
  outputs: [`{workspaceRoot}/dist/{projectRoot}/${name}`],
  dependsOn,
});

const project = (
  name: string,
  targets: Readonly<Record<string, object>>,
  implicitDependencies: readonly string[] = [],
): Record<string, string | object> => ({
  [`apps/${name}/project.json`]: { name, targets, implicitDependencies },
  [`apps/${name}/pyproject.toml`]: `[project]\nname = "${name}"\nversion = "1.0.0"\n`,
  [`apps/${name}/source.txt`]: 'v1',
});

/** a: pkg → smoke → chk; app → b → c with wheels, b without. */
export const WORKSPACE: Readonly<Record<string, string | object>> = {
  ...SMALL_PLUGIN,
  'package.json': { name: 'workspace', private: true },
  'nx.json': NX_JSON,
  '.gitignore': 'node_modules\ndist\n.nx\n',
  ...project('a', {
    pkg: target('pkg', 'package', []),
    smoke: target('smoke', 'smoke', ['pkg']),
    chk: target('chk', 'checksum', ['pkg', 'smoke']),
    release: { executor: 'nx:noop', dependsOn: ['chk'] },
    'nx-release-publish': { executor: 'nx:noop', dependsOn: ['chk'] },
    misspelt: target('misspelt', 'checksum', ['pgk']),
  }),
  ...project('app', { pkg: target('pkg', 'package', ['^wheel']), chk: target('chk', 'checksum', ['^wheel']) }, ['b']),
  ...project('b', {}, ['c']),
  ...project('c', { wheel: target('wheel', 'wheel', ['^wheel']) }, ['d']),
  ...project('d', { wheel: target('wheel', 'wheel', []) }),
};
