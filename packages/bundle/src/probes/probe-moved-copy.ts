import type { Finding } from '@waybill/core';
import { mapConcurrently } from '@waybill/core';
import { COLON, type Shape } from '../ground/places';
import { conditionAt } from './conditions';
import { endOf, judgeRun } from './judge-answer';
import { warning, type AppRun, type Probe, type ProbeContext } from './probe';

/** Check 12: every shape of path; the place where the bundle was built is hidden in each run. */
export const probeMovedCopy: Probe = {
  check: 'moved-copy',
  async run(context) {
    const own = context.sandboxes.host.rootFolder !== undefined;
    const shapes = context.shapes.filter(({ needsRoot }) => own || !needsRoot);
    const runs = await mapConcurrently(shapes, shapes.length, (shape) => judgeShape(context, shape));
    const findings = [...runs.flatMap((run) => run.findings), ...(await judgeColon(context))];
    return {
      findings,
      evidence: { shapes: runs.map(({ shape, milliseconds, findings: found }) => ({ shape: shape.id, milliseconds, ok: found.length === 0 })) },
    };
  },
};

interface JudgedShape {
  shape: Shape;
  findings: Finding[];
  milliseconds: number;
}

/** A start that another check shares shows more than the shape; when it is red, the shape alone is judged. */
async function judgeShape(context: ProbeContext, shape: Shape): Promise<JudgedShape> {
  const judge = (run: AppRun): JudgedShape => ({
    shape,
    findings: judgeRun('moved-copy', run, context, shape.what),
    milliseconds: Math.round(run.durationMs),
  });
  if (shape.id === 'app') return judge(await context.plainRun());
  const condition = conditionAt(shape.id);
  const together = condition === undefined ? undefined : await context.underCondition(condition);
  const judged = together === undefined ? undefined : judge(together);
  return judged?.findings.length === 0 ? judged : judge(await context.start({ shape }));
}

/** PYTHONHOME is split at colons (T7): a bundle need not run there, but it must say so. */
async function judgeColon(context: ProbeContext): Promise<Finding[]> {
  const run = await context.start({ shape: COLON });
  if (endOf(run) === undefined && judgeRun('moved-copy', run, context, COLON.what).length === 0) return [];
  if (endOf(run) !== undefined && run.diedOf === undefined && /colon|`:`|':'|":"/.test(run.stderr)) return [];
  const detail = {
    expected: 'a run, or a message that names the colon',
    actual: `${endOf(run) ?? 'another answer'}: ${run.stderr.trim().slice(0, 200)}`,
    fix: 'let the launcher refuse a path with `:` by name',
  };
  return [warning('moved-copy', 'in a folder with a colon the bundle neither runs nor says why', detail)];
}
