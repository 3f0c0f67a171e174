import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { addProjectConfiguration, readJson, updateJson, writeJson, type Tree } from '@nx/devkit';
import { createTreeWithEmptyWorkspace } from '@nx/devkit/testing';
import type { Signing } from './signing-options';
import { writeReleaseTargets, type ReleaseTargetsRequest } from './write-release-targets';

const HOST = { platform: 'linux', arch: 'x64' };
const MINISIGN: Signing = { backend: 'minisign', keyEnv: 'RELEASE_KEY' };

let tree: Tree;
const run = (project: string, request: Omit<ReleaseTargetsRequest, 'project'> = {}): readonly string[] =>
  writeReleaseTargets(tree, { project, ...request }, HOST).lines;
const targetsOf = (project: string): Record<string, { dependsOn?: unknown[]; options?: object; inputs?: unknown[] }> =>
  readJson(tree, `${project}/project.json`).targets;
const content = (): Record<string, string> => Object.fromEntries(tree.listChanges().map(({ path, content: text }) => [path, String(text)]));

/** Refused with this code, and nothing written. */
function refused(code: string, project: string, request: Omit<ReleaseTargetsRequest, 'project'> = {}, text: RegExp = /./): void {
  const before = content();
  expect(() => run(project, request)).toThrow(expect.objectContaining({ code, message: expect.stringMatching(text) }));
  expect(content()).toEqual(before);
}

const pyproject = (name: string, rest = ''): string => `[project]\nname = "${name}"\nversion = "1.0.0"\n${rest}`;

beforeEach(() => {
  tree = createTreeWithEmptyWorkspace();
  addProjectConfiguration(tree, 'lib', { root: 'lib', projectType: 'library', targets: {} });
  tree.write('lib/pyproject.toml', pyproject('lib'));
  addProjectConfiguration(tree, 'app', { root: 'app', projectType: 'application', targets: { test: { executor: 'nx:noop' } } });
  tree.write('app/pyproject.toml', pyproject('my-app', 'dependencies = ["lib>=1"]\n'));
  tree.write('app/src/my_app/__main__.py', '"--smoke-python"');
  addProjectConfiguration(tree, 'chat', {
    root: 'chat',
    targets: { build: { executor: 'nx:run-commands', outputs: ['{projectRoot}/target/release/chat'] } },
  });
  tree.write('chat/Cargo.toml', '[package]\nname = "chat"\n[dependencies]\npyo3 = "0.30"\n');
  tree.write('chat/src/main.rs', 'fn main() {}');
});

