import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { ExecutorRun } from '@waybill/plugin-kit/testing';
import { buildProject } from '../../testing/build-project';
import { hasEnded } from '../../testing/has-ended';
import { inTreeProject, type BackendPlant } from '../../testing/in-tree-backend';
import { workplacePath } from '../../workplace/workplace-path';

jest.setTimeout(180_000);

/** Without the install test, which has its own specs. */
const FAST = { frontend: 'uv', install: { enabled: false } } as const;
const runs: ExecutorRun[] = [];

async function build(plant: BackendPlant, request: Partial<Parameters<typeof buildProject>[0]> = {}): Promise<ExecutorRun> {
  const run = await buildProject({ files: inTreeProject(plant), ...request, options: { ...FAST, ...(request.options as object) } });
  runs.push(run);
  return run;
}

/** Where no variable leads. */
const STRAY = `/tmp/waybill-stray-${process.pid}.txt`;

afterEach(async () => {
  rmSync(STRAY, { force: true });
  for (const { remove } of runs.splice(0)) await remove();
});

const WORKPLACE = workplacePath('demo', 'packages/demo', process.platform);

describe('what a backend must not do', () => {
  it.each<[string, string, BackendPlant, string[]]>([
    [
      'WHEEL_OUTPUT_SET',
      'writes two wheels',
      { wheel: `open(os.path.join(out, 'other-1-py3-none-any.whl'), 'w').close()` },
      ['other-1-py3-none-any.whl'],
    ],
    [
      'WHEEL_SDIST_SHAPE',
      'writes an sdist with nothing in it',
      { sdist: `tarfile.open(os.path.join(out, 'demo-0.3.0.tar.gz'), 'w:gz').close()\nreturn 'demo-0.3.0.tar.gz'` },
      ['demo-0.3.0.tar.gz'],
    ],
    ['WHEEL_BUILD_FAILED', 'raises', { wheel: `raise SystemExit('no compiler here')` }, ['no compiler here', 'command `']],
    [
      'WHEEL_BUILD_FAILED',
      'needs a file that its sdist lacks',
      { sdistLacks: ['src/demo/data.txt'], wheel: `open('src/demo/data.txt')` },
      ['the sdist lacks `src/demo/data.txt`'],
    ],
    ['WHEEL_BUILD_FAILED', 'raises before there is an sdist', { sdist: `raise SystemExit('no sdist')` }, ['made no sdist']],
    ['WHEEL_WROTE_OUTSIDE', 'writes beside its folder', { wheel: `open('../stray.txt', 'w').close()` }, ['../stray.txt']],
    ['WHEEL_WROTE_OUTSIDE', 'writes two folders above', { sdist: `open('../../stray.txt', 'w').close()` }, ['../../stray.txt']],
    ['WHEEL_WROTE_OUTSIDE', 'writes beside its result', { wheel: `open(os.path.join(out, '..', 'stray.txt'), 'w').close()` }, ['stray.txt, beside']],
    [
      'WHEEL_WROTE_OUTSIDE',
      'writes into the home folder',
      { wheel: `os.makedirs(os.path.expanduser('~/made/by'))\nopen(os.path.expanduser('~/.demorc'), 'w').close()` },
      ['actual `~/made`'],
    ],
    [
      'WHEEL_WROTE_OUTSIDE',
      'writes to a folder for temporary files by its name',
      { wheel: `open('${STRAY}', 'w').close()` },
      [`actual \`${STRAY}\``],
    ],
    ['WHEEL_SOURCE_CHANGED', 'changes a source', { sdist: `open('src/demo/__init__.py', 'a').write('x = 1')` }, ['src/demo/__init__.py']],
    ['WHEEL_SOURCE_CHANGED', 'removes a source', { sdist: `os.remove('src/demo/data.txt')` }, ['removed `src/demo/data.txt`']],
  ])('%s: %s', async (code, _, plant, says) => {
    const run = await build(plant);
    expect(run.success).toBe(false);
    expect(run.report?.errors.map((error) => error.code)).toEqual([code]);
    for (const text of says) expect(run.output).toContain(text);
    expect(run.files).toEqual(['report.json']);
    expect(existsSync(WORKPLACE)).toBe(false);
  });

  it('WHEEL_TREE_CHANGED: finds the project itself and writes into it', async () => {
    const first = await build({});
    const tree = join(first.workspaceRoot, 'packages/demo');
    const plant = { wheel: `open('${tree}/stray.py', 'w').close()` };
    await writeFile(join(tree, 'backend/backend.py'), inTreeProject(plant)['backend/backend.py'] as string);
    const second = await buildProject({ files: {}, again: first, options: FAST });
    expect(second.report?.errors.map(({ code, details }) => [code, ...details])).toEqual([['WHEEL_TREE_CHANGED', 'added `stray.py`']]);
  });

  it('may leave hidden files in the home folder, as tools do unasked: they are told', async () => {
    const wheel = `os.makedirs(os.path.expanduser('~/.config/demo'))\nopen(os.path.expanduser('~/.demorc'), 'w').close()`;
    const { report, success } = await build({ wheel });
    const found = report?.findings.flatMap(({ check, level, path }) => (check === 'home' ? [`${level} ${path!}`] : []));
    expect([report?.errors, found, success]).toEqual([[], ['warning ~/.config/demo', 'warning ~/.demorc'], true]);
  });

  it('may write where TMPDIR says, while others write to the same folder as ever', async () => {
    const wheel = `import tempfile\nopen(os.path.join(tempfile.gettempdir(), 'demo.txt'), 'w').close()\nopen(os.environ['OF_OTHERS'], 'w').close()`;
    const run = await build({ wheel }, { options: { passEnv: ['OF_OTHERS'] }, environment: { OF_OTHERS: STRAY }, targetLines: { cache: false } });
    expect([run.report?.errors, existsSync(STRAY)]).toEqual([[], true]);
  });

  it('may write a source again as it was, and new files', async () => {
    const plant = {
      sdist: `text = open('src/demo/data.txt').read()\nopen('src/demo/data.txt', 'w').write(text)\nopen('src/demo/made.py', 'w').close()`,
    };
    expect([(await build(plant)).report?.errors]).toEqual([[]]);
  });

  it('may write egg-info of an unpacked sdist anew, as setuptools does', async () => {
    const sdist = `open('src/demo.egg-info/SOURCES.txt', 'w').write('another list')\nos.remove('src/demo.egg-info/top_level.txt')`;
    const egg = { 'src/demo.egg-info/SOURCES.txt': 'a list\n', 'src/demo.egg-info/top_level.txt': 'demo\n' };
    const files = inTreeProject({ sdist }, { ...egg, 'PKG-INFO': 'Metadata-Version: 2.1\nName: demo\nVersion: 0.3.0\n' });
    expect([(await build({}, { files })).report?.errors]).toEqual([[]]);
  });

  it('WHEEL_TIMEOUT: a backend that hangs is ended, with the children that it started', async () => {
    const wheel = `child = subprocess.Popen(['sleep', '600'])\nprint('child', child.pid, flush=True)\nopen(os.environ['PIDS'], 'w').write(str(child.pid))\ntime.sleep(600)`;
    const pids = join(process.env['TMPDIR'] ?? '/tmp', `waybill-test-pid-${process.pid}`);
    const run = await build(
      { wheel },
      { options: { ...FAST, timeoutMs: 20_000, passEnv: ['PIDS'] }, environment: { PIDS: pids }, targetLines: { cache: false } },
    );
    expect(run.report?.errors.map(({ code }) => code)).toEqual(['WHEEL_TIMEOUT']);
    const pid = Number(await readFile(pids, 'utf8'));
    expect(await hasEnded(pid)).toBe(true);
  });

  it('leaves no workplace when a signal ends the run, and no other one undone', async () => {
    const mark = join(process.env['TMPDIR'] ?? '/tmp', `waybill-test-mark-${process.pid}`);
    const wheel = `open('${mark}', 'w').close()\nfor _ in range(600):\n    if not os.path.exists('${mark}'): raise SystemExit('over')\n    time.sleep(0.05)`;
    let signalled: (signal: NodeJS.Signals) => void = () => undefined;
    const ends: [code: number, workplace: boolean][] = [];
    const host = {
      onEnd: (callback: typeof signalled) => ((signalled = callback), () => undefined),
      exit: (code: number) => void ends.push([code, existsSync(WORKPLACE)]),
    };
    const building = build({ wheel }, { host });
    while (!existsSync(mark)) await new Promise((resolve) => setTimeout(resolve, 50));
    expect(existsSync(WORKPLACE)).toBe(true);
    signalled('SIGTERM');
    rmSync(mark);
    await building;
    expect(ends).toEqual([[143, false]]);
  });

  it('tells what it found before a later step broke', async () => {
    const lock = `nothing-like-it==1.0 --hash=sha256:${'a'.repeat(64)}\n`;
    const run = await build(
      { extraMembers: ['demo/aux.py'] },
      {
        files: inTreeProject({ extraMembers: ['demo/aux.py'] }, { 'run.lock': lock }),
        options: { frontend: 'uv', install: { requirements: 'packages/demo/run.lock' } },
        environment: { UV_NO_INDEX: '1', PIP_NO_INDEX: '1' },
      },
    );
    expect(run.report?.errors.map(({ code }) => code)).toEqual(['PROCESS_FAILED']);
    expect(run.report?.findings.map(({ level, path }) => [level, path])).toContainEqual(['error', expect.stringContaining('demo/aux.py')]);
    expect(run.output).toMatch(/aux\.py[\s\S]*PROCESS_FAILED/);
  });

  it('redacts what the backend prints', async () => {
    const run = await build(
      { wheel: `raise SystemExit('token is ' + os.environ['DEMO_TOKEN'])` },
      {
        options: { ...FAST, passEnv: ['DEMO_TOKEN'] },
        environment: { DEMO_TOKEN: 's3cr3t-value-1' },
        targetLines: { cache: false },
      },
    );
    expect(run.output).toContain('token is ******');
    expect(JSON.stringify(run.report)).not.toContain('s3cr3t-value-1');
  });

  it('shows what the backend prints when that is asked for', async () => {
    const plant = { wheel: `print('compiling everything')` };
    expect((await build(plant)).output).not.toContain('compiling everything');
    expect((await build(plant, { environment: { NX_VERBOSE_LOGGING: 'true' } })).output).toContain('compiling everything');
  });
});

