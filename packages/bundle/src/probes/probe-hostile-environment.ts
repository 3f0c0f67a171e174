import { mapConcurrently, type Finding } from '@waybill/core';
import { baseEnvironment, judgeCondition, type Condition } from './conditions';
import { judgeRun } from './judge-answer';
import { fault, type AppRun, type Probe, type ProbeContext } from './probe';
import { HOSTILE_INSIDE, HOSTILE_MARK, hostileVariables } from './write-hostile';

type Environment = Readonly<Record<string, string>>;

/** Environments in which programs are really started, in words. */
const POOR: readonly (readonly [how: string, condition: Condition])[] = [
  ['an empty environment', 'no-environment'],
  ['an empty PATH, LC_ALL=POSIX', 'no-path'],
  ['a locale that does not exist', 'no-locale'],
];

/** Check 16: all hostile variables at once; only when that is red each alone, to name the one at fault. */
export const probeHostileEnvironment: Probe = {
  check: 'hostile-environment',
  async run(context) {
    const { host } = context.sandboxes;
    const base = baseEnvironment(host);
    const variables = hostileVariables(host.locate(HOSTILE_INSIDE));
    const poor = await mapConcurrently(POOR, POOR.length, ([how, condition]) =>
      judgeCondition(context, condition, (run) => judgeRun('hostile-environment', run, context, how)),
    );
    const together = await judgeCondition(context, 'hostile', (run) => judge(run, context, 'every hostile variable'));
    const hostile = together.length === 0 ? [] : await eachAlone(context, base, variables, together);
    return { findings: [...poor.flat(), ...hostile], evidence: { variables: Object.keys(variables), environments: POOR.map(([how]) => how) } };
  },
};

/** CPython reads it in isolated mode (`-I`) too, so that few bundles are proof against it, and nothing on Linux sets it. */
const UNHEARD_OF: ReadonlySet<string> = new Set(['PYTHONEXECUTABLE']);

async function eachAlone(
  context: ProbeContext,
  base: Environment,
  hostile: Readonly<Record<string, Environment>>,
  together: readonly Finding[],
): Promise<Finding[]> {
  const alone = await mapConcurrently(Object.entries(hostile), 4, async ([name, variables]) => {
    const findings = judge(await context.start({ request: { env: { ...base, ...variables } } }), context, `a hostile \`${name}\``);
    return UNHEARD_OF.has(name) ? findings.map((finding): Finding => ({ ...finding, level: 'warning' })) : findings;
  });
  const named = alone.flat();
  return named.length > 0 ? named : [...together];
}

function judge(run: AppRun, context: ProbeContext, how: string): Finding[] {
  const marked = run.stderr.split('\n').find((line) => line.includes(HOSTILE_MARK));
  if (marked === undefined) return judgeRun('hostile-environment', run, context, how);
  const detail = {
    expected: 'code of the bundle alone',
    actual: marked.replace(HOSTILE_MARK, '').trim(),
    fix: 'let the launcher drop `PYTHON*` but for an allow-list, and the program search libraries by DT_RPATH',
  };
  return [fault('hostile-environment', `with ${how}, code of the caller runs in the app`, detail)];
}