describe('what it writes', () => {
  it('gives a library its chain, and sets the workspace up', () => {
    const lines = run('lib');
    expect(Object.fromEntries(Object.entries(targetsOf('lib')).map(([name, { dependsOn }]) => [name, dependsOn]))).toEqual({
      'build-wheel': ['^build-wheel'],
      checksum: ['build-wheel'],
      'sign-checksums': ['checksum'],
      publish: ['sign-checksums', '^publish'],
      release: ['publish'],
      'take-back': [],
      'nx-release-publish': ['sign-checksums', '^nx-release-publish'],
    });
    expect(targetsOf('lib')['publish']!.options).toEqual({ to: [{ type: 'folder', path: 'dist/releases' }] });
    expect(targetsOf('lib')['nx-release-publish']).not.toHaveProperty('options');
    expect(targetsOf('lib')['sign-checksums']!.options).toEqual({ allowUnsigned: 'no key chosen yet' });
    expect(readJson(tree, 'nx.json').plugins).toEqual(['@waybill/release']);
    expect(lines[0]).toBe('lib is a library (pyproject.toml)');
    expect(lines).toContain('next: npx nx run lib:release');
  });

  it('gives a Python program its chain, behind what it has', () => {
    run('app');
    expect(Object.keys(targetsOf('app'))).toEqual([
      ...['test', 'build-wheel', 'package-linux', 'smoke-linux', 'sign-linux'],
      ...['checksum', 'sign-checksums', 'publish', 'prepare-linux', 'release', 'take-back', 'nx-release-publish'],
    ]);
    expect(targetsOf('app')['package-linux']).toEqual({
      executor: '@waybill/bundle:package-dist',
      outputs: ['{workspaceRoot}/dist/{projectRoot}/package-linux'],
      dependsOn: ['build-wheel', '^build-wheel'],
      options: { entry: { module: 'my_app' } },
    });
    expect(targetsOf('app')['smoke-linux']!.options).toEqual({ imports: ['my_app'] });
  });

  it('gives a native program its chain, with its build and its file among the inputs', () => {
    const lines = run('chat');
    expect(targetsOf('chat')['package-linux']).toMatchObject({
      dependsOn: ['^build-wheel', 'build'],
      options: { binary: 'chat/target/release/chat' },
      inputs: expect.arrayContaining(['waybillSources', { dependentTasksOutputFiles: 'chat/target/release/chat' }, { env: 'NX_DRY_RUN' }]),
    });
    expect(lines[0]).toBe('chat is an embedded-app (Cargo.toml has a program that uses pyo3)');
    expect(lines.join('\n')).toContain('! the proof starts the program with `--smoke-python`');
  });

  it('follows a target folder of another builder, or what is said', () => {
    updateJson(tree, 'chat/project.json', (json) => ({
      ...json,
      targets: { compile: { executor: '@monodon/rust:build', options: { 'target-dir': 'dist/target/chat' } } },
    }));
    run('chat', { nativeTarget: 'compile' });
    expect(targetsOf('chat')['package-linux']).toMatchObject({
      dependsOn: ['^build-wheel', 'compile'],
      options: { binary: 'dist/target/chat/release/chat' },
    });
    run('chat', { nativeTarget: 'compile', remove: true });
    run('chat', { nativeTarget: 'compile', binary: 'out/chat' });
    expect(targetsOf('chat')['package-linux']!.options).toEqual({ binary: 'out/chat' });
  });

  it('takes the release build of @monodon/rust, as its generator writes it, and says that its default is another', () => {
    const build = { cache: true, executor: '@monodon/rust:build', outputs: ['{options.target-dir}'], options: { 'target-dir': 'dist/target/chat' } };
    updateJson(tree, 'chat/project.json', (json) => ({ ...json, targets: { build } }));
    expect(run('chat').join('\n')).toContain('! chat:build builds for debugging: set `"release": true`');
    expect(targetsOf('chat')['package-linux']).toMatchObject({
      dependsOn: ['^build-wheel', 'build'],
      options: { binary: 'dist/target/chat/release/chat' },
      inputs: expect.arrayContaining([{ dependentTasksOutputFiles: 'dist/target/chat/release/chat' }]),
    });
    updateJson(tree, 'chat/project.json', (json) => {
      json.targets.build.options.release = true;
      return json;
    });
    expect(run('chat').join('\n')).not.toContain('debugging');
  });

  it('stands beside the targets of @nxlv/python, whose publish has to make room', () => {
    const build = { executor: '@nxlv/python:build', outputs: ['{projectRoot}/dist'], options: { outputPath: 'lib/dist', publish: false } };
    const theirs = {
      build,
      lock: { executor: '@nxlv/python:lock' },
      'nx-release-publish': { executor: '@nxlv/python:publish', options: {}, outputs: [] },
    };
    updateJson(tree, 'lib/project.json', (json) => ({ ...json, targets: theirs }));
    refused('GRAPH_TARGET_TAKEN', 'lib');
    updateJson(tree, 'lib/project.json', (json) => ({ ...json, targets: { build, lock: theirs.lock } }));
    run('lib');
    expect(targetsOf('lib')).toMatchObject({ build, lock: theirs.lock, 'build-wheel': { dependsOn: ['^build-wheel'] } });
  });

  it('leaves files of CI and lock files of npm out of the inputs of a program in the root, and of no other', () => {
    const exclusions = (project: string, target: string): unknown[] =>
      (targetsOf(project)[target]!.inputs ?? []).filter((input) => typeof input === 'string' && input.startsWith('!'));
    tree.write('pyproject.toml', pyproject('whole'));
    tree.write('src/whole/__main__.py', '');
    addProjectConfiguration(tree, 'whole', { root: '.', projectType: 'application' });
    for (const name of ['whole', 'app', 'chat']) run(name);
    for (const target of ['build-wheel', 'package-linux']) {
      expect(exclusions('.', target)).toEqual([expect.stringContaining('.github'), expect.stringContaining('yarn.lock')]);
      expect(exclusions('app', target)).toEqual([]);
    }
    expect(targetsOf('.')['package-linux']!.inputs).toEqual(expect.arrayContaining(['waybillSources', 'waybillTools', { env: 'NX_DRY_RUN' }]));
    expect(exclusions('chat', 'package-linux')).toEqual([]);
    expect(run('whole')).toContain('= nothing to change');
  });

  it('writes into package.json where targets stand there', () => {
    writeJson(tree, 'web/package.json', { name: 'web', nx: { name: 'web', tags: ['x'] }, scripts: { test: 'true' } });
    updateJson(tree, 'package.json', (json) => ({ ...json, workspaces: ['web'] }));
    tree.write('web/pyproject.toml', pyproject('web'));
    run('web');
    expect(readJson(tree, 'web/package.json').nx).toMatchObject({
      name: 'web',
      tags: ['x'],
      targets: { release: { dependsOn: ['publish'] } },
    });
    expect(tree.exists('web/project.json')).toBe(false);
    run('web', { remove: true });
    expect(readJson(tree, 'web/package.json').nx).toEqual({ name: 'web', tags: ['x'] });
    const bare = { name: 'web', version: '1.0.0' };
    writeJson(tree, 'web/package.json', bare);
    run('web');
    run('web', { remove: true });
    expect(readJson(tree, 'web/package.json')).toEqual(bare);
  });

  it('puts onto the target what defaults by its name would say, were they not hidden', () => {
    writeJson(tree, 'nx.json', {
      targetDefaults: {
        checksum: { dependsOn: ['lint', '^lint', 'miss*'], configurations: { ci: {} }, cache: true, options: { algorithms: ['sha256'] } },
        release: { dependsOn: ['lint'], options: { x: 1 } },
      },
    });
    updateJson(tree, 'lib/project.json', (json) => ({ ...json, targets: { lint: {} } }));
    const lines = run('lib');
    expect(targetsOf('lib')['release']!.dependsOn).toEqual(['publish', 'lint']);
    expect(targetsOf('lib')['release']).not.toHaveProperty('options');
    expect(lines.join('\n')).toContain('! targetDefaults of checksum: lib has no target for ["miss*"]');
    expect(targetsOf('lib')['checksum']).toMatchObject({
      dependsOn: ['build-wheel', 'lint', '^lint'],
      configurations: { ci: {} },
      options: { algorithms: ['sha256'] },
    });
    expect(targetsOf('lib')['checksum']).not.toHaveProperty('cache');
    expect(lines.join('\n')).toContain('targetDefaults["checksum"] does not reach');
    const again = run('lib');
    expect(again).toContain('= nothing to change');
    expect(again.join('\n')).not.toContain('does not reach');
  });
});

