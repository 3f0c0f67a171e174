import { judgeTrace } from '../trace/judge-trace';
import { ownLibrariesOfHost } from './host-libraries';
import { skipped, type Probe } from './probe';

/** Check 18: what the app asks of the file system, from its first instruction to its end, all processes. */
export const probeFileTrace: Probe = {
  check: 'file-trace',
  async run(context) {
    const traced = await context.traced();
    if (typeof traced === 'string') return skipped(traced);
    const { trace, run } = traced;
    const opened = trace.calls.filter(({ opens, error }) => opens && error === undefined).map(({ path }) => path);
    const isOfHost = ownLibrariesOfHost(opened, context, (await context.facts()).entries);
    const { findings, groups } = judgeTrace(trace, { place: run.place, platform: context.request.platform, hidden: context.hidden, isOfHost });
    return { findings, evidence: { calls: trace.calls.length, processes: trace.processes, programs: trace.programs.length, groups } };
  },
};
