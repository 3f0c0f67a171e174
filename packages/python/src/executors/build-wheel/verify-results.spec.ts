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

const causes = ({ report }: ExecutorRun): string[] => [
  ...new Set(
    (report?.findings ?? []).flatMap(({ check, message }) => (check === 'reproducible' ? [/\(([a-z ]+)\)$/.exec(message)?.[1] ?? message] : [])),
  ),
];

describe('reproducible: verify', () => {
  it('names times of members and of the gzip header of an sdist that takes them from the machine', async () => {
    // Both builds may fall into one second: the clock of the second build is another.
    const sdist = `clock = time.time\ntime.time = lambda: clock() + (3600 if os.environ['TZ'] != 'UTC' else 0)`;
    const found = causes(await verify({ sdist }));
    expect(found).toEqual(expect.arrayContaining(['mtime', 'gzip header']));
    expect(run!.success).toBe(false);
  });

  it.each<[string, BackendPlant]>([
    ['mtime', { memberInfo: 'date, mode = (2020, 2, 2 + int(os.umask(0) == 0o077), 0, 0, 0), 0o644' }],
    ['mode', { memberInfo: `date, mode = (2020, 2, 2, 0, 0, 0), 0o600 if os.environ['TZ'] != 'UTC' else 0o644` }],
    ['path', { wheel: `open('src/demo/made.py', 'w').write('# ' + os.getcwd())` }],
    [
      'order',
      {
        wheel: `global files\nlisted = files\nfiles = lambda: sorted(listed(), key=hash)\nfor name in 'abcdef': open('src/demo/%s.py' % name, 'w').close()`,
      },
    ],
    ['hash seed', { wheel: `open('src/demo/made.py', 'w').write('NAMES = ' + str({'alpha', 'beta', 'gamma', 'delta', 'epsilon'}))` }],
  ])('names the cause `%s` of a wheel', async (cause, plant) => {
    const { report } = await verify(plant);
    const wheel = (report?.findings ?? []).filter(({ check, path }) => check === 'reproducible' && path?.includes('.whl'));
    expect(wheel.map(({ message }) => message).join('\n')).toContain(`(${cause})`);
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
