import { rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { temporaryFolder } from '@waybill/core/testing';
import type { ProcessRequest } from '@waybill/core';
import { listArchive } from '@waybill/core';
import {
  FINGERPRINT_COMMAND,
  runExecutor,
  type ExecutorRequest,
  type ExecutorRun,
  type FakeAnswer,
  fakeProcesses,
} from '@waybill/plugin-kit/testing';
import { madeUpHome } from '../../runtime/testing/made-up-home';
import { writeTree } from '../../runtime/testing/write-tree';
import { prepareRuntimeStage } from './prepare-runtime';

const folder = temporaryFolder();
const home = (): string => join(folder.path, 'python');
const runs: ExecutorRun[] = [];
afterEach(() => Promise.all(runs.splice(0).map((run) => run.remove())));

/** Answers as the interpreter, the package tools and the prepared runtime would. */
function programs({ file, args }: ProcessRequest): FakeAnswer | undefined {
  if (file === join(home(), 'bin/python3')) {
    const python = join(home(), 'bin/python3.11');
    const told = {
      implementation: 'cpython',
      version: '3.11.7',
      series: '3.11',
      abiFlags: '',
      executable: python,
      baseExecutable: python,
      basePrefix: home(),
      baseExecPrefix: home(),
      stdlib: join(home(), 'lib/python3.11'),
      dynload: join(home(), 'lib/python3.11/lib-dynload'),
      platlibdir: 'lib',
      instSoname: 'libpython3.11.so.1.0',
      libdir: join(home(), 'lib'),
      multiarch: null,
      builtPrefix: home(),
      buildFolder: null,
    };
    return { stdout: `waybill:${JSON.stringify(told)}\n` };
  }
  if (file.endsWith('python/runtime/bin/python3.11')) {
    const prefix = dirname(dirname(file));
    return args.includes('-I')
      ? { stdout: `waybill:${JSON.stringify({ version: '3.11.7', prefix, stdlib: `${prefix}/lib/python3.11`, libpython: [] })}\n` }
      : {};
  }
  const compiles = file === join(home(), 'bin/python3.11');
  return compiles || file.startsWith('/fake/bin/') || file.endsWith('ldconfig') ? {} : undefined;
}

async function run(options: object = {}, more: Partial<ExecutorRequest> = {}, tree = madeUpHome({ prefix: home() })): Promise<ExecutorRun> {
  rmSync(home(), { recursive: true, force: true });
  writeTree(home(), tree);
  const result = await runExecutor(prepareRuntimeStage, {
    project: 'python',
    target: 'prepare-runtime',
    options: { platform: 'linux-x86_64', runtime: { path: join(home(), 'bin/python3') }, vendorLibraries: { enabled: false }, ...options },
    toolVersions: { patchelf: '0.19.3', strip: '2.40' },
    processes: fakeProcesses(programs),
    furtherInputs: [{ runtime: `${FINGERPRINT_COMMAND} ${join(home(), 'bin/python3')}` }],
    ...more,
  });
  runs.push(result);
  return result;
}

it('writes the partial tree as one uncompressed tar, and a record that says what it is made of', async () => {
  const { success, files, record, folder: output, output: text } = await run();
  expect({ success, text: success ? '' : text }).toEqual({ success: true, text: '' });
  expect(files).toContain('python-0.3.0-linux-x86_64.runtime.tar');
  const listed = await listArchive(join(output, 'python-0.3.0-linux-x86_64.runtime.tar'));
  expect(listed.map(({ path }) => path)).toEqual(
    expect.arrayContaining([
      'python/runtime/bin/python3.11',
      'python/runtime/lib/libpython3.11.so.1.0',
      'python/runtime/lib/python311.zip',
      'share/waybill/licences/python/LICENSE.txt',
    ]),
  );
  expect(record?.artifacts[0]).toMatchObject({ kind: 'runtime', ships: false, platform: 'linux-x86_64' });
  expect(record?.facts).toMatchObject({
    options: { prune: { preset: 'safe' }, strip: true, pyc: 'unchecked-hash' },
    prepared: { facts: { version: '3.11.7' }, python: 'python/runtime/bin/python3.11', stepMs: {} },
  });
  expect(JSON.stringify(record?.facts.prepared)).not.toContain(folder.path);
});

it('keeps the folder by which Python finds its modules, when all of them are linked in', async () => {
  const linkedIn = Object.fromEntries(Object.entries(madeUpHome({ prefix: home() })).filter(([path]) => !path.includes('lib-dynload')));
  const readme = async (tree = madeUpHome({ prefix: home() })): Promise<boolean> => {
    const { folder: output } = await run({}, {}, tree);
    const listed = await listArchive(join(output, 'python-0.3.0-linux-x86_64.runtime.tar'));
    return listed.some(({ path }) => path === 'python/runtime/lib/python3.11/lib-dynload/README.txt');
  };
  expect([await readme(), await readme(linkedIn)]).toEqual([false, true]);
});

it('needs no version: it is part of no release', async () => {
  const { success, record } = await run({}, { withoutVersion: true });
  expect({ success, version: record?.version, name: record?.artifacts[0]?.name }).toEqual({
    success: true,
    version: 'unversioned',
    name: 'python-unversioned-linux-x86_64.runtime.tar',
  });
});

it('refuses an interpreter outside of the workspace that no input tells of', async () => {
  const { success, output } = await run({}, { furtherInputs: [] });
  expect({ success, output }).toEqual({
    success: false,
    output: expect.stringMatching(/GRAPH_INPUT_UNDECLARED[\s\S]*print-fingerprint\.js .*bin\/python3/),
  });
});

it('gives the same bytes twice', async () => {
  const [first, second] = [await run(), await run()];
  expect(first.record?.artifacts).toEqual(second.record?.artifacts);
});

it('prints its plan and writes nothing in a dry run', async () => {
  const { success, output, files, planned } = await run({}, { dryRun: true });
  expect({ success, files }).toEqual({ success: true, files: [] });
  expect(output).toContain('interpreter 3.11.7');
  expect(planned?.artifacts.map(({ name }) => name)).toContain('python-0.3.0-linux-x86_64.runtime.tar');
});

it.each<[string, RegExp, object]>([
  ['another system than Linux', /BUNDLE_PLATFORM/, { platform: 'macos-aarch64' }],
  ['an unknown option', /OPTION_/, { prunes: {} }],
  ['another version', /BUNDLE_RUNTIME_VERSION/, { runtime: { path: 'py', version: '3.12' } }],
])('refuses %s and leaves nothing behind', async (_, code, options) => {
  const path = join(home(), 'bin/python3');
  const runtime = 'runtime' in options ? { runtime: { ...(options.runtime as object), path } } : {};
  const { success, output, files } = await run({ ...options, ...runtime });
  expect({ success, files }).toEqual({ success: false, files: ['report.json'] });
  expect(output).toMatch(code);
});

it('asks for no strip when nothing is stripped', () => {
  const options = prepareRuntimeStage.options.parse({ strip: false });
  expect(prepareRuntimeStage.tools?.(options).map(({ descriptor }) => descriptor.id)).toEqual(['patchelf']);
});
