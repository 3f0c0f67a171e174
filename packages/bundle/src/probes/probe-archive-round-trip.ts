import { mapConcurrently, type Finding } from '@waybill/core';
import { dirname } from 'node:path';
import { ASSETS_INSIDE, findProgram } from '../isolation';
import { fault, skipped, type Probe, type ProbeContext } from './probe';

const TIMEOUT_MS = 120_000;
const SHOWN = 5;
/** Times and owners are the unpacker's affair. */
const HARMLESS = /: (Mod time|Uid|Gid) differs$/;

type Outcome = { tool: string; differences: readonly string[] } | { tool: string; skipped: string };

/** Check 21: other tools read the same tree from the archive; each compares with what Node unpacked, nothing is written again. */
export const probeArchiveRoundTrip: Probe = {
  check: 'archive-round-trip',
  async run(context) {
    const { archive } = context.request;
    if (archive === undefined) return skipped('a folder is proved, not an archive');
    const readers = archive.file.endsWith('.zip') ? [unzip, pythonReader] : [gnuTar, bsdTar, pythonReader];
    const outcomes = await mapConcurrently(readers, 2, (reader) => reader(archive.file, context));
    const findings = outcomes.flatMap((outcome): Finding[] => ('skipped' in outcome || outcome.differences.length === 0 ? [] : [differs(outcome)]));
    return {
      findings,
      evidence: {
        tools: outcomes.map((outcome) => ({
          tool: outcome.tool,
          outcome: 'skipped' in outcome ? `skipped: ${outcome.skipped}` : outcome.differences.length === 0 ? 'same tree' : 'differs',
        })),
      },
    };
  },
};

const differs = ({ tool, differences }: { tool: string; differences: readonly string[] }): Finding =>
  fault('archive-round-trip', `${tool} reads another tree from the archive than Node`, {
    expected: 'the same tree',
    actual: `${differences.slice(0, SHOWN).join(' · ')}${differences.length > SHOWN ? ` · … (${differences.length})` : ''}`,
    fix: 'write the archive with `@waybill/bundle:package-dist`',
  });

async function gnuTar(file: string, context: ProbeContext): Promise<Outcome> {
  const tool = 'GNU tar';
  const program = await findProgram('tar', context.ports.environment);
  if (program === undefined) return { tool, skipped: '`tar` is not installed' };
  const run = await runTool(context, program, ['--compare', '--file', file, '--directory', dirname(context.request.bundleRoot)]);
  if (/unrecognized|invalid option|bsdtar/i.test(run.stderr) && run.stdout === '') return { tool, skipped: '`tar` of this machine cannot compare' };
  const lines = `${run.stdout}\n${run.stderr}`.split('\n').filter((line) => line.trim() !== '' && !HARMLESS.test(line));
  return { tool, differences: lines };
}

async function bsdTar(file: string, context: ProbeContext): Promise<Outcome> {
  const tool = 'bsdtar';
  const program = await findProgram('bsdtar', context.ports.environment);
  if (program === undefined) return { tool, skipped: '`bsdtar` is not installed' };
  const run = await runTool(context, program, ['-tf', file]);
  if (run.exitCode !== 0) return { tool, differences: [run.stderr.trim().slice(-200)] };
  return { tool, differences: compareNames(run.stdout.split('\n'), context) };
}

async function unzip(file: string, context: ProbeContext): Promise<Outcome> {
  const tool = 'unzip';
  const program = await findProgram('unzip', context.ports.environment);
  if (program === undefined) return { tool, skipped: '`unzip` is not installed' };
  const run = await runTool(context, program, ['-tqq', file]);
  return { tool, differences: run.exitCode === 0 ? [] : [`${run.stdout}${run.stderr}`.trim().slice(-200)] };
}

/** The archive through `tarfile` or `zipfile` of the bundle's own Python, on the host side of the sandbox. */
async function pythonReader(file: string, context: ProbeContext): Promise<Outcome> {
  const tool = 'Python';
  const { layout, sandboxes } = context;
  if (layout.python === undefined) return { tool, skipped: 'the bundle has no interpreter' };
  const place = await sandboxes.host.place('app');
  const run = await sandboxes.host.run({
    argv: [
      `${place}/${layout.python}`,
      '-I',
      `${sandboxes.host.locate(ASSETS_INSIDE)}/list-archive.py`,
      sandboxes.host.locate(`/opt/archive/${file.split('/').at(-1)!}`),
    ],
    env: {},
    timeoutMs: TIMEOUT_MS,
  });
  if (run.exitCode === 3) return { tool, skipped: run.stderr.trim() };
  if (run.exitCode !== 0) return { tool, differences: [run.stderr.trim().split('\n').at(-1) ?? 'no answer'] };
  return { tool, differences: compareNames(run.stdout.split('\n'), context) };
}

function compareNames(listed: readonly string[], { items }: ProbeContext): string[] {
  const names = new Set(listed.map((name) => name.replace(/\/+$/, '').split('/').slice(1).join('/')).filter((name) => name !== ''));
  const wanted = items.filter(({ kind }) => kind !== 'directory').map(({ path }) => path);
  const known = new Set(items.map(({ path }) => path));
  return [
    ...wanted.filter((path) => !names.has(path)).map((path) => `${path}: missing`),
    ...[...names].filter((name) => !known.has(name)).map((name) => `${name}: not there`),
  ];
}

const runTool = ({ ports }: ProbeContext, file: string, args: readonly string[]) =>
  ports.processes.run({ file, args, env: { PATH: ports.environment['PATH'] ?? '/usr/bin:/bin', LC_ALL: 'C', TZ: 'UTC' }, timeoutMs: TIMEOUT_MS });
