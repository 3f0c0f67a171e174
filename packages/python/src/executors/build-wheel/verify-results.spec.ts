import type { ExecutorRun } from '@waybill/plugin-kit/testing';
import { buildProject } from '../../testing/build-project';
import { inTreeProject, type BackendPlant } from '../../testing/in-tree-backend';

jest.setTimeout(180_000);

let run: ExecutorRun | undefined;
afterEach(async () => run?.remove());

async function verify(plant: BackendPlant): Promise<ExecutorRun> {
  const options = { frontend: 'uv', reproducible: 'verify', install: { enabled: false } };
  run = await buildProject({ files: inTreeProject(plant), options });
  return run;
}

/** Writes what no module should hold: where, when and by what order it was built. */
const CARELESS = {
  'pyproject.toml': `[build-system]\nrequires = ["setuptools"]\nbuild-backend = "setuptools.build_meta"\n\n[project]\nname = "demo"\nversion = "0.3.0"\n`,
  'setup.py': `import os, time
from setuptools import setup
from setuptools.command.build_py import build_py

class Careless(build_py):
    def run(self):
        super().run()
        made = {
            'path': os.getcwd(),
            'clock': time.time(),
            'seed': {'alpha', 'beta', 'gamma', 'delta', 'epsilon', 'zeta', 'eta', 'theta', 'iota'},
            'order': os.listdir('src/demo'),
        }
        for name, value in made.items():
            with open(os.path.join(self.build_lib, 'demo', name + '.py'), 'w') as file:
                file.write('MADE = %r' % (value,))

setup(cmdclass={'build_py': Careless})
`,
  ...Object.fromEntries(['__init__', 'one', 'two', 'three'].map((name) => [`src/demo/${name}.py`, ''])),
};

/** `mtime demo-0.3.0.tar.gz/demo-0.3.0/setup.py`. */
const causeOf = ({ message, path }: { message: string; path?: string }): string => `${/\(([a-z ]+)\)$/.exec(message)?.[1]} ${path}`;

describe('reproducible: verify', () => {
  it('finds and names every cause in what setuptools and a build command of its own make', async () => {
    run = await buildProject({ files: CARELESS, options: { frontend: 'uv', reproducible: 'verify', install: { enabled: false } } });
    const found = (run.report?.findings ?? []).filter(({ check, level }) => check === 'reproducible' && level === 'error');
    const inWheel = (cause: string, member: string): string => `${cause} demo-0.3.0-py3-none-any.whl/demo/${member}`;
    expect(found.map(causeOf)).toEqual(
      expect.arrayContaining([
        expect.stringMatching(/^mtime demo-0\.3\.0\.tar\.gz/),
        'gzip header demo-0.3.0.tar.gz',
        expect.stringMatching(/^mode demo-.*\.whl/),
        inWheel('path', 'path.py'),
        inWheel('clock', 'clock.py'),
        inWheel('hash seed', 'seed.py'),
        inWheel('order', 'order.py'),
      ]),
    );
    expect(found.every(({ fix }) => fix !== undefined)).toBe(true);
  });

  it('names the causes of a backend in the project: times and modes of members, their order, and times in what they hold', async () => {
    await verify({
      memberInfo: `date, mode = (2020, 2, 2 + int(os.umask(0) == 0o077), 0, 0, 0), 0o600 if os.environ['TZ'] != 'UTC' else 0o644`,
      wheel: `global files
files = lambda: [path for path in glob.glob('src/demo/*') if os.path.isfile(path)]
put = lambda name, text: open('src/demo/%s.py' % name, 'w').write(text)
put('clock', time.strftime('BUILT = "%H:%M:%S"'))
put('mtime', 'BUILT = %d' % os.path.getmtime('src/demo/data.txt'))`,
    });
    expect(run!.success).toBe(false);
    const named = (run!.report?.findings ?? []).filter(({ check }) => check === 'reproducible').map(causeOf);
    expect(named).toEqual(
      expect.arrayContaining([
        expect.stringMatching(/^mtime demo-0\.3\.0\.tar\.gz/),
        expect.stringMatching(/^gzip header demo-0\.3\.0\.tar\.gz/),
        ...['mtime', 'mode', 'order'].map((cause) => expect.stringMatching(new RegExp(`^${cause} demo-.*\\.whl`))),
        'clock demo-0.3.0-py3-none-any.whl/demo/clock.py',
        'mtime demo-0.3.0-py3-none-any.whl/demo/mtime.py',
      ]),
    );
  });

  it.each([
    ['uv', 'verified', { reproducible: 'verify' }],
    ['build', 'without an sdist', { sdist: false, fromSdist: false }],
  ])('builds a project that has a setup.cfg alone from its sources: %s, %s', async (frontend, _, rest) => {
    const files = { 'setup.cfg': '[metadata]\nname = demo\nversion = 0.3.0\n[options]\npy_modules = demo\n', 'demo.py': '' };
    run = await buildProject({ files, withoutVersion: true, options: { frontend, metadata: 'warn', install: { enabled: false }, ...rest } });
    expect(run.report?.errors.map(({ code }) => code)).toEqual([]);
    expect(run.report?.findings.filter(({ check }) => check === 'sdist-completeness')).toEqual([]);
  });

  it('names what only a wheel from the sources holds', async () => {
    const { report } = await verify({ sdistLacks: ['src/demo/data.txt'] });
    const lacking = report?.findings.filter(({ check, path }) => check === 'sdist-completeness' && path === 'demo/data.txt');
    expect(lacking?.map(({ level }) => level)).toEqual(['error']);
  });
});
