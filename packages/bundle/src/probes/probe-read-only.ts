import { readTree, type Finding, type TreeItem } from '@waybill/core';
import { HOMELESS } from './conditions';
import { endOf, judgeBareRun, judgeRun } from './judge-answer';
import { runLackedOfHost } from './host-libraries';
import { fault, warning, type Probe, type ProbeContext } from './probe';

const SHOWN = 5;

/** Check 15: read-only, another user, no home, no network, closed streams; and what ran where it could write has written nothing. */
export const probeReadOnly: Probe = {
  check: 'read-only',
  async run(context) {
    const bare = await context.bare();
    const sandbox = typeof bare === 'string' ? context.sandboxes.host : bare;
    const [run, mute] = await Promise.all([
      context.bareRun().then((shared) => shared ?? context.start({ sandbox, request: { ...HOMELESS, closed: ['stdin'] } })),
      context.start({ sandbox, request: { ...HOMELESS, closed: ['stdin', 'stdout'] } }),
    ]);
    const judge = typeof bare === 'string' ? judgeRun : judgeBareRun;
    const findings = judge('read-only', run, context, 'a read-only bundle, another user, no home, no network, standard input closed');
    if (runLackedOfHost(mute, context) === undefined) findings.push(...judgeMute(mute));
    await context.writableRuns();
    const changes = compareTrees(context.items, await readTree(context.request.bundleRoot));
    findings.push(...judgeChanges(changes, context));
    return { findings, evidence: { uid: sandbox.uid, profile: sandbox.profile, changedByRunning: changes.length } };
  },
};

/** With standard output closed a program may well fail, but not crash. */
function judgeMute(run: Parameters<typeof endOf>[0]): Finding[] {
  const ended = endOf(run);
  if (ended === undefined) return [];
  const detail = { expected: 'exit code 0', actual: ended, fix: 'let the app live with a standard output that is closed' };
  return [
    run.diedOf !== undefined || run.timedOut
      ? fault('read-only', 'the bundle crashes when standard input and output are closed', detail)
      : warning('read-only', 'the bundle fails when standard input and output are closed', detail),
  ];
}

/** Paths that are new, gone or changed. */
export function compareTrees(before: readonly TreeItem[], after: readonly TreeItem[]): string[] {
  const key = ({ kind, mode, size, mtimeMs, linkTarget }: TreeItem): string =>
    `${kind} ${mode} ${size} ${kind === 'directory' ? '' : mtimeMs} ${linkTarget ?? ''}`;
  const known = new Map(before.map((item) => [item.path, key(item)]));
  const changed = after.filter((item) => known.get(item.path) !== key(item)).map(({ path }) => path);
  const present = new Set(after.map(({ path }) => path));
  return [...changed, ...before.filter(({ path }) => !present.has(path)).map(({ path }) => path)].sort();
}

function judgeChanges(changes: readonly string[], context: ProbeContext): Finding[] {
  if (changes.length === 0) return [];
  const shown = changes.slice(0, SHOWN).join(', ');
  return [
    fault('read-only', `running the bundle changes it: ${changes.length} files`, {
      path: changes[0]!,
      expected: 'the same tree as before',
      actual: `${shown}${changes.length > SHOWN ? ', …' : ''}`,
      fix: `ship byte code that is never stale (\`pyc: unchecked-hash\`)${context.manifest ? '' : ', compiled with the Python of the bundle'}: what is written later breaks signatures`,
    }),
  ];
}
