/** Bad input through Nx: a coded error with a fix, nothing left behind, the previous result kept. */
import assert from 'node:assert/strict';
import { cpSync, existsSync, mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { mustRun } from '../tools/run-command.mjs';
import { startExecutor } from './run-executor.mjs';
import { nx, openWorkspace, readJson } from './workspace.mjs';

let workspace;
let root;
let folder;

before(async () => {
  workspace = await openWorkspace();
  root = workspace.root;
  folder = join(root, 'bad');
});
after(() => {
  rmSync(folder, { recursive: true, force: true });
  workspace.remove();
});

/** A project with one target; `prepare` puts files into its folder. */
function writeProject(options, { prepare, dependsOn, target = {}, name = 'bad' } = {}) {
  const place = join(root, name);
  rmSync(place, { recursive: true, force: true });
  mkdirSync(join(place, 'src'), { recursive: true });
  writeFileSync(join(place, 'pyproject.toml'), `[project]\nname = "${name}"\nversion = "1.0.0"\n`);
  writeFileSync(join(place, 'main.py'), 'print("{}")\n');
  const python = { runtime: 'node node_modules/@waybill/plugin-kit/dist/fingerprint/print-fingerprint.js /nowhere/python3' };
  const inputs = ['default', 'waybillTools', python, { env: 'NX_DRY_RUN' }, { env: 'WAYBILL_DRY_RUN' }];
  const project = {
    name,
    targets: {
      'package-linux': {
        executor: '@waybill/bundle:package-dist',
        cache: true,
        inputs,
        dependsOn,
        outputs: ['{workspaceRoot}/dist/{projectRoot}/package-linux'],
        options,
        ...target,
      },
    },
  };
  // Rows name the files of their project as those of `bad`.
  writeFileSync(join(place, 'project.json'), JSON.stringify(project, null, 2).replaceAll('"bad/', `"${name}/`));
  return prepare?.(place);
}

const SCRIPT = { entry: { script: 'bad/main.py' }, launcher: 'shell', prune: { preset: 'small' } };
const file = (path, content, mode) => (place) => writeFileSync(join(place, path), content, { mode });
const host = () => readFileSync('/proc/self/exe');

/** [what, options, code, set-up] */
const ROWS = [
  ['an unknown option', { ...SCRIPT, lancher: 'native' }, /'lancher'|OPTION_UNKNOWN[^\n]*|lancher/],
  ['two ways to start', { ...SCRIPT, binary: 'bad/x' }, /OPTION_INVALID/],
  ['a binary that is missing', { binary: 'bad/none' }, /BUNDLE_BINARY_MISSING/],
  [
    'a glob of two binaries',
    { binary: 'bad/src/*' },
    /BUNDLE_BINARY_AMBIGUOUS/,
    {
      prepare: (place) => ['a', 'b'].forEach((name) => writeFileSync(join(place, 'src', name), 'x', { mode: 0o755 })),
    },
  ],
  ['a script for a binary', { binary: 'bad/src/a' }, /BUNDLE_BINARY_SCRIPT/, { prepare: file('src/a', '#!/bin/sh\n', 0o755) }],
  ['a file of no format', { binary: 'bad/src/a' }, /BUNDLE_BINARY_FORMAT/, { prepare: file('src/a', 'hello', 0o755) }],
  [
    'a binary of another machine',
    { binary: 'bad/src/a' },
    /BUNDLE_BINARY_ARCHITECTURE/,
    { prepare: (place) => writeOtherMachine(join(place, 'src/a')) },
  ],
  [
    'a binary without Python',
    { binary: 'bad/src/a' },
    /BUNDLE_BINARY_(LIBPYTHON|STATIC)/,
    { prepare: (place) => writeFileSync(join(place, 'src/a'), host(), { mode: 0o755 }) },
  ],
  ['a missing script', { entry: { script: 'bad/none.py' } }, /BUNDLE_ENTRY_SCRIPT/],
  ['a missing module', { entry: { module: 'no_such_module' } }, /BUNDLE_ENTRY_MISSING/],
  ['requirements without hash', { ...SCRIPT, requirements: 'bad/r.txt' }, /WHEEL_REQUIREMENT_HASH/, { prepare: file('r.txt', 'six==1.16.0\n') }],
  [
    'requirements that are not pinned',
    { ...SCRIPT, requirements: 'bad/r.txt' },
    /WHEEL_REQUIREMENT_(PIN|HASH)/,
    { prepare: file('r.txt', 'six>=1\n') },
  ],
  ['requirements that are missing', { ...SCRIPT, requirements: 'bad/r.txt' }, /WHEEL_REQUIREMENTS_MISSING/],
  ['an interpreter that is missing', { ...SCRIPT, runtime: { provider: 'interpreter', path: '/nowhere/python3' } }, /BUNDLE_RUNTIME_(MISSING|QUERY)/],
  ['an interpreter outside of the workspace that no input tells of', { ...SCRIPT, runtime: { path: '/nowhere/other' } }, /GRAPH_INPUT_UNDECLARED/],
  ['an interpreter of another version', { ...SCRIPT, runtime: { provider: 'interpreter', version: '3.2' } }, /BUNDLE_RUNTIME_(VERSION|MISSING)/],
  [
    'an archive with a wrong digest',
    { ...SCRIPT, runtime: { provider: 'archive', path: 'bad/rt.tar.gz', sha256: '0'.repeat(64) } },
    /BUNDLE_RUNTIME_DIGEST|ARCHIVE_DIGEST/,
    { prepare: (place) => mustRun('tar', ['-czf', join(place, 'rt.tar.gz'), '-C', place, 'main.py']) },
  ],
  ['a URL without a digest', { ...SCRIPT, runtime: { provider: 'archive', url: 'http://127.0.0.1:9/x.tar.gz' } }, /OPTION_(RUNTIME_SHA256|INVALID)/],
  ['a name that is no file name', { ...SCRIPT, name: 'a/b' }, /OPTION_(NAME|INVALID)/],
  ['an epoch in the version', { ...SCRIPT, releaseVersion: '1!2.0' }, /VERSION_EPOCH/],
  ['a glibc that is too old', { ...SCRIPT, glibc: '2.1' }, /BUNDLE_GLIBC/],
  ['a size limit', { ...SCRIPT, sizeLimit: '1MB' }, /BUNDLE_SIZE/],
  ['a platform that cannot be made here', { ...SCRIPT, platform: 'windows-x86_64' }, /BUNDLE_PLATFORM|OPTION_HOST/],
  ['a misspelt dependency', SCRIPT, /GRAPH_DEPENDENCY_UNKNOWN/, { dependsOn: ['biuld'] }],
  ['an option file that is no input', { ...SCRIPT, requirements: 'studio/requirements.lock' }, /GRAPH_INPUT_UNDECLARED/],
];

function writeOtherMachine(path) {
  const bytes = host();
  bytes.writeUInt16LE(183, 18);
  writeFileSync(path, bytes, { mode: 0o755 });
}

const leftOvers = (name = 'bad') => {
  const dist = join(root, 'dist', name);
  return existsSync(dist)
    ? readdirSync(dist, { recursive: true, encoding: 'utf8' }).filter((path) => path !== 'package-linux' && !path.endsWith('report.json'))
    : [];
};

describe('package-dist refuses', () => {
  const nameOf = (row) => `bad-${row + 1}`;
  let outputs;

  /** All in one run of Nx, whose start takes longer than most refusals. Each line of a task begins with its project. */
  before(async () => {
    for (const [row, [, options, , setUp]] of ROWS.entries()) {
      rmSync(join(root, 'dist', nameOf(row)), { recursive: true, force: true });
      await writeProject(options, { ...setUp, name: nameOf(row) });
    }
    const { output } = await nx(root, ['run-many', '-t', 'package-linux', '--projects=bad-*', '--parallel=2', '--output-style=stream']);
    const linesOf = (name) => output.split('\n').filter((line) => line.startsWith(`${name}: `));
    outputs = ROWS.map((_, row) =>
      linesOf(nameOf(row))
        .map((line) => line.slice(nameOf(row).length + 2))
        .join('\n'),
    );
    const failed = output.slice(output.indexOf('Failed tasks:'));
    ROWS.forEach((_, row) => assert.ok(failed.includes(`- ${nameOf(row)}:package-linux\n`), `${nameOf(row)} did not fail\n${output}`));
  });
  after(() => ROWS.forEach((_, row) => rmSync(join(root, nameOf(row)), { recursive: true, force: true })));

  for (const [row, [what, , code]] of ROWS.entries()) {
    test(what, () => {
      const output = outputs[row];
      assert.match(output, code);
      if (what !== 'an unknown option') assert.match(output, /fix: \S/);
      assert.doesNotMatch(output, /^\s+at .*\.js:\d+/m, 'no stack trace');
      assert.deepEqual(leftOvers(nameOf(row)), []);
    });
  }

  test('a refused patchelf named by its variable', async () => {
    rmSync(join(root, 'dist/bad'), { recursive: true, force: true });
    writeProject(SCRIPT);
    const fake = join(folder, 'patchelf');
    writeFileSync(fake, '#!/bin/sh\necho patchelf 0.18.0\n', { mode: 0o755 });
    const { exitCode, output } = await nx(root, ['run', 'bad:package-linux'], { WAYBILL_PATCHELF: fake });
    assert.notEqual(exitCode, 0);
    assert.match(output, /TOOL_VERSION[\s\S]*0\.18\.0[\s\S]*fix: /);
  });

  test('a good run, then a bad one: the previous result stays', async () => {
    rmSync(join(root, 'dist/bad'), { recursive: true, force: true });
    writeProject(SCRIPT);
    const good = await nx(root, ['run', 'bad:package-linux']);
    assert.equal(good.exitCode, 0, good.output);
    const record = readFileSync(join(root, 'dist/bad/package-linux/artifacts.json'), 'utf8');
    writeProject({ ...SCRIPT, sizeLimit: '1MB' });
    const bad = await nx(root, ['run', 'bad:package-linux']);
    assert.notEqual(bad.exitCode, 0);
    assert.equal(readFileSync(join(root, 'dist/bad/package-linux/artifacts.json'), 'utf8'), record);
    assert.equal(JSON.parse(readFileSync(join(root, 'dist/bad/package-linux/report.json'), 'utf8')).outcome, 'failure');
  });

  test('a record that was damaged, changed or removed names the target to run', async () => {
    const project = JSON.parse(readFileSync(join(folder, 'project.json'), 'utf8'));
    project.targets['package-linux'].options = SCRIPT;
    project.targets['smoke-linux'] = {
      executor: '@waybill/bundle:relocatability-smoke',
      dependsOn: ['package-linux'],
      outputs: ['{workspaceRoot}/dist/{projectRoot}/smoke-linux'],
      inputs: ['waybillTools', { env: 'NX_DRY_RUN' }, { env: 'WAYBILL_DRY_RUN' }, { dependentTasksOutputFiles: '**/artifacts.json' }],
    };
    writeFileSync(join(folder, 'project.json'), JSON.stringify(project));
    // What the good run before left.
    const place = join(root, 'dist/bad/package-linux');
    const file = join(root, 'dist/graph.json');
    const drawn = await nx(root, ['graph', `--file=${file}`]);
    assert.equal(drawn.exitCode, 0, drawn.output);
    const kept = join(root, 'dist/kept');
    cpSync(place, kept, { recursive: true });
    const record = JSON.parse(readFileSync(join(place, 'artifacts.json'), 'utf8'));
    const archive = join(place, record.artifacts.find(({ kind }) => kind === 'bundle-archive').path);
    const damage = [
      [() => writeFileSync(join(place, 'artifacts.json'), '{"schema":'), /RECORD_SYNTAX/],
      [() => writeFileSync(join(place, 'artifacts.json'), JSON.stringify({ ...record, schema: 'waybill/artifacts/9' })), /RECORD_SCHEMA/],
      [() => writeFileSync(archive, 'other bytes'), /RECORD_DIGEST/],
      [() => rmSync(join(place, 'artifacts.json')), /RECORD_MISSING/],
    ];
    for (const [harm, code] of damage) {
      rmSync(place, { recursive: true, force: true });
      cpSync(kept, place, { recursive: true });
      harm();
      const { exitCode, output } = await startExecutor({ root, graph: readJson(file).graph, project: 'bad', target: 'smoke-linux' });
      assert.notEqual(exitCode, 0, output);
      assert.match(output, code);
      assert.match(output, /nx run bad:package-linux/);
    }
    rmSync(kept, { recursive: true, force: true });
    rmSync(file);
  });

  test('a read-only or full place for the result', { skip: process.getuid() === 0 ? false : 'mounting small file systems needs root' }, async () => {
    writeProject(SCRIPT);
    const place = join(root, 'dist/bad');
    for (const [mountOptions, code] of [
      ['size=4m,ro', /FILE_NOT_WRITABLE[\s\S]*fix: /],
      ['size=4m', /FILE_DISK_FULL[\s\S]*fix: /],
    ]) {
      rmSync(place, { recursive: true, force: true });
      mkdirSync(place, { recursive: true });
      await mustRun('mount', ['-t', 'tmpfs', '-o', mountOptions, 'tmpfs', place]);
      try {
        const { exitCode, output } = await nx(root, ['run', 'bad:package-linux', '--skip-nx-cache']);
        assert.notEqual(exitCode, 0, output);
        assert.match(output, code);
        assert.deepEqual(leftOvers(), []);
      } finally {
        await mustRun('umount', [place]);
      }
    }
  });
});
