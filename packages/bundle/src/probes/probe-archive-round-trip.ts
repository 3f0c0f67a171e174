import { hashFile, mapConcurrently, readTree, type Finding } from '@waybill/core';
import { rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { ASSETS_INSIDE, findProgram } from '../isolation';
import { UNPACKED } from '../ground/unpacked-folder';
import { compareMembers, parseMtree, type Member } from './archive-members';
import { fault, skipped, type Probe, type ProbeContext } from './probe';

const SHOWN = 5;
/** Times and owners are the unpacker's affair. */
const HARMLESS = /: (Mod time|Uid|Gid) differs$/;

type Outcome = { tool: string; differences: readonly string[] } | { tool: string; skipped: string };

/** Check 21: other tools read the same tree from the archive; names, modes, sizes, digests and link targets are those that Node unpacked. */
export const probeArchiveRoundTrip: Probe = {
  check: 'archive-round-trip',
  async run(context) {
    const { archive } = context.request;
    if (archive === undefined) return skipped('a folder is proved, not an archive');
    const readers = archive.file.endsWith('.zip') ? [unzip, bsdTar, pythonReader] : [gnuTar, bsdTar, pythonReader];
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

/** The folder that the archive was unpacked into, and its one top folder in it (empty when it has several). */
function placeOf({ request: { bundleRoot, workFolder } }: ProbeContext): { folder: string; top: string } {
  return bundleRoot === join(workFolder, UNPACKED) ? { folder: bundleRoot, top: '' } : { folder: dirname(bundleRoot), top: basename(bundleRoot) };
}

async function compare(members: readonly Member[], context: ProbeContext): Promise<string[]> {
  const entries = new Map((await context.facts()).entries.map((entry) => [entry.path, entry]));
  return compareMembers(members, placeOf(context).top, context.items, entries);
}

/** Compares by itself: names, kinds, modes, sizes, content and link targets. */
async function gnuTar(file: string, context: ProbeContext): Promise<Outcome> {
  const tool = 'GNU tar';
  const program = await findProgram('tar', context.ports.environment);
  if (program === undefined) return { tool, skipped: '`tar` is not installed' };
  const run = await runTool(context, program, ['--compare', '--file', file, '--directory', placeOf(context).folder]);
  if (/unrecognized|invalid option|bsdtar/i.test(run.stderr) && run.stdout === '') return { tool, skipped: '`tar` of this machine cannot compare' };
  const lines = `${run.stdout}\n${run.stderr}`.split('\n').filter((line) => line.trim() !== '' && !HARMLESS.test(line));
  return { tool, differences: lines };
}

/** libarchive can turn an archive into a list with digests. */
async function bsdTar(file: string, context: ProbeContext): Promise<Outcome> {
  const tool = 'bsdtar';
  const program = await findProgram('bsdtar', context.ports.environment);
  if (program === undefined) return { tool, skipped: '`bsdtar` is not installed' };
  const run = await runTool(context, program, ['-cf', '-', '--format=mtree', '--options=!all,mode,size,type,link,sha256', `@${file}`]);
  if (run.exitCode !== 0) return { tool, differences: [run.stderr.trim().slice(-200)] };
  return { tool, differences: await compare(parseMtree(run.stdout), context) };
}

/** Tells no digests, so it unpacks. */
async function unzip(file: string, context: ProbeContext): Promise<Outcome> {
  const tool = 'unzip';
  const program = await findProgram('unzip', context.ports.environment);
  if (program === undefined) return { tool, skipped: '`unzip` is not installed' };
  const folder = join(context.request.workFolder, 'unzipped');
  const run = await runTool(context, program, ['-qq', file, '-d', folder]);
  if (run.exitCode !== 0) return { tool, differences: [`${run.stdout}${run.stderr}`.trim().slice(-200)] };
  const members = await mapConcurrently(await readTree(folder), 4, async ({ path, kind, mode, size, linkTarget }): Promise<Member> => {
    if (kind === 'symlink') return { path, kind, ...(linkTarget !== undefined && { target: linkTarget }) };
    return { path, kind, mode, size, ...(kind === 'file' && { sha256: (await hashFile(join(folder, path))).sha256 }) };
  });
  await rm(folder, { recursive: true, force: true });
  return { tool, differences: await compare(members, context) };
}

/** The archive through `tarfile` or `zipfile` of the bundle's own Python, on the host side of the sandbox. */
async function pythonReader(file: string, context: ProbeContext): Promise<Outcome> {
  const tool = 'Python';
  const { layout, sandboxes } = context;
  if (layout.python === undefined) return { tool, skipped: 'the bundle has no interpreter' };
  const place = await sandboxes.host.place('app');
  const { locate } = sandboxes.host;
  const run = await sandboxes.host.run({
    argv: [`${place}/${layout.python}`, '-I', locate(`${ASSETS_INSIDE}/list-archive.py`), locate(`/opt/archive/${basename(file)}`)],
    env: {},
    timeoutMs: context.request.runTimeoutMs,
  });
  if (run.exitCode === 3) return { tool, skipped: run.stderr.trim() };
  if (run.exitCode !== 0) return { tool, differences: [run.stderr.trim().split('\n').at(-1) ?? 'no answer'] };
  const members = run.stdout.split('\n').filter((line) => line !== '');
  return { tool, differences: await compare(members.map(memberOf), context) };
}

function memberOf(line: string): Member {
  const member = JSON.parse(line) as Member;
  return { ...member, path: member.path.replace(/^\.\//, '').replace(/\/+$/, '') };
}

const runTool = ({ ports, request }: ProbeContext, file: string, args: readonly string[]) =>
  ports.processes.run({
    file,
    args,
    env: { PATH: ports.environment['PATH'] ?? '/usr/bin:/bin', LC_ALL: 'C', TZ: 'UTC' },
    timeoutMs: request.runTimeoutMs,
  });
