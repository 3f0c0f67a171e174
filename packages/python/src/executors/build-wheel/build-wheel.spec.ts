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
});
