import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { archiveManifestName } from '@waybill/artifacts';
import { createProcesses } from '@waybill/core';
import { temporaryFolder } from '@waybill/core/testing';
import { runExecutor, type ExecutorRun } from '@waybill/plugin-kit/testing';
import { PLATFORM } from '../../proof/testing/prove-folder';
import { relocatabilitySmokeOptions } from './options';
import { relocatabilitySmoke, relocatabilitySmokeSigned, smokeStageOf } from './relocatability-smoke';

const folder = temporaryFolder();
let run: ExecutorRun | undefined;
afterEach(async () => {
  await run?.remove();
  run = undefined;
});

const NAME = `app-0.3.0-${PLATFORM}.tar.gz`;

/** A bundle of one script that answers. */
function archive(script = '#!/bin/sh\necho "{}"\n'): Buffer {
  mkdirSync(join(folder.path, 'app-0.3.0'));
  writeFileSync(join(folder.path, 'app-0.3.0/app'), script, { mode: 0o755 });
  execFileSync('tar', ['-czf', NAME, 'app-0.3.0'], { cwd: folder.path });
  return readFileSync(join(folder.path, NAME));
}

async function smoke(options: object, content?: Buffer, dryRun = false): Promise<ExecutorRun> {
  const artifacts = content ? [{ name: NAME, kind: 'bundle-archive' as const, content, platform: PLATFORM }] : [];
  const upstream = [{ target: 'package', stage: 'package', artifacts }];
  run = await runExecutor(relocatabilitySmoke, {
    options: { launcher: 'app', ...options },
    upstream,
    processes: createProcesses(),
    environment: { PATH: process.env['PATH']! },
    dryRun,
  });
  return run;
}

it('records digest, verdict, tier, checks run and skipped, permits', async () => {
  const content = archive();
  const allow = [{ check: 'imports', path: '**', reason: 'no Python in here' }];
  const { success, record, report, files, lines, output } = await smoke(
    { checks: ['tree-entries', 'moved-copy', 'archive-round-trip', 'imports'], allow },
    content,
  );
  expect({ success, output }).toMatchObject({ success: true });
  const digest = record!.artifacts[0]!.madeFrom[0];
  expect(record!.facts).toMatchObject({
    tested: [digest],
    verdict: 'passed',
    isolation: expect.stringMatching(/namespace|bubblewrap/),
    checksRun: ['tree-entries', 'moved-copy', 'archive-round-trip'],
    checksSkipped: [{ check: 'imports', reason: expect.stringContaining('no interpreter') }],
    allow,
    toolVersion: expect.stringMatching(/^\d+\.\d+\.\d+/),
  });
  expect(record!.artifacts[0]).toMatchObject({ name: `${NAME}.linkage.txt`, kind: 'smoke-report', ships: false });
  expect(files).toContain(`${NAME}.linkage.txt`);
  expect(report).toMatchObject({ findings: [] });
  expect(lines.filter((line) => /moved-copy\s+passed\s+[\d.]+ s/.test(line))).toHaveLength(1);
});

it('behind what was signed it is a stage of its own, told by the target’s name', async () => {
  const stages = ['smoke-linux', 'smoke-signed-linux', 'smoke-signed', 'smoke-signedx'].map((name) => smokeStageOf(name).stage);
  expect(stages).toEqual(['smoke', 'smoke-signed', 'smoke-signed', 'smoke']);
  const artifacts = [
    { name: NAME, kind: 'bundle-archive' as const, content: archive(), platform: PLATFORM },
    // what signing writes beside an archive is no bundle
    { name: archiveManifestName(NAME), kind: 'delivery' as const, content: '{}', platform: PLATFORM },
  ];
  run = await runExecutor(relocatabilitySmokeSigned, {
    target: 'smoke-signed-linux',
    options: { launcher: 'app', checks: ['tree-entries'] },
    upstream: [{ target: 'sign', stage: 'sign', artifacts }],
    processes: createProcesses(),
    environment: { PATH: process.env['PATH']! },
  });
  expect({ success: run.success, output: run.output }).toMatchObject({ success: true });
  expect(run.record).toMatchObject({ stage: 'smoke-signed', target: 'smoke-signed-linux', artifacts: [{ name: `${NAME}.linkage.txt` }] });
});

it('a bundle that does not run fails, with findings in the report', async () => {
  const { success, report, output } = await smoke({ checks: ['moved-copy'] }, archive('#!/bin/sh\nexit 3\n'));
  expect(success).toBe(false);
  expect(output).toContain('exit code 3');
  expect(JSON.stringify(report)).toContain('"check":"moved-copy"');
});

it('without a bundle before it: BUNDLE_SMOKE_ARCHIVE', async () => {
  const { success, output } = await smoke({});
  expect({ success, output }).toMatchObject({ success: false, output: expect.stringContaining('BUNDLE_SMOKE_ARCHIVE') });
});

it('a dry run prints what would be proved', async () => {
  const { success, output, files } = await smoke({ hide: ['/opt/python'], startBudgetMs: 500 }, archive(), true);
  expect(success).toBe(true);
  expect(output).toContain(`unpack \`${NAME}\``);
  expect(output).toContain('/opt/python');
  expect(files.filter((file) => file.endsWith('.txt'))).toEqual([]);
});

describe('options', () => {
  it('defaults', () => {
    expect(relocatabilitySmokeOptions.parse({})).toMatchObject({
      command: ['--smoke-python'],
      isolation: 'strongest',
      minIsolation: 'namespace',
      allow: [],
      expect: {},
    });
  });

  it.each([
    [{ allow: [{ check: 'rpath', path: 'x' }] }, 'allow'],
    [{ allow: [{ check: 'rpath', path: 'x', reason: '  ' }] }, 'needs a reason'],
    [{ allow: [{ check: 'nothing', path: 'x', reason: 'y' }] }, 'allow'],
    [{ hide: ['relative'] }, 'absolute'],
    [{ checks: ['everything'] }, 'checks'],
    [{ isolation: 'total' }, 'isolation'],
    [{ expect: { glibc: 2.28 } }, 'glibc'],
    [{ imports: ['not a module'] }, 'imports'],
    [{ unknownKey: 1 }, 'unknownKey'],
  ])('%j is refused', (options, part) => {
    const { success, error } = relocatabilitySmokeOptions.safeParse(options);
    expect({ success, text: JSON.stringify(error?.issues) }).toMatchObject({ success: false, text: expect.stringContaining(part) });
  });
});
