import { basename, posix } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import type { Finding } from '@waybill/core';
import { differenceFindings } from '@waybill/distributions';
import type { StageContext } from '@waybill/plugin-kit';
import type { BuildRun } from '../../building/run-frontend';
import { compareFiles, type CompareRequest } from '../../reading/compare-files';
import { withWorkplace } from '../../workplace/open-workplace';
import { placesIn, type Workplace } from '../../workplace/workplace-path';
import { buildResults, buildRun, USUAL, type Conditions } from './build-results';
import type { ReadResults } from './judge-results';
import type { BuildWheelOptions } from './options';
import { callsIn, type BuildPlan } from './plan';

type Context = StageContext<BuildWheelOptions>;

/** All that a build must not depend on, as another user on another machine may have it. The folder is another one too. */
const OTHER: Conditions = {
  umask: '077',
  variables: { TZ: 'Asia/Kathmandu', LC_ALL: 'C', PYTHONHASHSEED: '4711' },
  shiftSeconds: 86_400,
  otherOrder: true,
};

/** Times in zip archives are of even seconds: two builds that a file tells apart by its time lie that far apart. */
const CLOCK_STEP_MS = 2_000;

/**
 * `reproducible: verify`: builds again in another place and under other conditions, and tells why the results differ; then builds the wheel from
 * the sources themselves, and tells what only that one holds. Otherwise nothing.
 */
export async function verifyResults(context: Context, plan: BuildPlan, run: BuildRun, first: ReadResults): Promise<readonly Finding[]> {
  if (context.options.reproducible !== 'verify') return [];
  await nextClockStep(Date.now());
  const started = Date.now();
  const compared = await again(context, plan, OTHER, (second, places) => {
    const clock = {
      first: [(performance.timeOrigin + plan.facts.startedMs) / 1000, started / 1000],
      second: [started / 1000, Date.now() / 1000],
    } as const;
    const { sourceDateEpoch } = context;
    const sourceTimes = { first: sourceDateEpoch, second: sourceDateEpoch + OTHER.shiftSeconds };
    const about = { roots: rootsOf(run.places, places), clock, sourceTimes, names: fileNames(plan.facts.sources.paths, first) };
    return compareResults(first, second, about);
  });
  const { sdist, upstreamSdist } = plan.facts;
  const isFromSdist = context.options.fromSdist && upstreamSdist === undefined && sdist !== undefined;
  if (!isFromSdist || plan.wheel === undefined || plan.wheel.chosen.frontend.manyWheels) return compared;
  const fromTree = { ...context, options: { ...context.options, fromSdist: false } };
  const { sdist: _, ...facts } = plan.facts;
  return [...compared, ...(await again(fromTree, { ...plan, facts }, USUAL, async (second) => onlyFromTree(first, second)))];
}

/** Another build, in a workplace beside the first. */
async function again(
  context: Context,
  plan: BuildPlan,
  conditions: Conditions,
  judge: (second: ReadResults, places: Workplace) => Promise<Finding[]>,
): Promise<readonly Finding[]> {
  const path = `${plan.workplace}-again`;
  const onWait = (holder: string): void => context.progress.line(`waiting: another build of this project is busy (${holder})`);
  return withWorkplace({ path, timeoutMs: context.timeoutMs, onWait, removeOnEnd: context.removeOnEnd }, async (places) => {
    const { sdist: _, wheel: __, ...rest } = plan;
    const second: BuildPlan = { ...rest, workplace: path, ...callsIn(context, plan.facts, placesIn(path)) };
    const results = await buildResults(context, second, buildRun(context, second, places, conditions), conditions);
    return judge(results, places);
  });
}

/** A time that the first build wrote must not be that of the second: the clock of a build cannot be set. */
async function nextClockStep(now: number): Promise<void> {
  const next = (Math.floor(now / CLOCK_STEP_MS) + 1) * CLOCK_STEP_MS;
  await setTimeout(next - now);
}

function fileNames(sources: readonly string[], { sdist, wheels }: ReadResults): ReadonlySet<string> {
  const members = [...(sdist ? [sdist] : []), ...wheels].flatMap(({ facts }) => facts.members.map(({ path }) => path));
  return new Set([...sources, ...members].map((path) => posix.basename(path)));
}

const rootsOf = (first: Workplace, second: Workplace): readonly (readonly [string, string])[] => [
  [first.sdist, second.sdist],
  [first.sources, second.sources],
  [first.root, second.root],
];

async function compareResults(first: ReadResults, second: ReadResults, about: Omit<CompareRequest, 'first' | 'second'>): Promise<Finding[]> {
  const files = ({ sdist, wheels }: ReadResults): string[] => [...(sdist ? [sdist.file] : []), ...wheels.map(({ file }) => file)];
  const others = new Map(files(second).map((file) => [basename(file), file]));
  const findings: Finding[] = [];
  for (const file of files(first)) {
    const other = others.get(basename(file));
    if (other === undefined) findings.push(otherName(basename(file), [...others.keys()]));
    else findings.push(...differenceFindings(basename(file), await compareFiles({ first: file, second: other, ...about })));
  }
  return findings;
}

const otherName = (name: string, others: readonly string[]): Finding => ({
  check: 'reproducible',
  level: 'error',
  path: name,
  message: 'A second build gave a file of another name',
  expected: name,
  actual: others.join(', '),
  fix: 'look for what name, version and tags are taken from: the clock, the machine or git',
});

/** What the sources put into a wheel and the sdist does not. */
function onlyFromTree(first: ReadResults, second: ReadResults): Finding[] {
  const paths = new Set(first.wheels.flatMap(({ facts }) => facts.members.map(({ path }) => path)));
  const missing = second.wheels.flatMap(({ facts }) => facts.members.map(({ path }) => path)).filter((path) => !paths.has(path));
  const fix = 'have the backend put it into the sdist (`MANIFEST.in`, `include`)';
  const message = 'A wheel that is built from the sources holds the file, one that is built from the sdist lacks it';
  return missing.map((path) => ({ check: 'sdist-completeness', level: 'error', path, message, fix }));
}
