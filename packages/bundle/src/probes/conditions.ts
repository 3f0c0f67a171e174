import type { Finding } from '@waybill/core';
import { ASSETS_INSIDE, HOME_INSIDE, type Sandbox } from '../isolation';
import type { AppRun, AppStart, ProbeContext } from './probe';
import { HOSTILE_INSIDE, hostileVariables } from './write-hostile';

/** What programs see unless a probe says otherwise: nothing of the caller's environment (T34). */
export const baseEnvironment = ({ locate }: Pick<Sandbox, 'locate'>) => ({ PATH: '/usr/bin:/bin', HOME: locate(HOME_INSIDE) });

/** No home, and no file that others may read. */
export const HOMELESS = { env: { PATH: '/usr/bin:/bin' }, umask: '077' };

/** What is hard on a program wherever it stands. */
export type Condition = 'no-environment' | 'no-path' | 'no-locale' | 'hostile' | 'working-in-proc' | 'working-in-deleted';

/** The place at which each is tried: one start shows that neither the path nor the condition does harm. Ids of shapes. */
const TRIED_AT: Readonly<Record<Condition, string>> = {
  'no-environment': 'spaces',
  'no-path': 'unicode',
  'no-locale': 'quotes',
  hostile: 'deep',
  'working-in-proc': 'landmark',
  'working-in-deleted': 'short',
};

export const conditionAt = (shapeId: string): Condition | undefined =>
  (Object.keys(TRIED_AT) as Condition[]).find((condition) => TRIED_AT[condition] === shapeId);

/** How the bundle is started under a condition. Environments are those in which programs really are: systemd and cron give little, ssh hands over locales. */
export function startUnder(condition: Condition, { locate }: Pick<Sandbox, 'locate'>): AppStart {
  const base = baseEnvironment({ locate });
  switch (condition) {
    case 'no-environment':
      return { request: { env: {} } };
    case 'no-path':
      return { request: { env: { PATH: '', LC_ALL: 'POSIX' } } };
    case 'no-locale':
      return { request: { env: { ...base, LC_ALL: 'xx_YY.UTF-8', LANG: 'xx_YY.UTF-8' } } };
    case 'hostile':
      return { request: { env: Object.assign({}, base, ...Object.values(hostileVariables(locate(HOSTILE_INSIDE)))) as Record<string, string> } };
    case 'working-in-proc':
      return { request: { cwd: '/proc' } };
    case 'working-in-deleted':
      return { wrapper: ['/bin/sh', `${locate(ASSETS_INSIDE)}/deleted-folder.sh`] };
  }
}

/** The start at a condition's place, made once for both checks; `undefined` where the tier has no such place. */
export function startAtPlace(condition: Condition, context: Pick<ProbeContext, 'shapes' | 'sandboxes' | 'start'>): Promise<AppRun> | undefined {
  const { host } = context.sandboxes;
  const shape = context.shapes.find(({ id }) => id === TRIED_AT[condition]);
  if (shape === undefined || (shape.needsRoot && host.rootFolder === undefined)) return undefined;
  return context.start({ shape, ...startUnder(condition, host) });
}

/** Judges the start that shows place and condition at once, and when that is red the condition alone, so that each check names its own faults. */
export async function judgeCondition(context: ProbeContext, condition: Condition, judge: (run: AppRun) => Finding[]): Promise<Finding[]> {
  const together = await context.underCondition(condition);
  if (together !== undefined && judge(together).length === 0) return [];
  return judge(await context.start(startUnder(condition, context.sandboxes.host)));
}