describe('a second run', () => {
  it.each(['lib', 'app', 'chat'])('changes nothing in %s', (project) => {
    run(project);
    const before = content();
    expect(run(project)).toContain('= nothing to change');
    expect(content()).toEqual(before);
  });

  it('keeps what the user changed, and adds what is missing', () => {
    run('app');
    updateJson(tree, 'app/project.json', (json) => {
      json.targets['package-linux'].options.prune = { preset: 'small' };
      json.targets['smoke-linux'].dependsOn = ['package-linux', 'test'];
      delete json.targets.checksum;
      return json;
    });
    const lines = run('app');
    expect(lines).toEqual(expect.arrayContaining(['+ app/project.json: checksum', '= kept as you changed them: package-linux, smoke-linux']));
    expect(targetsOf('app')['package-linux']!.options).toMatchObject({ prune: { preset: 'small' } });
    expect(targetsOf('app')['smoke-linux']!.dependsOn).toEqual(['package-linux', 'test']);
  });

  it('with a key signs what was unsigned, keeps other options, and new targets get the same', () => {
    run('app');
    updateJson(tree, 'app/project.json', (json) => {
      json.targets['sign-linux'].options.artifacts = ['*.tar.gz'];
      return json;
    });
    expect(run('app', { signing: MINISIGN })).toContain('+ app/project.json, changed: sign-linux, sign-checksums');
    expect(targetsOf('app')['sign-linux']!.options).toEqual({ ...MINISIGN, artifacts: ['*.tar.gz'] });
    updateJson(tree, 'app/project.json', (json) => {
      delete json.targets['sign-checksums'];
      return json;
    });
    run('app');
    expect(targetsOf('app')['sign-checksums']!.options).toEqual(MINISIGN);
  });
});

