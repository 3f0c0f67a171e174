import { addProjectConfiguration, readJson, updateJson, type Tree } from '@nx/devkit';
import { createTreeWithEmptyWorkspace } from '@nx/devkit/testing';
import { writeReleaseTargets, type ReleaseTargetsRequest } from './write-release-targets';

let tree: Tree;
const run = (project: string, request: Omit<ReleaseTargetsRequest, 'project'> = {}, platform: NodeJS.Platform = 'linux'): readonly string[] =>
  writeReleaseTargets(tree, { project, ...request }, { platform, arch: 'x64' }).lines;
const targetsOf = (project: string): Record<string, { options?: object }> => readJson(tree, `${project}/project.json`).targets ?? {};

beforeEach(() => {
  tree = createTreeWithEmptyWorkspace();
  addProjectConfiguration(tree, 'tool', { root: 'tool', targets: {} });
  tree.write('tool/pyproject.toml', '[project]\nname = "tool"\nversion = "1.0.0"\n');
  tree.write('tool/src/tool/__main__.py', '"--smoke-python"');
  addProjectConfiguration(tree, 'chat', { root: 'chat', targets: { compile: { executor: 'nx:run-commands' } } });
  tree.write('chat/Cargo.toml', '[package]\nname = "chat"\n[dependencies]\npyo3 = "0.30"\n');
  tree.write('chat/pyproject.toml', '[project]\nname = "chat"\nversion = "1.0.0"\n');
  tree.write('chat/src/main.rs', 'fn main() {}');
});

const FIRST = [
  ['tool', { kind: 'python-app' }],
  ['chat', { kind: 'embedded-app', nativeTarget: 'compile', binary: 'out/chat' }],
] as const;

describe.each(FIRST)('a second run in %s without what the first was told', (project, first) => {
  beforeEach(() => void run(project, first));

  it('changes nothing', () => {
    const before = targetsOf(project);
    expect(run(project)).toContain('= nothing to change');
    expect(targetsOf(project)).toEqual(before);
  });

  it('changes nothing on a Mac either, where no such bundle can be made', () => {
    const before = targetsOf(project);
    expect(run(project, {}, 'darwin')).toContain('= nothing to change');
    expect(targetsOf(project)).toEqual(before);
    expect(() => run(project, { platforms: ['macos'] }, 'darwin')).toThrow(expect.objectContaining({ code: 'OPTION_PLATFORM_UNMADE' }));
  });

  it('signs the bundles too, as its own advice says', () => {
    run(project, { signing: { backend: 'minisign', keyEnv: 'RELEASE_KEY' } });
    for (const name of ['sign-linux', 'sign-checksums']) expect(targetsOf(project)[name]!.options).toMatchObject({ backend: 'minisign' });
  });

  it('takes out all that it wrote', () => {
    const lines = run(project, { remove: true });
    expect(lines.join('\n')).not.toContain('kept as you changed them');
    expect(Object.keys(targetsOf(project))).toEqual(project === 'chat' ? ['compile'] : []);
  });

  it('takes them out whatever stands in the way of new ones', () => {
    addProjectConfiguration(tree, 'twin', { root: 'twin' });
    tree.write('twin/pyproject.toml', `[project]\nname = "${project}"\ndependencies = ["${project}"]\n`);
    tree.write(`${project}/pyproject.toml`, `[project]\nname = "${project}"\nversion = "1.0.0"\ndependencies = ["fastapi"]\n`);
    run(project, { remove: true });
    expect(Object.keys(targetsOf(project))).toEqual(project === 'chat' ? ['compile'] : []);
  });

  it.each<[string, (project: string) => void]>([
    [
      'its manifests are gone',
      (name) => ['pyproject.toml', 'Cargo.toml', 'src/tool/__main__.py', 'src/main.rs'].forEach((file) => tree.delete(`${name}/${file}`)),
    ],
    ['it has another program', (name) => void (tree.delete(`${name}/src/tool/__main__.py`), tree.write(`${name}/src/other/__main__.py`, ''))],
    ['it has got locked requirements', (name) => tree.write(`${name}/requirements.lock`, 'x==1 --hash=sha256:0')],
    ['a library is what it is now', (name) => void (tree.delete(`${name}/src/main.rs`), tree.delete(`${name}/Cargo.toml`))],
    ['its bundle is taken out by hand', (name) => updateJson(tree, `${name}/project.json`, (json) => (delete json.targets['package-linux'], json))],
  ])('takes out all that it wrote although %s', (_why, change) => {
    change(project);
    expect(run(project, { remove: true }, 'darwin').join('\n')).not.toContain('kept as you changed them');
    expect(Object.keys(targetsOf(project))).toEqual(project === 'chat' ? ['compile'] : []);
  });

  it('writes a target again that is gone', () => {
    const { 'package-linux': before } = targetsOf(project);
    updateJson(tree, `${project}/project.json`, (json) => {
      delete json.targets['smoke-linux'];
      return json;
    });
    run(project);
    expect(targetsOf(project)).toMatchObject({ 'package-linux': before, 'smoke-linux': {} });
  });
});

it('takes the targets of a library out that has no manifest any more, whatever its sdist listed', () => {
  addProjectConfiguration(tree, 'words', { root: 'words', targets: {} });
  tree.write('words/pyproject.toml', '[project]\nname = "words"\n[tool.hatch.build.targets.sdist]\nonly-include = ["src"]\n');
  run('words');
  expect(targetsOf('words')['build-wheel']).toHaveProperty('inputs');
  tree.delete('words/pyproject.toml');
  expect(run('words', { remove: true })).toEqual([expect.stringMatching(/^- words\/project\.json: build-wheel, /)]);
  expect(targetsOf('words')).toEqual({});
});
