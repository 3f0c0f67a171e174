import type { Finding } from '@waybill/core';
import { judgeCondition, type Condition } from './conditions';
import { judgeRun } from './judge-answer';
import type { Probe, ProbeContext } from './probe';

/** Check 13: a second move after a run that could have written, two at once, and odd working folders. */
export const probeMovedTwice: Probe = {
  check: 'moved-twice',
  async run(context) {
    const writable = await context.writableRuns();
    const findings = writable.flatMap((run, index) =>
      judgeRun('moved-twice', run, context, ['its first place', 'its second place, two at once', 'its first place, two at once'][index] ?? 'a move'),
    );
    const odd = await Promise.all([
      judgeIn(context, 'working-in-proc', 'the working folder `/proc`'),
      judgeIn(context, 'working-in-deleted', 'a working folder that was deleted'),
    ]);
    findings.push(...odd.flat());
    return { findings, evidence: { runs: writable.length + odd.length } };
  },
};

const judgeIn = (context: ProbeContext, condition: Condition, how: string): Promise<Finding[]> =>
  judgeCondition(context, condition, (run) => judgeRun('moved-twice', run, context, how));
