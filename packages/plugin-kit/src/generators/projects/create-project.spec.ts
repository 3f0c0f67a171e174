import { addProjectConfiguration, readJson, updateJson, type Tree } from '@nx/devkit';
import { createTreeWithEmptyWorkspace } from '@nx/devkit/testing';
import { parseOptions } from '../../options/parse-options';
import { createProject, unittestTarget, type ProjectTemplate } from './create-project';
import { newProjectOptions } from './new-project-options';
import { placeProject } from './place-project';
import { renderPyproject } from './render-pyproject';

const HOST = { platform: 'linux', arch: 'x64' };
const TEMPLATE: ProjectTemplate = {
  kind: 'library',
  files: ({ name, module }) => ({ 'pyproject.toml': `[project]\nname = "${name}"\n`, [`src/${module}/__init__.py`]: '' }),
  targets: (project) => ({ test: unittestTarget(project) }),
};

let tree: Tree;
const create = (options: object): readonly string[] => createProject(tree, TEMPLATE, parseOptions(newProjectOptions, options, 'new'), HOST).lines;

beforeEach(() => {
  tree = createTreeWithEmptyWorkspace();
});

it.each([
  ['MIT', 'license = "MIT"'],
  ['UNLICENSED', 'license = "LicenseRef-Proprietary"'],
  ['SEE LICENSE IN terms.txt', undefined],
  [undefined, undefined],
])('takes the licence that the workspace has: %s', (license, line) => {
  updateJson(tree, 'package.json', (json) => ({ ...json, license }));
  const text = renderPyproject(placeProject(tree, { directory: 'libs/words' }));
  expect(/^license.*$/m.exec(text)?.[0]).toBe(line);
});

it('writes the files, a test, the release targets and what the workspace needs', () => {
  const lines = create({ directory: 'libs/My.Words/', sign: 'gpg', keyEnv: 'KEY' });
  expect(tree.exists('libs/My.Words/src/my_words/__init__.py')).toBe(true);
  const project = readJson(tree, 'libs/My.Words/project.json');
  expect(project).toMatchObject({ name: 'My.Words', projectType: 'library', $schema: '../../node_modules/nx/schemas/project-schema.json' });
  expect(Object.keys(project.targets)).toEqual([
    'test',
    'build-wheel',
    'checksum',
    'sign-checksums',
    'publish',
    'release',
    'take-back',
    'nx-release-publish',
  ]);
  expect(project.targets['sign-checksums'].options).toEqual({ backend: 'gpg', keyEnv: 'KEY' });
  expect(readJson(tree, 'nx.json').plugins).toEqual(['@waybill/release']);
  expect(lines[0]).toBe('+ libs/My.Words: project.json, .gitignore, pyproject.toml, src/my_words/__init__.py');
});

it.each([
  ['../outside', /outside of the workspace/],
  ['libs/../../x', /outside/],
  ['/tmp/x', /outside/],
  ['.', /the workspace itself/],
  ['taken', /something is there/],
  ['apps/app/inner', /`app` is around it/],
])('refuses the folder %s', (directory, problem) => {
  tree.write('taken/file', '');
  addProjectConfiguration(tree, 'app', { root: 'apps/app' });
  expect(() => create({ directory })).toThrow(expect.objectContaining({ code: 'OPTION_DIRECTORY', message: expect.stringMatching(problem) }));
});

it.each(['class', '1st', 'ä', 'a b', '-x', 'app'])('refuses the name %s', (name) => {
  addProjectConfiguration(tree, 'app', { root: 'apps/app' });
  expect(() => create({ directory: 'libs/x', name })).toThrow(expect.objectContaining({ code: 'OPTION_PROJECT_NAME' }));
  expect(tree.exists('libs')).toBe(false);
});
