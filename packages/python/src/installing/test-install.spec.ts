import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { mkdir, mkdtemp } from 'node:fs/promises';
import { join } from 'node:path';
import { UV, cleanEnvironment, createProcesses, createTools, type Finding } from '@waybill/core';
import { skipUnless, temporaryFolder } from '@waybill/core/testing';
import { closedTier } from '../environment/network';
import { writeWheel, type WheelSpec } from '../testing/write-wheel';
import { optionalRequirements } from './find-extras';
import type { InstallTestRequest, InstallTestResult } from './install-test';
import { testInstall } from './test-install';

/** pip takes seconds where uv takes a tenth of one. */
jest.setTimeout(240_000);

const processes = createProcesses();
const python = execFileSync('python3', ['-I', '-c', 'import os, sys; print(os.path.realpath(sys.executable))'], { encoding: 'utf8' }).trim();
const findUv = () => createTools({ processes, environment: process.env }).resolve(UV);

const network = async () => ({ run: await closedTier(processes, cleanEnvironment(process.env, []), process.platform), download: 'open' }) as const;

const GREETER: WheelSpec = {
  name: 'greeter',
  files: {
    'greeter/__init__.py': 'def main():\n    import argparse\n    argparse.ArgumentParser().parse_args()\n',
    'greeter_extra.py': 'x = 1\n',
  },
  entryPoints: '[console_scripts]\ngreet = greeter:main\n',
};
/** The same with other text of the package. */
const greeter = (init: string, more: Partial<WheelSpec> = {}): WheelSpec => ({
  ...GREETER,
  ...more,
  files: { ...GREETER.files, ...more.files, 'greeter/__init__.py': `${init}\n${GREETER.files['greeter/__init__.py']}` },
});
const HELPER: WheelSpec = { name: 'helper_dist', files: { 'helper/__init__.py': 'value = 1\n' } };

type More = Partial<
  Pick<InstallTestRequest, 'dependencies' | 'imports' | 'optional' | 'commands' | 'topLevels' | 'consoleScripts' | 'timeoutMs' | 'local' | 'python'>
>;

const install = async (tool: 'uv' | 'pip', folder: string, spec: WheelSpec, more: More = {}): Promise<InstallTestResult> =>
  testInstall({
    wheel: await writeWheel(join(folder, 'built'), spec),
    local: [],
    python,
    dependencies: { from: 'none' },
    topLevels: ['greeter', 'greeter_extra'],
    consoleScripts: ['greet'],
    ...(tool === 'uv' && { uv: await findUv() }),
    network: await network(),
    scratch: await mkdtemp(join(folder, 'scratch-')),
    environment: cleanEnvironment(process.env, []),
    timeoutMs: 170_000,
    processes,
    ...more,
  });

