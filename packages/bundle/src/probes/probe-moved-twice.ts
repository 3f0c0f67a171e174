import { judgeCondition } from './conditions';
import { judgeRun, judgeRunInDeleted } from './judge-answer';
import type { Probe } from './probe';

/** Check 13: a second move after a run that could have written, two at once, and odd working folders. */
export const probeMovedTwice: Probe = {
  check: 'moved-twice',
  async run(context) {
    const writable = await context.writableRuns();
    const findings = writable.flatMap((run, index) =>
      judgeRun('moved-twice', run, context, ['its first place', 'its second place, two at once', 'its first place, two at once'][index] ?? 'a move'),
    );
    const odd = await Promise.all([
      judgeCondition(context, 'working-in-proc', (run) => judgeRun('moved-twice', run, context, 'the working folder `/proc`')),
      judgeCondition(context, 'working-in-deleted', (run) => judgeRunInDeleted('moved-twice', run, context)),
    ]);
    findings.push(...odd.flat());
    return { findings, evidence: { runs: writable.length + odd.length } };
  },
};