describe('the folder of releases', () => {
  it('is written once, and changed when another is asked for', () => {
    run('lib', { folder: 'out' });
    run('lib');
    const folder = (): unknown => targetsOf('lib')['publish']!.options;
    expect(folder()).toEqual({ to: [{ type: 'folder', path: 'out' }] });
    expect(run('lib', { folder: 'else' })).toContain('+ lib/project.json, changed: publish');
    expect(folder()).toEqual({ to: [{ type: 'folder', path: 'else' }] });
    run('lib', { remove: true });
    expect(readJson(tree, 'lib/project.json')).not.toHaveProperty('targets');
  });

  it('leaves a list of destinations that the user made as it is', () => {
    run('lib');
    const to = [{ type: 'folder', path: 'x', channels: ['stable'] }];
    updateJson(tree, 'lib/project.json', (json) => {
      json.targets.publish.options.to = to;
      return json;
    });
    run('lib', { folder: 'else' });
    expect(targetsOf('lib')['publish']!.options).toEqual({ to });
    expect(run('lib', { remove: true })).toContain('= kept as you changed them: publish');
  });
});

describe('`nx-release-publish` with places of its own, as the generator wrote them earlier', () => {
  const FOLDER = [{ type: 'folder', path: 'dist/releases' }];
  const PYPI = [{ type: 'index', repository: 'pypi' }];
  const OWN = [{ type: 's3', publicUrl: 'https://get.example.org' }];
  const HINT = '! nx-release-publish has places of its own: take out its `to`, and it goes where `publish` goes';

  /** A project whose targets have these options; what a run then says, and the options of both. */
  function after(
    options: Record<'publish' | 'nx', object>,
    request: Omit<ReleaseTargetsRequest, 'project'> = {},
  ): [readonly string[], unknown, unknown] {
    run('lib');
    updateJson(tree, 'lib/project.json', (json) => {
      json.targets.publish.options = options.publish;
      json.targets['nx-release-publish'].options = options.nx;
      return json;
    });
    const lines = run('lib', request);
    return [lines, targetsOf('lib')['publish']?.options, targetsOf('lib')['nx-release-publish']?.options];
  }

  it.each([{ to: FOLDER }, { to: PYPI }, { to: OWN }])('loses them where `publish` has the same: %j', ({ to }) => {
    const [lines, publish, nx] = after({ publish: { to }, nx: { to } });
    expect(lines).toContain('+ lib/project.json, changed: nx-release-publish');
    expect([publish, nx]).toEqual([{ to }, undefined]);
    expect(run('lib').join('\n')).not.toContain('nx-release-publish');
  });

  it.each([
    ['other places', { publish: { to: FOLDER }, nx: { to: PYPI } }],
    ['a list that the user made', { publish: { to: FOLDER }, nx: { to: OWN } }],
    ['places that `publish` had before the user changed them', { publish: { to: OWN }, nx: { to: FOLDER } }],
    ['less than `publish` says', { publish: { to: FOLDER, requireTag: false }, nx: { to: FOLDER } }],
    ['more than `publish` says', { publish: { to: FOLDER }, nx: { to: FOLDER, resume: false } }],
  ])('keeps %s, and says so', (_, options) => {
    const [lines, publish, nx] = after(options);
    expect(lines).toContain(HINT);
    expect([publish, nx]).toEqual([options.publish, options.nx]);
  });

  it('loses them where others are asked for, unless the user made one of the lists', () => {
    const destinations = ['testpypi'];
    const asked = { to: [{ type: 'index', repository: 'testpypi', tokenEnv: 'TESTPYPI_TOKEN' }] };
    expect(after({ publish: { to: FOLDER }, nx: { to: PYPI } }, { destinations }).slice(1)).toEqual([asked, undefined]);
    expect(after({ publish: { to: FOLDER }, nx: { to: OWN } }, { destinations }).slice(1)).toEqual([asked, { to: OWN }]);
    expect(after({ publish: { to: OWN }, nx: { to: PYPI } }, { destinations }).slice(1)).toEqual([{ to: OWN }, { to: PYPI }]);
  });

  it.each([{ to: FOLDER }, { to: PYPI }])('is taken out with --remove: %j', ({ to }) => {
    after({ publish: { to: FOLDER }, nx: { to } });
    run('lib', { remove: true });
    expect(readJson(tree, 'lib/project.json')).not.toHaveProperty('targets');
  });

  it('stays with --remove where the user changed it', () => {
    expect(after({ publish: { to: FOLDER }, nx: { to: OWN } }, { remove: true })[0]).toContain('= kept as you changed them: nx-release-publish');
  });
});

