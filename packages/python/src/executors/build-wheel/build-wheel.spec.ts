import { listArchive } from '@waybill/core';
import { join } from 'node:path';
import type { ExecutorRun } from '@waybill/plugin-kit/testing';
import { buildProject, HATCHLING_PROJECT } from '../../testing/build-project';

jest.setTimeout(180_000);

let run: ExecutorRun | undefined;
afterEach(async () => run?.remove());

describe('build-wheel with the real tools', () => {
  it.each([
    ['uv', true],
    ['build', false],
  ] as const)('builds the sdist and from it the wheel: %s, ships: %s', async (frontend, ships) => {
    run = await buildProject({ files: HATCHLING_PROJECT, options: { frontend, ships } });
    expect([run.output, run.success]).toEqual([expect.any(String), true]);
    expect(run.output).toMatch(new RegExp(`^frontend: ${frontend} \\d.* \\(the option \`frontend\`\\)$`, 'm'));
    expect(run.record?.artifacts.map(({ name, kind, platform, ships: leaves }) => [name, kind, platform, leaves])).toEqual([
      ['demo-0.3.0-py3-none-any.whl', 'wheel', undefined, ships],
      ['demo-0.3.0.tar.gz', 'sdist', undefined, ships],
    ]);
    expect(run.files).toEqual(['artifacts.json', 'demo-0.3.0-py3-none-any.whl', 'demo-0.3.0.tar.gz', 'report.json']);
    const members = await listArchive(join(run.folder, 'demo-0.3.0-py3-none-any.whl'));
    expect(members.map(({ path }) => path)).toContain('demo/cli.py');
    expect(run.record?.facts).toMatchObject({ backend: 'hatchling.build', frontend: { id: frontend }, fromSdist: true });
    expect(run.record?.facts['buildRequirements']).toEqual([{ requirement: 'hatchling', version: expect.stringMatching(/^\d+\.\d+/) as string }]);
  });

  it('builds from no file of a project inside of this one, unless the inputs name it, and says so where a package lacks it', async () => {
    const nodes = { web: { name: 'web', data: { root: 'packages/demo/src/demo/web' } }, e2e: { name: 'e2e', data: { root: 'packages/demo/e2e' } } };
    const files = { ...HATCHLING_PROJECT, 'src/demo/web/__init__.py': '', 'e2e/run.py': '' };
    const request = { files, nodes, options: { frontend: 'uv', install: { enabled: false } } };
    const members = async (of: ExecutorRun): Promise<string[]> =>
      (await Promise.all(['demo-0.3.0-py3-none-any.whl', 'demo-0.3.0.tar.gz'].map((name) => listArchive(join(of.folder, name)))))
        .flat()
        .map(({ path }) => path)
        .filter((path) => /web\/__init__|run\.py/.test(path));
    run = await buildProject(request);
    expect([run.output, run.success]).toEqual([expect.stringMatching(/those of the project `web`.*lacks them/), true]);
    expect(run.output).toContain('add `"{workspaceRoot}/packages/demo/src/demo/web/**/*"` to the `inputs`');
    expect(run.output).not.toContain('`e2e`');
    expect(await members(run)).toEqual([]);
    await run.remove();
    run = await buildProject({ ...request, furtherInputs: ['{workspaceRoot}/packages/demo/src/demo/web/**/*'] });
    expect(run.output).not.toContain('lacks them');
    expect(await members(run)).toEqual(['demo/web/__init__.py', 'demo-0.3.0/src/demo/web/__init__.py']);
  });
});