describe.each(['uv', 'pip'] as const)('the installer %s', (tool) => {
  const folder = temporaryFolder();
  const installing = (spec: WheelSpec, more: More = {}): Promise<InstallTestResult> => install(tool, folder.path, spec, more);
  const findings = async (spec: WheelSpec, more: More = {}): Promise<readonly Finding[]> => (await installing(spec, more)).findings;

  it('finds nothing in a good wheel, and says what it tried', async () => {
    expect(await installing(GREETER)).toEqual({
      findings: [],
      tried: {
        imports: ['greeter', 'greeter_extra'],
        files: {
          greeter: [expect.stringMatching(/^(lib|Lib).*\/site-packages\/greeter\/__init__\.py$/)],
          greeter_extra: [expect.stringMatching(/\/site-packages\/greeter_extra\.py$/)],
        },
        commands: ['greet --help'],
        installed: expect.arrayContaining(['greeter 1.0']) as string[],
      },
    });
  });

  it('names a requirement of another version, and one that is absent where dependencies were given', async () => {
    const helper = await writeWheel(join(folder.path, 'local'), HELPER);
    const needs = (requirement: string) => greeter('', { metadata: `Requires-Dist: ${requirement}\n` });
    expect(await findings(needs('helper-dist>=1'), { local: [helper] })).toEqual([]);
    expect(await findings(needs('helper-dist>=2'), { local: [helper] })).toMatchObject([
      { level: 'error', message: expect.stringMatching(/`pip check`: .*helper-dist>=2/) as string },
    ]);
    writeFileSync(join(folder.path, 'empty.lock'), '# nothing\n');
    expect(await findings(needs('helper-dist>=1'), { dependencies: { from: 'lock', file: join(folder.path, 'empty.lock') } })).toMatchObject([
      { level: 'error', message: expect.stringContaining('is not installed') as string },
    ]);
  });

  it('installs dependencies from a lock by their hashes', async () => {
    const helper = await writeWheel(join(folder.path, 'house'), HELPER);
    const lock = (sha256: string) => {
      writeFileSync(join(folder.path, 'r.lock'), `--no-index\n--find-links ${folder.path}/house\nhelper-dist==1.0 --hash=sha256:${sha256}\n`);
      return { dependencies: { from: 'lock' as const, file: join(folder.path, 'r.lock') } };
    };
    const spec = greeter('import helper', { metadata: 'Requires-Dist: helper-dist\n' });
    expect((await installing(spec, lock(helper.sha256))).tried.installed).toEqual(expect.arrayContaining(['greeter 1.0', 'helper_dist 1.0']));
    await expect(installing(spec, lock('0'.repeat(64)))).rejects.toMatchObject({ code: 'PROCESS_FAILED' });
  });

  it('resolves dependencies in a wheelhouse, with wheels of the workspace', async () => {
    await writeWheel(join(folder.path, 'house'), HELPER);
    const local = [
      await writeWheel(join(folder.path, 'local'), { name: 'own', files: { 'own.py': 'import helper\n' }, metadata: 'Requires-Dist: helper-dist\n' }),
    ];
    const dependencies = { from: 'wheelhouse', folder: join(folder.path, 'house') } as const;
    const spec = greeter('import own', { metadata: 'Requires-Dist: own\n' });
    const result = await installing(spec, { dependencies, local });
    expect(result.findings).toEqual([]);
    expect(result.tried.installed).toEqual(expect.arrayContaining(['greeter 1.0', 'helper_dist 1.0', 'own 1.0']));
    await mkdir(join(folder.path, 'bare'));
    expect(await findings(spec, { dependencies: { from: 'wheelhouse', folder: join(folder.path, 'bare') }, local })).toMatchObject([
      {
        level: 'error',
        message: expect.stringContaining('cannot be installed') as string,
        actual: expect.stringMatching(/helper[-_]dist/) as string,
      },
    ]);
  });

  it('names what uninstalling leaves, takes away and what was changed; byte code does not count', async () => {
    const helper = await writeWheel(join(folder.path, 'local'), HELPER);
    const writes = greeter(
      'import os, py_compile\nopen(os.path.join(os.path.dirname(__file__), "state.txt"), "w").close()\npy_compile.compile(__file__)',
    );
    expect(await findings(writes, { consoleScripts: [] })).toMatchObject([
      {
        level: 'error',
        path: expect.stringMatching(/greeter\/state\.txt$/) as string,
        message: expect.stringContaining('uninstalling leaves') as string,
      },
    ]);
    const overwrites = greeter('', { files: { 'helper/__init__.py': 'value = 2\n' } });
    expect(await findings(overwrites, { local: [helper] })).toMatchObject([
      { level: 'error', path: expect.stringMatching(/helper\/__init__\.py$/) as string, message: expect.stringContaining('takes away') as string },
    ]);
    const meddles = greeter('import helper\nopen(helper.__file__, "a").write("x = 3")', { metadata: 'Requires-Dist: helper-dist\n' });
    expect(await findings(meddles, { local: [helper], consoleScripts: [] })).toMatchObject([
      { level: 'error', path: expect.stringMatching(/helper\/__init__\.py$/) as string, message: expect.stringContaining('changed') as string },
    ]);
  });

  it('names a wheel that the interpreter cannot take', async () => {
    expect(await findings(greeter('', { metadata: 'Requires-Python: >=3.99\n' }))).toMatchObject([
      { level: 'error', message: '`greeter-1.0-py3-none-any.whl` cannot be installed', actual: expect.stringContaining('3.99') as string },
    ]);
    // pip refuses it, uv installs a wheel that is given by file and tells in its check.
    const [found] = await findings(greeter('', { tag: 'cp399-cp399-win_amd64' }));
    expect(found).toMatchObject({ level: 'error', message: expect.stringMatching(/cannot be installed|built for a different platform/) as string });
  });

  it('PROCESS_FAILED, PROCESS_START: the environment cannot be made', async () => {
    await expect(installing(GREETER, { python: join(folder.path, 'no-python') })).rejects.toMatchObject({
      code: expect.stringMatching(/^PROCESS_(FAILED|START)$/) as string,
    });
  });
});

