import { chmod, readFile, readdir, rm, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { artifactBaseName } from '@waybill/artifacts';
import { hashBytes, type ToolDescriptor } from '@waybill/core';
import { z } from 'zod';
import { commonOptions } from '../options/common-options';
import type { StageContext, StageDefinition, StagePlan, StageResult } from '../stage-definition';
import { fakeProcesses, runExecutor, type ExecutorRequest, type ExecutorRun } from '../testing';

const PATCHELF: ToolDescriptor = {
  id: 'patchelf',
  environmentVariable: 'WAYBILL_PATCHELF',
  versionArgs: [],
  parseVersion: () => undefined,
  install: 'apt-get install patchelf',
};
const ARCHIVE = 'app-0.3.0-linux-x86_64.tar.gz';

const options = z.strictObject({
  ...commonOptions,
  content: z.string().default('bytes'),
  binary: z.string().optional(),
  patchelf: z.string().optional(),
});
type Options = z.output<typeof options>;

/** A stage that writes one file; each part can be replaced by a test. */
const packaging: StageDefinition<typeof options, string, StagePlan> = {
  stage: 'package',
  options,
  optionFiles: ({ binary }) => (binary === undefined ? [] : [{ option: 'binary', path: binary }]),
  gather: async ({ options: { content }, upstream }) => [content, ...upstream.map(({ name }) => name)].join(' '),
  plan: (context, content) => {
    const name = `${artifactBaseName({ name: context.name, version: context.version, platform: 'linux-x86_64' })}.tar.gz`;
    return {
      artifacts: [{ name, path: name, kind: 'bundle-archive', platform: 'linux-x86_64', ships: true }],
      lines: [`write ${name} (${content})`],
    };
  },
  apply: async (context, plan, outputDir) => {
    await context.progress.step('write', () => writeFile(join(outputDir, plan.artifacts[0]!.name), context.options.content));
    return resultOf(context, plan);
  },
};

function resultOf(context: StageContext<Options>, plan: StagePlan, rest: Partial<StageResult> = {}): StageResult {
  const { content } = context.options;
  const artifacts = plan.artifacts.map((artifact) => ({
    ...artifact,
    size: content.length,
    sha256: hashBytes(content),
    madeFrom: context.upstream.map(({ sha256 }) => `sha256:${sha256}`),
  }));
  return { outcome: 'success', artifacts, facts: { python: '3.11.7' }, findings: [], summary: ['runs on glibc ≥ 2.35'], ...rest };
}

const runs: ExecutorRun[] = [];

async function run(request: ExecutorRequest = {}, definition: Partial<typeof packaging> = {}): Promise<ExecutorRun> {
  const done = await runExecutor({ ...packaging, ...definition }, { target: 'package-linux', ...request });
  runs.push(done);
  return done;
}

afterEach(async () => {
  for (const { remove } of runs.splice(0)) await remove();
});

const wheel = {
  target: 'build-wheel',
  stage: 'build-wheel',
  artifacts: [{ name: 'app-0.3.0-py3-none-any.whl', kind: 'wheel' as const, content: 'wheel' }],
};

describe('a real run', () => {
  it('puts artifacts, record and report in their place together', async () => {
    const { success, lines, files, record, report } = await run();
    expect(lines.filter((line) => !/^(gather|write|verify records): \d/.test(line))).toEqual([
      'runs on glibc ≥ 2.35',
      'report: dist/apps/app/package-linux/report.json',
    ]);
    expect(success).toBe(true);
    expect(files).toEqual([ARCHIVE, 'artifacts.json', 'report.json']);
    expect(record).toEqual({
      schema: 'waybill/artifacts/1',
      project: 'app',
      target: 'package-linux',
      stage: 'package',
      version: '0.3.0',
      sourceDateEpoch: 1_580_601_600,
      artifacts: [
        {
          name: ARCHIVE,
          path: ARCHIVE,
          kind: 'bundle-archive',
          platform: 'linux-x86_64',
          ships: true,
          size: 5,
          sha256: hashBytes('bytes'),
          madeFrom: [],
        },
      ],
      facts: { python: '3.11.7' },
    });
    expect(report).toMatchObject({
      schema: 'waybill/report/1',
      outcome: 'success',
      version: '0.3.0',
      errors: [],
      findings: [],
      plan: [`write ${ARCHIVE} (bytes)`],
    });
    expect(report!.steps.map(({ name }) => name)).toEqual(['gather', 'write']);
  });

  it('replaces the whole of an earlier result, and leaves no lock or staging folder', async () => {
    const first = await run();
    await writeFile(join(first.folder, 'stale'), 'x');
    const { files, record } = await run({ again: first, options: { content: 'other' } });
    expect(files).toEqual([ARCHIVE, 'artifacts.json', 'report.json']);
    expect(record!.artifacts[0]!.sha256).toBe(hashBytes('other'));
    expect(await readdir(join(first.folder, '..'))).toEqual(['package-linux']);
  });

  it('lets two runs of one target take turns', async () => {
    const first = await run();
    const order: string[] = [];
    const slow = (name: string): Partial<typeof packaging> => ({
      apply: async (context, plan, outputDir) => {
        order.push(`${name} begins`);
        await new Promise((resolve) => setTimeout(resolve, 150));
        await writeFile(join(outputDir, ARCHIVE), context.options.content);
        order.push(`${name} ends`);
        return resultOf(context, plan);
      },
    });
    const both = await Promise.all([run({ again: first }, slow('one')), run({ again: first }, slow('two'))]);
    const [leader, follower] = order[0]!.split(' ')[0] === 'one' ? ['one', 'two'] : ['two', 'one'];
    expect(order).toEqual([`${leader} begins`, `${leader} ends`, `${follower} begins`, `${follower} ends`]);
    expect(both.map(({ success }) => success)).toEqual([true, true]);
    expect(both.map(({ output }) => output).join()).toContain('waiting: another run of app:package-linux is busy');
  });

  it('hands on what earlier targets recorded, verified', async () => {
    const { success, record, output } = await run({ upstream: [wheel] });
    expect(output).toContain('verify records: ');
    expect({ success, madeFrom: record?.artifacts[0]!.madeFrom }).toEqual({ success: true, madeFrom: [`sha256:${hashBytes('wheel')}`] });
  });

  it('gives tools a clean environment with the date, and the stage the caller’s', async () => {
    const seen: StageContext<Options>[] = [];
    await run(
      { environment: { SECRET_TOKEN: 'abcdefgh', CC: 'clang', FOO: '1' }, options: { passEnv: ['CC'] }, furtherInputs: [{ env: 'CC' }] },
      { gather: async (context) => (seen.push(context), '') },
    );
    expect(seen[0]!.toolEnvironment).toMatchObject({ CC: 'clang', SOURCE_DATE_EPOCH: '1580601600', TZ: 'UTC' });
    expect(seen[0]!.toolEnvironment).not.toHaveProperty('FOO');
    expect(seen[0]).toMatchObject({ environment: { FOO: '1' }, name: 'app', stage: 'package', projectRoot: 'apps/app', dryRun: false });
  });

  it('redacts what is printed and what is written', async () => {
    const { output, report } = await run({ environment: { UPLOAD_TOKEN: 'tok-123456' }, options: { content: 'tok-123456' } });
    expect(output + JSON.stringify(report)).not.toContain('tok-123456');
    expect(report!.plan[0]).toContain('******');
  });

  it('resolves tools, shows them in the report, and sees that the hash knows them', async () => {
    const tools = { tools: () => [{ descriptor: PATCHELF }] };
    const good = await run({ toolVersions: { patchelf: '0.19.0' } }, tools);
    expect(good.report!.tools).toEqual([{ id: 'patchelf', version: '0.19.0', source: 'path' }]);
    const named = await run({ toolVersions: { patchelf: '0.19.0' }, host: { probeTools: async () => new Map([['patchelf', '0.18.0']]) } }, tools);
    expect(named.report!.errors[0]).toMatchObject({
      code: 'GRAPH_TOOL_FINGERPRINT',
      details: ['`patchelf`: the fingerprint says 0.18.0, the target uses 0.19.0'],
    });
    const missing = await run({}, tools);
    expect(missing.report!.errors[0]).toMatchObject({ code: 'TOOL_MISSING', fix: 'apt-get install patchelf' });
  });

  it('refuses a hash that knows no tools', async () => {
    const targetLines = { inputs: [{ env: 'NX_DRY_RUN' }, { env: 'WAYBILL_DRY_RUN' }] };
    const failed = await run({ toolVersions: { patchelf: '0.19.0' }, targetLines }, { tools: () => [{ descriptor: PATCHELF }] });
    expect(failed.report!.errors[0]).toMatchObject({ code: 'GRAPH_TOOL_FINGERPRINT', fix: expect.stringContaining('"waybillTools": [{ "runtime":') });
  });

  it('refuses a fingerprint command that is not installed', async () => {
    const first = await run();
    await rm(join(first.workspaceRoot, 'node_modules'), { recursive: true });
    const failed = await run({ again: first, toolVersions: { patchelf: '0.19.0' } }, { tools: () => [{ descriptor: PATCHELF }] });
    expect(failed.report!.errors[0]).toMatchObject({ code: 'GRAPH_TOOL_FINGERPRINT', fix: expect.stringContaining('npm install') });
  });

  it('is content with a skip that the plan foresaw, and with no other', async () => {
    const skipped = {
      apply: async (context: StageContext<Options>, plan: StagePlan) => resultOf(context, plan, { outcome: 'skipped', artifacts: [] }),
    };
    const surprise = await run({}, skipped);
    const foreseen = await run({}, { ...skipped, plan: () => ({ artifacts: [], lines: [], skip: 'no release tag' }) });
    expect([surprise.success, foreseen.success]).toEqual([false, true]);
    expect(foreseen.output).toContain('skipped (no release tag): app:package-linux');
    expect(foreseen.report).toMatchObject({ outcome: 'skipped', reason: 'no release tag' });
  });
});

describe('a run that fails', () => {
  it('keeps the earlier result, replaces the report, and says code, details and fix', async () => {
    const first = await run();
    const failed = await run({ again: first, options: { content: 7 } });
    expect(failed.success).toBe(false);
    expect(failed.lines).toEqual([
      'OPTION_INVALID An option of `app:package-linux` is wrong',
      '  `content`: expected a string; actual `7` (number)',
      expect.stringMatching(/^fix: /),
      'report: dist/apps/app/package-linux/report.json',
    ]);
    expect(failed.files).toEqual([ARCHIVE, 'artifacts.json', 'report.json']);
    expect(failed.record).toEqual(first.record);
    expect(failed.report).toMatchObject({ outcome: 'failure', errors: [{ code: 'OPTION_INVALID' }] });
  });

  it('leaves nothing half made when the work breaks off', async () => {
    const failed = await run(
      {},
      {
        apply: async (_, __, outputDir) => {
          await writeFile(join(outputDir, ARCHIVE), 'half');
          throw Object.assign(new Error('ENOSPC'), { code: 'ENOSPC', path: ARCHIVE, syscall: 'write' });
        },
      },
    );
    expect(failed.files).toEqual(['report.json']);
    expect(failed.report!.errors[0]).toMatchObject({ code: 'FILE_SYSTEM', message: expect.stringContaining('the disk is full') });
  });

  it('takes the record and the artifacts away when the stage judged against them, and keeps its evidence', async () => {
    const first = await run();
    const judged = await run(
      { again: first },
      {
        apply: async (context, plan, outputDir) => {
          await writeFile(join(outputDir, ARCHIVE), 'bytes');
          await writeFile(join(outputDir, 'linkage.txt'), 'evidence');
          return resultOf(context, plan, {
            outcome: 'failure',
            verdict: 'not relocatable',
            findings: [{ check: 'rpath', level: 'error', path: 'lib/a.so', message: 'absolute', fix: 'patch it' }],
          });
        },
      },
    );
    expect(judged.success).toBe(false);
    expect(judged.files).toEqual(['linkage.txt', 'report.json']);
    expect(judged.report).toMatchObject({ outcome: 'failure', verdict: 'not relocatable', findings: [{ check: 'rpath' }] });
    expect(judged.lines).toEqual(expect.arrayContaining(['error rpath lib/a.so: absolute', '  fix: patch it', 'failure: app:package-linux']));
  });

  it.each<[string, Partial<StageResult>, string]>([
    [
      'is not there',
      { artifacts: [{ name: 'x.whl', path: 'x.whl', kind: 'wheel', ships: true, size: 1, sha256: 'a'.repeat(64), madeFrom: [] }] },
      'RECORD_RESULT',
    ],
    [
      'has another size',
      { artifacts: [{ name: ARCHIVE, path: ARCHIVE, kind: 'wheel', ships: true, size: 6, sha256: 'a'.repeat(64), madeFrom: [] }] },
      'RECORD_RESULT',
    ],
    [
      'has a name that is no file name',
      { artifacts: [{ name: 'a b', path: 'a b', kind: 'wheel', ships: true, size: 6, sha256: 'a'.repeat(64), madeFrom: [] }] },
      'RECORD_FIELD',
    ],
  ])('refuses a stage whose artifact %s', async (_, rest, code) => {
    const failed = await run(
      {},
      {
        apply: async (context, plan, outputDir) => {
          await writeFile(join(outputDir, ARCHIVE), 'bytes');
          return resultOf(context, plan, rest);
        },
      },
    );
    expect(failed.report!.errors[0]!.code).toBe(code);
    expect(failed.files).toEqual(['report.json']);
  });

  it('refuses an artifact that is a link, and facts of this machine', async () => {
    const link = await run(
      {},
      {
        apply: async (context, plan, outputDir) => {
          await symlink('/etc/hosts', join(outputDir, ARCHIVE));
          return resultOf(context, plan);
        },
      },
    );
    expect(link.report!.errors[0]).toMatchObject({ code: 'RECORD_RESULT', message: expect.stringContaining('link') });
    const facts = await run(
      {},
      { apply: async (context, plan) => resultOf(context, plan, { artifacts: [], facts: { from: `${context.workspaceRoot}/target` } }) },
    );
    expect(facts.report!.errors[0]).toMatchObject({ code: 'RECORD_NOT_PORTABLE', message: expect.stringContaining('facts.from') });
  });

  it('admits its own faults, with the stack when asked', async () => {
    const broken = {
      gather: async () => {
        throw new TypeError('x is not a function');
      },
    };
    const quiet = await run({}, broken);
    expect(quiet.lines[1]).toMatch(/^PROCESS_INTERNAL .*x is not a function/);
    expect(quiet.output).not.toContain('    at ');
    const verbose = await run({ environment: { NX_VERBOSE_LOGGING: 'true' } }, broken);
    expect(verbose.output).toContain('    at ');
  });

  it('stops work that takes too long, and names the step', async () => {
    const dream = { apply: (context: StageContext<Options>) => context.progress.step('dream', () => new Promise<never>(() => undefined)) };
    let [timeoutMs, slow] = [1_000, await run({ options: { timeoutMs: 1_000 } }, dream)];
    // On a busy machine the time may be over before the work has begun.
    while (!slow.output.includes('busy with: dream') && timeoutMs < 50_000) slow = await run({ options: { timeoutMs: (timeoutMs *= 4) } }, dream);
    expect((await readdir(join(slow.folder, '..'))).filter((name) => !name.endsWith('.lock'))).toEqual(['package-linux']);
    expect(slow.report!.errors[0]).toMatchObject({
      code: 'PROCESS_TIMEOUT_STAGE',
      details: expect.arrayContaining(['it was busy with: dream']),
      fix: expect.stringContaining(`--timeoutMs=${timeoutMs * 2}`),
    });
  });

  it('leaves the earlier result, and no staging folder, when a signal ends it', async () => {
    const first = await run();
    let signalled: (signal: NodeJS.Signals) => void = () => undefined;
    const codes: number[] = [];
    const host = { onEnd: (callback: typeof signalled) => ((signalled = callback), () => undefined), exit: (code: number) => void codes.push(code) };
    const ended = await run(
      { again: first, host },
      {
        apply: async (_, __, outputDir) => {
          await writeFile(join(outputDir, ARCHIVE), 'half');
          signalled('SIGTERM');
          await expect(readFile(join(outputDir, ARCHIVE))).rejects.toMatchObject({ code: 'ENOENT' });
          throw new Error('the process is over');
        },
      },
    );
    expect(codes).toEqual([143]);
    expect(ended.record).toEqual(first.record);
  });

  it('names what Nx left out', async () => {
    const first = await run();
    const { context } = first;
    const nowhere = await run({ again: { ...first, context: { ...context, targetName: 'nowhere' } } });
    expect(nowhere.lines[0]).toContain('GRAPH_CONTEXT');
    expect(nowhere.success).toBe(false);
  });

  it('says that the report could not be written, and why the run failed all the same', async () => {
    const first = await run();
    await rm(join(first.workspaceRoot, 'dist'), { recursive: true });
    await writeFile(join(first.workspaceRoot, 'dist'), 'a file');
    const failed = await run({ again: first, options: { content: 7 } });
    expect(failed.lines[0]).toContain('OPTION_INVALID');
    expect(failed.lines.at(-1)).toContain('could not be written');
  });

  it('names artifacts of a project with a scope as npm does', async () => {
    const { record } = await run({ project: '@acme/app' });
    expect(record).toMatchObject({ project: '@acme/app', artifacts: [{ name: 'acme-app-0.3.0-linux-x86_64.tar.gz' }] });
  });

  it.each<[string, ExecutorRequest, string]>([
    ['a name that is no file name', { options: { name: 'py chat' } }, 'OPTION_NAME'],
    ['a project whose name is none', { project: 'py chat' }, 'OPTION_NAME'],
    ['a misspelt dependency', { targetLines: { dependsOn: ['biuld-wheel'] } }, 'GRAPH_DEPENDENCY_UNKNOWN'],
    ['a cache without dry-run variables', { targetLines: { inputs: ['waybillSources'] } }, 'GRAPH_DRY_RUN_INPUT'],
    ['a cache without outputs', { targetLines: { outputs: [] } }, 'GRAPH_OUTPUTS'],
    ['a file that is no input', { options: { binary: 'elsewhere/x' }, files: { 'elsewhere/x': '' } }, 'GRAPH_INPUT_UNDECLARED'],
    ['a variable that is not hashed', { options: { versionEnv: 'VERSION' } }, 'GRAPH_INPUT_UNDECLARED'],
    ['a date that is none', { environment: { SOURCE_DATE_EPOCH: 'now' } }, 'OPTION_SOURCE_DATE'],
  ])('refuses %s', async (_, request, code) => {
    const failed = await run(request);
    expect(failed.report!.errors.map((error) => error.code)).toEqual([code]);
    expect(failed.success).toBe(false);
  });

  it('takes a file that is covered, and an ignored one only from a target before', async () => {
    const ignored = fakeProcesses(({ args }) => ({ exitCode: args.includes('check-ignore') ? 0 : 1, stdout: 'target/x\n' }));
    expect((await run({ options: { binary: 'apps/app/x' }, files: { 'apps/app/x': '' } })).success).toBe(true);
    expect((await run({ options: { binary: 'apps/app/*.bin' }, files: { 'apps/app/x.bin': '' } })).success).toBe(true);
    const failed = await run({ options: { binary: 'target/x' }, files: { 'target/x': '' }, processes: ignored });
    expect(failed.report!.errors[0]!.message).toContain('ignored by git');
    expect(ignored.commands[0]).toBe('git --no-pager -c core.quotePath=false check-ignore --no-index -- target/x');
  });

  it('says so when something is in the way of the output', async () => {
    const first = await run();
    const parent = join(first.folder, '..');
    await rm(parent, { recursive: true });
    await writeFile(parent, 'in the way');
    const failed = await run({ again: first });
    expect(failed.lines).toEqual(expect.arrayContaining([expect.stringMatching(/^FILE_\w+ .*apps\/app/)]));
  });
});

describe('records of targets before', () => {
  const path = 'dist/apps/app/build-wheel/artifacts.json';
  const other = (text: string): string => text.replace('"waybill/artifacts/1"', '"waybill/artifacts/2"');

  it.each<[string, (text: string, root: string) => Promise<unknown>, string, string]>([
    ['is missing', (_, root) => rm(join(root, path)), 'RECORD_MISSING', 'nx run app:build-wheel'],
    ['is damaged', (text, root) => writeFile(join(root, path), text.slice(0, 90)), 'RECORD_SYNTAX', 'nx run app:build-wheel'],
    ['is of a newer Waybill', (text, root) => writeFile(join(root, path), other(text)), 'RECORD_SCHEMA', 'nx run app:build-wheel'],
    [
      'is that of another target',
      (text, root) => writeFile(join(root, path), text.replace('"target": "build-wheel"', '"target": "build"')),
      'RECORD_OWNER',
      'nx run app:build-wheel',
    ],
    [
      'has other bytes beside it',
      (_, root) => writeFile(join(root, 'dist/apps/app/build-wheel', wheel.artifacts[0]!.name), 'WHEEL'),
      'RECORD_DIGEST',
      'nx run app:build-wheel',
    ],
    [
      'has more bytes beside it',
      (_, root) => writeFile(join(root, 'dist/apps/app/build-wheel', wheel.artifacts[0]!.name), 'wheels'),
      'RECORD_DIGEST',
      'nx run app:build-wheel',
    ],
    [
      'has no artifact beside it',
      (_, root) => rm(join(root, 'dist/apps/app/build-wheel', wheel.artifacts[0]!.name)),
      'RECORD_DIGEST',
      'nx run app:build-wheel',
    ],
    [
      'has a link for an artifact',
      async (_, root) => {
        const file = join(root, 'dist/apps/app/build-wheel', wheel.artifacts[0]!.name);
        await rm(file);
        await symlink('/etc/hosts', file);
      },
      'RECORD_DIGEST',
      'nx run app:build-wheel',
    ],
  ])('refuses one that %s, and names the target to run', async (_, damage, code, fix) => {
    const first = await run({ upstream: [wheel] });
    await damage(await readFile(join(first.workspaceRoot, path), 'utf8'), first.workspaceRoot);
    const failed = await run({ again: first });
    expect(failed.report!.errors[0]).toMatchObject({ code, fix: expect.stringContaining(fix) });
  });

  it('verifies folders by their tree, and sees any change in them', async () => {
    const folder = {
      target: 'fold',
      stage: 'package',
      artifacts: [{ name: 'app', kind: 'bundle-folder' as const, content: { 'bin/x': { content: 'x', mode: 0o755 }, lib: { link: 'bin' } } }],
    };
    const first = await run({ upstream: [folder] });
    expect(first.success).toBe(true);
    await chmod(join(first.workspaceRoot, 'dist/apps/app/fold/app/bin/x'), 0o644);
    expect((await run({ again: first })).report!.errors[0]!.code).toBe('RECORD_DIGEST');
  });

  it('takes the later of two artifacts of one name, and refuses two that know nothing of each other', async () => {
    const bundle = (target: string, content: string): object => ({
      target,
      stage: 'package',
      artifacts: [{ name: 'app.tar.gz', kind: 'bundle-archive', content }],
    });
    const seen: string[] = [];
    const gather = async (context: StageContext<Options>): Promise<string> => (
      seen.push(...context.upstream.map(({ target, sha256 }) => `${target} ${sha256.slice(0, 8)}`)),
      ''
    );
    const upstream = [bundle('one', 'a'), bundle('two', 'b')] as ExecutorRequest['upstream'] & object;
    const later = await run({ upstream }, { gather });
    expect({ success: later.success, seen }).toEqual({ success: true, seen: [`two ${hashBytes('b').slice(0, 8)}`] });
    const targets = later.context.projectGraph.nodes['app']!.data.targets!;
    (targets as Record<string, object>)['two'] = { ...targets['two'], dependsOn: [] };
    expect((await run({ again: later })).report!.errors[0]).toMatchObject({
      code: 'RECORD_CONFLICT',
      message: expect.stringContaining('`app.tar.gz`'),
    });
  });

  it('hands on records that hold facts only', async () => {
    let verdict: unknown;
    const smoke = { target: 'smoke-linux', stage: 'smoke', facts: { verdict: 'relocatable' } };
    await run({ upstream: [smoke] }, { gather: async (context) => ((verdict = context.upstreamRecords[0]!.record.facts['verdict']), '') });
    expect(verdict).toBe('relocatable');
  });
});