describe('the destinations of releases', () => {
  const to = (): unknown => (targetsOf('lib')['publish']!.options as { to: unknown }).to;

  it('are few lines, told with the variables that they need, and taken out again', () => {
    const lines = run('lib', {
      folder: 'out',
      destinations: ['folder', 's3', 's3=get', 'oci=registry.example.org:5000/team/lib', 'oci', 'github-release', 'pypi', 'testpypi', 'index'],
    });
    expect(to()).toEqual([
      { type: 'folder', path: 'out' },
      { type: 's3' },
      { type: 's3', prefix: 'get' },
      { type: 'oci', repository: 'registry.example.org:5000/team/lib' },
      { type: 'oci', repositoryEnv: 'OCI_REPOSITORY' },
      { type: 'github-release' },
      { type: 'index', repository: 'pypi' },
      { type: 'index', repository: 'testpypi', tokenEnv: 'TESTPYPI_TOKEN' },
      { type: 'index', repositoryEnv: 'INDEX_URL', tokenEnv: 'INDEX_TOKEN' },
    ]);
    expect(lines.find((line) => line.startsWith('! with a release tag'))).toMatch(
      /publish reads R2_BUCKET, .*\(s3\), OCI_USERNAME, OCI_PASSWORD \(oci\), OCI_REPOSITORY, .*GITHUB_TOKEN, GITHUB_REPOSITORY \(github-release\), PYPI_TOKEN \(index\)/,
    );
    expect(run('lib')).toContain('= nothing to change');
    run('lib', { remove: true });
    expect(readJson(tree, 'lib/project.json')).not.toHaveProperty('targets');
  });

  it('are replaced when others are asked for, but not a list that the user made', () => {
    run('lib');
    run('lib', { destinations: ['folder=out', 'github-release=team/lib'] });
    expect(to()).toEqual([
      { type: 'folder', path: 'out' },
      { type: 'github-release', repository: 'team/lib' },
    ]);
    run('lib', { folder: 'else' });
    expect(to()).toMatchObject([{ path: 'else' }, { type: 'github-release' }]);
    const own = [{ type: 's3', publicUrl: 'https://get.example.org' }];
    updateJson(tree, 'lib/project.json', (json) => {
      json.targets.publish.options.to = own;
      return json;
    });
    expect(run('lib', { destinations: ['pypi'] }).join()).toContain('= kept as you changed them: publish');
    expect(to()).toEqual(own);
  });

  it.each(['ftp', 'pypi=x', 'folder=../out', 'folder=/out', 'oci=Registry/Upper', 'index=pypi', 'github-release=team', 's3=', ''])(
    '%p is none',
    (text) => {
      refused('OPTION_DESTINATION', 'lib', { destinations: [text] }, /no destination of releases/);
    },
  );
});

