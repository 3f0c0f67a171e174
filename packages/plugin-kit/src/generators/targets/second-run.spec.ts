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