/** A module, and native code that only the check of native code minds. */
const EXTRA = { 'src/demo/other.py': 'x = 1\n', 'src/demo/_native.so': readFileSync('/bin/true') };

describe('what is found in the results', () => {
  it.each([
    ['a title\\n=====\\n\\n`broken <', ['error']],
    ['A title\\n=======\\n\\nbody', []],
  ])('a README in reStructuredText that an index would not render: %s', async (text, levels) => {
    const plant = `global METADATA\nMETADATA = METADATA.replace('text/plain', 'text/x-rst').replace('\\ntext\\n', '\\n${text}\\n')`;
    const { report } = await build({ sdist: plant, wheel: plant });
    const found = report?.findings.filter(({ check }) => check === 'description') ?? [];
    expect([...new Set(found.map(({ level }) => level))]).toEqual(levels);
    expect(report?.outcome).toBe(levels.length > 0 ? 'failure' : 'success');
  });

  it.each<[string, BackendPlant, string[]]>([
    ['version', { version: '0.1.dev1+gabc' }, ['0.3.0', '0.1.dev1+gabc']],
    ['sdist-completeness', { sdistLacks: ['src/demo/other.py'] }, ['src/demo/other.py']],
    ['native-code', {}, ['demo/_native.so']],
  ])('%s', async (check, plant, says) => {
    const run = await build(plant, { files: inTreeProject(plant, EXTRA) });
    const found = run.report?.findings.filter((finding) => finding.check === check) ?? [];
    expect(found.length).toBeGreaterThan(0);
    for (const text of says) expect(JSON.stringify(found)).toContain(text);
  });

  it('a module that git ignores, and that was not copied therefore', async () => {
    const files = inTreeProject({}, { '.gitignore': '*_pb2.py\n', 'src/demo/words_pb2.py': 'x = 1\n' });
    const found = ({ report }: ExecutorRun) => report?.findings.flatMap(({ path, level }) => (path?.endsWith('_pb2.py') ? [`${level} ${path}`] : []));
    const first = await build({}, { files });
    expect(found(first)).toEqual([]);
    execFileSync('git', ['init', '--quiet'], { cwd: first.workspaceRoot });
    expect(found(await buildProject({ files: {}, again: first, options: FAST }))).toEqual(['warning src/demo/words_pb2.py']);
  });

  it('paths that lead out, are absolute or come twice, all at once with what else is wrong', async () => {
    const plant: BackendPlant = { version: '9.9', extraMembers: ['../../evil.py', '/evil.py', 'demo/data.txt'] };
    const run = await build(plant, { options: { ...FAST, install: { enabled: true } } });
    expect([run.report?.errors, run.success]).toEqual([[], false]);
    const errors = run.report?.findings.filter(({ level }) => level === 'error') ?? [];
    const told = errors.filter(({ check }) => check === 'record').map(({ path, message }) => `${path}: ${message}`);
    expect(told.filter((line) => /leads upwards/.test(line) && line.includes('../../evil.py'))).not.toEqual([]);
    expect(told.filter((line) => /absolute path/.test(line))).not.toEqual([]);
    expect(told.filter((line) => /comes twice/.test(line) && line.includes('demo/data.txt'))).not.toEqual([]);
    expect(errors.map(({ check }) => check)).toContain('version');
  });

  it('install: a wheel with a tag that the interpreter which built it cannot install', async () => {
    const { report } = await build({ tag: 'cp37-cp37m-linux_x86_64' }, { options: { install: { enabled: true } } });
    const found = report?.findings.filter(({ check }) => check === 'install') ?? [];
    expect([found.map(({ level, path }) => [level, path]), report?.outcome]).toEqual([
      [['error', 'demo-0.3.0-cp37-cp37m-linux_x86_64.whl']],
      'failure',
    ]);
    expect(found[0]!.message).toMatch(/its tag `cp37-cp37m-linux_x86_64` does not fit Python 3\.\d+\.\d+\w* on \w+-\w+/);
    expect(found[0]).toMatchObject({
      actual: '`cp37-cp37m-linux_x86_64`',
      expected: expect.stringContaining('py3-none-any'),
      fix: expect.any(String),
    });
  });

  it('leaves the output of the run before', async () => {
    const first = await build({});
    expect([first.report?.findings.filter(({ level }) => level === 'error'), first.success]).toEqual([[], true]);
    await writeFile(join(first.workspaceRoot, 'packages/demo/backend/backend.py'), inTreeProject({ version: '9.9' })['backend/backend.py'] as string);
    const second = await buildProject({ files: {}, again: first, options: FAST });
    expect(second.success).toBe(false);
    expect(second.record).toEqual(first.record);
    expect(readdirSync(first.folder)).toContain('demo-0.3.0.tar.gz');
  });
});
