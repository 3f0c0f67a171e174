import { ASSETS_INSIDE } from '../isolation';
import { judgeRun } from './judge-answer';
import type { Probe } from './probe';

/** Check 13: a second move after a run that could have written, two at once, and odd working folders. */
export const probeMovedTwice: Probe = {
  check: 'moved-twice',
  async run(context) {
    const writable = await context.writableRuns();
    const findings = writable.flatMap((run, index) => judgeRun('moved-twice', run, context, ['its first place', 'its second place, two at once', 'its first place, two at once'][index] ?? 'a move'));
    const inRoot = await context.start({ request: { cwd: '/proc' } });
    findings.push(...judgeRun('moved-twice', inRoot, context, 'the working folder `/proc`'));
    const script = `${ASSETS_INSIDE}/deleted-folder.sh`;
    const own = context.sandboxes.host.tier !== 'copy' && context.sandboxes.host.tier !== 'rename';
    if (own) findings.push(...judgeRun('moved-twice', await context.start({ wrapper: ['/bin/sh', script] }), context, 'a working folder that was deleted'));
    return { findings, evidence: { runs: writable.length + (own ? 2 : 1) } };
  },
};