describe('--remove', () => {
  it.each([{}, { signing: MINISIGN }])('gives back what was there before %j', (request) => {
    const before = tree.read('app/project.json', 'utf8');
    run('app', request);
    run('app', { remove: true });
    expect(JSON.parse(tree.read('app/project.json', 'utf8')!)).toEqual(JSON.parse(before!));
    expect(run('app', { remove: true })).toEqual(['= nothing to take out']);
  });

  it('leaves what the user changed, and says so', () => {
    run('app');
    updateJson(tree, 'app/project.json', (json) => ({
      ...json,
      targets: { ...json.targets, release: { executor: 'nx:noop', dependsOn: ['test'] } },
    }));
    expect(run('app', { remove: true })).toContain('= kept as you changed them: release');
    expect(Object.keys(targetsOf('app'))).toEqual(['test', 'release']);
  });
});

it('says at once that a wheel needs a build backend, and where setuptools stands in says nothing', () => {
  expect(run('app').join('\n')).toContain('! build-wheel needs a build backend in app/pyproject.toml');
  tree.write('poet/project.json', '{ "name": "poet" }');
  tree.write('poet/pyproject.toml', '[tool.poetry]\nname = "poet"\nversion = "1.0.0"\n');
  expect(run('poet').join('\n')).toMatch(/build backend in poet\/pyproject\.toml: .*poetry\.core\.masonry\.api/);
  tree.write('app/setup.py', '');
  expect(run('app').join('\n')).not.toContain('backend');
  tree.write('lib/pyproject.toml', pyproject('lib', '[build-system]\nrequires = ["hatchling"]\nbuild-backend = "hatchling.build"\n'));
  expect(run('lib').join('\n')).not.toContain('backend');
});

it('says what to answer the proof, where no source does, and it is what the guide has', () => {
  tree.write('app/src/my_app/__main__.py', '');
  const said = /answer with JSON: `(print\(.*\))`$/m.exec(run('app').join('\n'))?.[1];
  expect(said).toContain('platform.python_version()');
  expect(readFileSync(join(__dirname, '../../../../../docs/guides/package-an-app.md'), 'utf8')).toContain(said);
});

it('works beside a project whose manifest cannot be read: a template', () => {
  tree.write('template/project.json', '{ "name": "template" }');
  tree.write('template/pyproject.toml', '[project]\nname = {{ name }}\n');
  expect(run('lib').join('\n')).toContain('build-wheel');
});