describe('what an installation test finds', () => {
  const folder = temporaryFolder();
  const installing = (spec: WheelSpec, more: More = {}): Promise<InstallTestResult> => install('uv', folder.path, spec, more);
  const findings = async (spec: WheelSpec, more: More = {}): Promise<readonly Finding[]> => (await installing(spec, more)).findings;

  it('imports what the wheel installed, not what lies in the folder of the caller or on PYTHONPATH', async () => {
    writeFileSync(join(folder.path, 'greeter_extra.py'), 'raise SystemExit("the wrong one")\n');
    const spec = greeter('import os\nassert not os.listdir("."), os.listdir(".")');
    const wheel = await writeWheel(join(folder.path, 'built'), spec);
    const environment = { ...cleanEnvironment(process.env, []), PYTHONPATH: folder.path };
    const uv = { uv: await findUv() };
    const scratch = await mkdtemp(join(folder.path, 'scratch-'));
    const request = { wheel, local: [], python, dependencies: { from: 'none' }, topLevels: ['greeter', 'greeter_extra'], ...uv } as const;
    expect(
      (await testInstall({ ...request, consoleScripts: ['greet'], network: await network(), scratch, environment, timeoutMs: 170_000, processes }))
        .findings,
    ).toEqual([]);
  });

  it('takes a namespace package by its folders', async () => {
    const spec: WheelSpec = { name: 'acme_tools', files: { 'acme/tools/__init__.py': 'x = 1\n' } };
    const result = await installing(spec, { topLevels: ['acme', 'acme.tools'], consoleScripts: [] });
    expect(result.findings).toEqual([]);
  });

  it('names a module that raises, one that ends the interpreter, and goes on behind both', async () => {
    const spec: WheelSpec = { name: 'greeter', files: { 'bad_one.py': '1 / 0\n', 'bad_two.py': 'import os\nos._exit(3)\n', 'good.py': 'x = 1\n' } };
    const result = await installing(spec, { topLevels: ['bad_one', 'bad_two', 'good'], consoleScripts: [] });
    expect(result.findings).toMatchObject([
      {
        check: 'install',
        level: 'error',
        message: expect.stringContaining('`bad_one` cannot be imported') as string,
        actual: 'ZeroDivisionError: division by zero',
      },
      { check: 'install', level: 'error', message: expect.stringContaining('`bad_two` ended with exit code 3') as string },
    ]);
  });

  it('names a module that is not in the wheel', async () => {
    const [found] = await findings(GREETER, { imports: ['greeter.forgotten'] });
    expect(found).toMatchObject({ level: 'error', actual: "ModuleNotFoundError: No module named 'greeter.forgotten'" });
  });

  it('names a file that a package reads and the wheel lacks', async () => {
    const read = 'from importlib import resources\nTABLE = (resources.files("greeter") / "data" / "table.json").read_text()';
    expect((await findings(greeter(read)))[0]).toMatchObject({
      level: 'error',
      path: 'greeter/data/table.json',
      message: '`greeter` cannot be imported: it reads `greeter/data/table.json`, which the wheel lacks',
      actual: expect.stringMatching(/^FileNotFoundError: /) as string,
      fix: expect.stringContaining('package-data') as string,
    });
  });

  it('names a module that hangs', async () => {
    const [found] = await findings(greeter('import time\ntime.sleep(600)'), { timeoutMs: 4_000, consoleScripts: [] });
    expect(found).toMatchObject({ level: 'error', message: expect.stringMatching(/importing `greeter` did not end within \d+ s/) as string });
  });

  it('names a module that another one hides', async () => {
    const spec: WheelSpec = { name: 'greeter', files: { 'json/__init__.py': '', 'sys.py': '' } };
    const found = await findings(spec, { topLevels: ['json', 'sys'], consoleScripts: [] });
    expect(found).toMatchObject([
      { level: 'error', message: '`json` was not imported from the wheel', actual: expect.stringContaining('json/__init__.py') as string },
      { level: 'error', message: '`sys` was not imported from the wheel', actual: 'a module that is built into the interpreter' },
    ]);
  });

  it('tells a dependency that was left out from one that was never declared', async () => {
    const declared = await findings(greeter('import requestless', { metadata: 'Requires-Dist: requestless>=2\n' }));
    expect(declared).toMatchObject([
      {
        level: 'warning',
        message: expect.stringContaining('`greeter` cannot be imported without `requestless`') as string,
        fix: expect.stringContaining('wheelhouse') as string,
      },
      { level: 'warning', message: expect.stringContaining('`greet --help` does not start without `requestless`') as string },
    ]);
    const hidden = await findings(greeter('import requestless'));
    expect(hidden).toMatchObject([{ level: 'error', fix: expect.stringContaining('dependencies') as string }, { level: 'error' }]);
  });

  it.each(['none', 'lock'] as const)(
    'never passes in silence over a module that needs an extra, and fails not for it: dependencies from %s',
    async (from) => {
      const requiresDist = ['requestless>=2; extra == "net"'];
      const lock = join(folder.path, 'empty.lock');
      writeFileSync(lock, '');
      const found = await findings(greeter('', { files: { 'online/__init__.py': 'import requestless.api\n' } }), {
        topLevels: ['greeter', 'online'],
        optional: optionalRequirements(requiresDist),
        dependencies: from === 'none' ? { from } : { from, file: lock },
      });
      expect(found).toEqual([
        expect.objectContaining({
          level: 'warning',
          message: '`online` cannot be imported without `requestless`: no extra is installed, so this was not tested',
          expected: 'installed: `requestless`, which the extra `net` declares',
        }),
      ]);
    },
  );

  it('sees the missing dependency behind an error of the package’s own', async () => {
    const init = 'try:\n    import requestless\nexcept ImportError:\n    raise RuntimeError("install requestless")';
    const [found] = await findings(greeter(init, { metadata: 'Requires-Dist: requestless\n' }), { consoleScripts: [] });
    expect(found).toMatchObject({ level: 'warning', actual: 'RuntimeError: install requestless' });
    const main =
      'def needs():\n    try:\n        import requestless\n    except ImportError as error:\n        raise ImportError(f"requestless is needed: {error}. Install it") from None';
    const scripts = '[console_scripts]\ngreet = greeter:needs\n';
    const started = await findings(greeter(main, { metadata: 'Requires-Dist: requestless\n', entryPoints: scripts }));
    expect(started).toMatchObject([
      { level: 'warning', message: expect.stringContaining('`greet --help` does not start without `requestless`') as string },
    ]);
  });

  it('names a script that fails, one that hangs with its children, and one that is not there', async () => {
    const mark = join(folder.path, 'child');
    const main = `def fails():\n    raise SystemExit("no such luck")\ndef hangs():\n    import subprocess, time\n    subprocess.Popen(["sh", "-c", "sleep 8; touch ${mark}"])\n    time.sleep(600)\n`;
    const spec = greeter(main, { entryPoints: '[console_scripts]\nfails = greeter:fails\nhangs = greeter:hangs\n' });
    const found = await findings(spec, { consoleScripts: ['fails', 'hangs', 'absent'], timeoutMs: 5_000 });
    expect(found).toMatchObject([
      { level: 'error', message: '`fails --help` ended with exit code 1\nno such luck', expected: 'exit code 0' },
      { level: 'error', message: expect.stringMatching(/`hangs --help` did not end within \d+ s/) as string },
      { level: 'error', message: expect.stringContaining('`absent --help` cannot be started') as string },
    ]);
    await new Promise((resolve) => setTimeout(resolve, 4_000));
    expect(existsSync(mark)).toBe(false);
  });

  it('names a module and a program that want the network', async () => {
    const wants = 'import urllib.request\nurllib.request.urlopen("http://localhost:7/")\n';
    const spec: WheelSpec = {
      name: 'greeter',
      files: { 'eager.py': wants, 'greeter.py': `def main():\n    ${wants.replaceAll('\n', '\n    ')}\n` },
      entryPoints: '[console_scripts]\ngreet = greeter:main\n',
    };
    expect(await findings(spec, { topLevels: ['eager', 'greeter'] })).toMatchObject([
      { check: 'install', level: 'error', message: expect.stringContaining('`eager` cannot be imported: it wants the network') as string },
      { check: 'install', level: 'error', message: '`greet --help` wants the network, which the install test has not' },
    ]);
  });

  it('runs the commands that are given instead', async () => {
    const result = await installing(GREETER, {
      commands: [
        ['python', '-c', 'import greeter'],
        ['greet', '--wrong'],
        ['../python', '--help'],
      ],
    });
    expect(result.tried.commands).toEqual(['python -c import greeter', 'greet --wrong', '../python --help']);
    expect(result.findings).toMatchObject([
      { message: expect.stringContaining('`greet --wrong` ended with exit code 2') as string },
      { message: expect.stringContaining('`../python --help` cannot be started') as string },
    ]);
  });
});

