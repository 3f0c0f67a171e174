import type { Finding } from '@waybill/core';
import { ASSETS_INSIDE } from '../isolation';
import { judgeRun } from './judge-answer';
import type { AppStart, Probe, ProbeContext } from './probe';

/** Check 13: a second move after a run that could have written, two at once, and odd working folders. */
export const probeMovedTwice: Probe = {
  check: 'moved-twice',
  async run(context) {
    const writable = await context.writableRuns();
    const findings = writable.flatMap((run, index) =>
      judgeRun('moved-twice', run, context, ['its first place', 'its second place, two at once', 'its first place, two at once'][index] ?? 'a move'),
    );
    const { host } = context.sandboxes;
    const odd = await Promise.all([
      judgeIn(context, { request: { cwd: '/proc' } }, 'the working folder `/proc`'),
      judgeIn(context, { wrapper: ['/bin/sh', `${host.locate(ASSETS_INSIDE)}/deleted-folder.sh`] }, 'a working folder that was deleted'),
    ]);
    findings.push(...odd.flat());
    return { findings, evidence: { runs: writable.length + odd.length } };
  },
};

const judgeIn = async (context: ProbeContext, start: AppStart, how: string): Promise<Finding[]> =>
  judgeRun('moved-twice', await context.start(start), context, how);
