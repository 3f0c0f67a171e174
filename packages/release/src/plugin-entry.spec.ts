import { existsSync, mkdtempSync, rmSync, statSync, utimesSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { postTasksExecution, preTasksExecution } from './index';

const VARIABLES = ['NX_DRY_RUN', 'WAYBILL_DRY_RUN'];
const workspaceRoot = join(__dirname, '../../..');
const real = ['node', 'nx', 'run', 'app:package'];
const dry = [...real, '--dry-run'];

describe('the plugin entry', () => {
  const before = new Map(VARIABLES.map((name) => [name, process.env[name]]));

  beforeEach(() => {
    delete process.env['NX_DRY_RUN'];
    delete process.env['WAYBILL_DRY_RUN'];
  });

  afterEach(async () => {
    await preTasksExecution(undefined, { id: 'last', argv: real, workspaceRoot });
    for (const id of ['1', '2', '123', 'last']) await postTasksExecution(undefined, { id });
    for (const [name, value] of before) {
      if (value === undefined) delete process.env[name];
      else process.env[name] = value;
    }
  });

  it('makes a dry run dry for every target, with a folder of its own that is gone afterwards', async () => {
    await preTasksExecution(undefined, { id: '123', argv: dry, workspaceRoot });
    const folder = process.env['WAYBILL_DRY_RUN']!;
    expect(process.env['NX_DRY_RUN']).toBe('true');
    expect(folder).toMatch(/waybill-dry-run-123-[0-9a-f-]{36}$/);
    expect(statSync(folder).mode & 0o777).toBe(0o700);
    await postTasksExecution(undefined, { id: '123' });
    expect(existsSync(folder)).toBe(false);
  });

  it('gives each run another value, even under one id', async () => {
    await preTasksExecution(undefined, { id: '1', argv: dry, workspaceRoot });
    const first = process.env['WAYBILL_DRY_RUN'];
    await preTasksExecution(undefined, { id: '1', argv: dry, workspaceRoot });
    expect(process.env['WAYBILL_DRY_RUN']).not.toBe(first);
  });

  it('sets nothing in a real run', async () => {
    await preTasksExecution(undefined, { id: '1', argv: real, workspaceRoot });
    expect([process.env['NX_DRY_RUN'], process.env['WAYBILL_DRY_RUN']]).toEqual([undefined, undefined]);
  });

  it('empties what a real run inherited', async () => {
    process.env['WAYBILL_DRY_RUN'] = '/tmp/waybill-dry-run-of-yesterday';
    await preTasksExecution(undefined, { id: '1', argv: real, workspaceRoot });
    expect(process.env['WAYBILL_DRY_RUN']).toBe('');
  });

  it('takes the command line before the variable', async () => {
    process.env['NX_DRY_RUN'] = 'true';
    await preTasksExecution(undefined, { id: '1', argv: [...real, '--no-dry-run'], workspaceRoot });
    expect([process.env['NX_DRY_RUN'], process.env['WAYBILL_DRY_RUN']]).toEqual(['', undefined]);
  });

  it('leaves what the variable asks for to the caller, whose tasks have the variable or not', async () => {
    process.env['NX_DRY_RUN'] = '1';
    await preTasksExecution(undefined, { id: '1', argv: real, workspaceRoot });
    expect(process.env['NX_DRY_RUN']).toBe('1');
    expect(existsSync(process.env['WAYBILL_DRY_RUN']!)).toBe(true);
  });

  it('forgets, in a process that lives on, that an earlier run was dry', async () => {
    await preTasksExecution(undefined, { id: '1', argv: dry, workspaceRoot });
    await preTasksExecution(undefined, { id: '2', argv: real, workspaceRoot });
    expect([process.env['NX_DRY_RUN'], process.env['WAYBILL_DRY_RUN']]).toEqual([undefined, undefined]);
  });

  it('keeps a dry run that the variable asked for dry, however often the hook runs', async () => {
    process.env['NX_DRY_RUN'] = 'true';
    await preTasksExecution(undefined, { id: '1', argv: real, workspaceRoot });
    await preTasksExecution(undefined, { id: '2', argv: real, workspaceRoot });
    expect(process.env['NX_DRY_RUN']).toBe('true');
    expect(process.env['WAYBILL_DRY_RUN']).toContain('waybill-dry-run-2-');
  });

  it('removes folders of runs that were killed more than a day ago, and no younger ones', async () => {
    const [old, young] = ['8', '9'].map((run) => mkdtempSync(join(tmpdir(), `waybill-dry-run-${run}-`))) as [string, string];
    utimesSync(old, 1_000, 1_000);
    await preTasksExecution(undefined, { id: '1', argv: dry, workspaceRoot });
    expect([existsSync(old), existsSync(young)]).toEqual([false, true]);
    rmSync(young, { recursive: true });
    await postTasksExecution(undefined, { id: '1' });
  });
});