describe('a Python before 3.8', () => {
  const folder = temporaryFolder();

  it('imports modules without importlib.metadata', () => {
    const [script, output] = [join(__dirname, 'inside/import-modules.py'), join(folder.path, 'out.jsonl')];
    const code = `import runpy, sys\nsys.modules['importlib.metadata'] = None\nsys.argv = ['', '${output}', 'json']\nrunpy.run_path('${script}')`;
    execFileSync(python, ['-I', '-B', '-c', code]);
    const events = readFileSync(output, 'utf8')
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as object);
    expect(events).toMatchObject([{ installed: [] }, { begins: 'json' }, { module: 'json' }]);
  });
});

describe('a Python without ensurepip', () => {
  const folder = temporaryFolder();
  const SYSTEM = '/usr/bin/python3';
  const works = (code: string): boolean => {
    try {
      execFileSync(SYSTEM, ['-I', '-c', code], { stdio: 'ignore' });
      return true;
    } catch (error) {
      return (error as { status?: number }).status === undefined;
    }
  };
  const bare = existsSync(SYSTEM) && !works('import ensurepip._bundled');

  skipUnless(bare, 'the Python of the system has ensurepip or is not there')('is enough, with uv', async () => {
    const result = await testInstall({
      wheel: await writeWheel(join(folder.path, 'built'), GREETER),
      local: [],
      python: SYSTEM,
      dependencies: { from: 'none' },
      topLevels: ['greeter', 'greeter_extra'],
      consoleScripts: ['greet'],
      uv: await findUv(),
      network: await network(),
      scratch: folder.path,
      environment: cleanEnvironment(process.env, []),
      timeoutMs: 170_000,
      processes,
    });
    expect(result.findings).toEqual([]);
  });
});