describe('what it refuses, with nothing changed', () => {
  it('a project that is not there, or is named by its folder', () => {
    refused('GRAPH_PROJECT_UNKNOWN', 'ap', {}, /is `app` meant\?/);
    addProjectConfiguration(tree, '@acme/far', { root: 'packages/far' });
    refused('GRAPH_PROJECT_UNKNOWN', 'packages/far/', {}, /is `@acme\/far` meant\?/);
  });
  it('a kind that does not fit', () => {
    refused('OPTION_KIND', 'lib', { kind: 'embedded-app' }, /Cargo\.toml/);
    refused('OPTION_KIND', 'chat', { kind: 'library' }, /pyproject\.toml/);
    refused('OPTION_KIND', 'chat', { kind: 'python-app' }, /pyproject\.toml/);
    tree.delete('lib/pyproject.toml');
    refused('OPTION_KIND', 'lib', {}, /nothing in `lib`/);
  });
  it('a pyproject without a name', () => {
    tree.write('lib/pyproject.toml', '[project]\nversion = "1"\n');
    refused('GRAPH_DISTRIBUTION_NAME', 'lib');
  });
  it('a manifest that cannot be read', () => {
    tree.write('lib/pyproject.toml', '[project');
    refused('GRAPH_MANIFEST', 'lib', {}, /lib\/pyproject\.toml/);
  });
  it('a program that nothing starts, or too much', () => {
    tree.write('lib/pyproject.toml', pyproject('lib', '[project.scripts]\nlib = "lib.cli:app.main"\n'));
    expect(run('lib').join('\n')).toContain('! its wheel is released; for a program that brings its own Python');
    try {
      run('lib', { kind: 'python-app' });
      throw new Error('nothing was refused');
    } catch (error) {
      expect(error).toMatchObject({ code: 'OPTION_ENTRY', fix: expect.stringContaining('`from lib.cli import app; app.main()`') });
    }
    refused('OPTION_ENTRY', 'lib', { kind: 'python-app' });
    tree.write('app/src/other/__main__.py', '');
    expect(run('app')[0]).toMatch(/^app is a python-app/);
    tree.write('app/pyproject.toml', pyproject('third'));
    refused('OPTION_ENTRY', 'app', { kind: 'python-app' });
  });
  it('requirements that are not locked; a local package is none', () => {
    tree.write('app/pyproject.toml', pyproject('my-app', 'dependencies = ["fastapi>=0.1", "lib"]\n'));
    expect(() => run('app')).toThrow(
      expect.objectContaining({
        code: 'OPTION_REQUIREMENTS',
        fix: expect.stringContaining('--generate-hashes --no-emit-package lib --output-file app/requirements.lock app/pyproject.toml -'),
      }),
    );
    refused('OPTION_REQUIREMENTS', 'app');
    tree.write('app/requirements.lock', 'fastapi==1.0 --hash=sha256:abc\n');
    run('app');
    expect(targetsOf('app')['package-linux']!.options).toMatchObject({ requirements: 'app/requirements.lock' });
  });
  it('targets of that name that are not ours, scripts too', () => {
    updateJson(tree, 'app/project.json', (json) => ({
      ...json,
      targets: { checksum: { executor: 'nx:run-commands' }, release: { command: 'make' } },
    }));
    refused('GRAPH_TARGET_TAKEN', 'app');
    writeJson(tree, 'lib/package.json', { name: 'lib', scripts: { release: 'true' } });
    refused('GRAPH_TARGET_TAKEN', 'lib');
    writeJson(tree, 'lib/package.json', { name: 'lib', nx: { includedScripts: ['release'] }, scripts: { release: 'true' } });
    refused('GRAPH_TARGET_TAKEN', 'lib');
    writeJson(tree, 'lib/package.json', { name: 'lib', nx: { includedScripts: [] }, scripts: { release: 'true' } });
    run('lib');
  });
  it('no target for the native build', () => refused('GRAPH_NATIVE_TARGET', 'chat', { nativeTarget: 'cargo' }));
  it('platforms that are none, and those that cannot be made yet', () => {
    refused('OPTION_PLATFORM', 'app', { platforms: ['plan9-x86_64'] });
    refused('OPTION_PLATFORM_UNMADE', 'app', { platforms: ['linux', 'macos'] }, /macos-x86_64/);
    refused('OPTION_PLATFORM_UNMADE', 'app', { platforms: ['linux-aarch64'] });
    refused('OPTION_PLATFORM_UNMADE', 'lib', { platforms: ['windows-x86_64'] });
    expect(() => writeReleaseTargets(tree, { project: 'app' }, { platform: 'darwin', arch: 'arm64' })).toThrow(
      expect.objectContaining({ code: 'OPTION_PLATFORM_UNMADE' }),
    );
  });
  it('two projects of one distribution', () => {
    addProjectConfiguration(tree, 'twin', { root: 'twin' });
    tree.write('twin/pyproject.toml', pyproject('My_App'));
    refused('GRAPH_DISTRIBUTION_TWICE', 'app');
  });
  it('local packages that need one another in a circle', () => {
    tree.write('lib/pyproject.toml', pyproject('lib', 'dependencies = ["my-app"]\n'));
    refused('GRAPH_CYCLE', 'app');
  });
  it('nx.json that cannot be rewritten', () => {
    tree.write('nx.json', '{ /* mine */ }');
    refused('FILE_JSON', 'app');
  });
});
