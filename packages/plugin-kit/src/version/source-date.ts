import { EARLIEST_EPOCH, LATEST_EPOCH } from '@waybill/artifacts';
import { pluginKitErrors } from '../errors/plugin-kit-errors';
import { gitOfProject, runGit, type Git } from './run-git';

/** 2020-02-02, as flit and hatch have it: a date that changes with nothing. */
export const CONSTANT_EPOCH = 1_580_601_600;

export interface SourceDateRequest {
  projectRoot: string;
  projectName: string;
  sourceDate: 'constant' | 'commit';
  variables: Readonly<Record<string, string | undefined>>;
  git: Git;
  /** Pathspecs of the inputs, relative to the workspace. */
  inputs: readonly string[];
}

/** Seconds since 1970 for the date inside artifacts: the variable SOURCE_DATE_EPOCH, else the option: a constant, or the newest commit that touches the inputs. */
export async function sourceDateEpoch(request: SourceDateRequest): Promise<number> {
  const variable = request.variables['SOURCE_DATE_EPOCH'];
  if (variable) return checkEpoch(variable);
  return request.sourceDate === 'constant' ? CONSTANT_EPOCH : commitEpoch(request);
}

/** Zip entries start in 1980, and gzip and tar readers keep 32 bits. */
function checkEpoch(value: string): number {
  const seconds = /^\d{1,10}$/.test(value) ? Number(value) : Number.NaN;
  const reason = Number.isNaN(seconds)
    ? 'it is no whole number'
    : seconds < EARLIEST_EPOCH
      ? 'it is before 1980'
      : seconds > LATEST_EPOCH
        ? 'it is too far in the future'
        : '';
  if (reason) throw pluginKitErrors.error('OPTION_SOURCE_DATE', { value, reason });
  return seconds;
}

/** In a shallow clone the newest commit that is known is not the newest that touched the inputs: it would be a wrong date, not none. */
async function commitEpoch({ git, projectRoot, projectName, inputs }: SourceDateRequest): Promise<number> {
  const refuse = (reason: string, fix: string): never => {
    throw pluginKitErrors.error('OPTION_SOURCE_COMMIT', { project: projectName, reason, fix });
  };
  const own = gitOfProject(git, projectRoot);
  const shallow = await runGit(own, ['rev-parse', '--is-shallow-repository']);
  if (shallow === undefined) return refuse('this is no git repository', 'leave out `--sourceDate=commit`, or set SOURCE_DATE_EPOCH');
  if (shallow === 'true')
    return refuse('the clone is shallow', 'fetch all commits with `git fetch --unshallow` (`fetch-depth: 0` in actions/checkout)');
  const [mine, whole] = await Promise.all([own, git].map((place) => runGit(place, ['rev-parse', '--show-toplevel'])));
  const newest = ['log', '-1', '--format=%ct', '--'];
  const seconds = mine === whole ? await runGit(git, [...newest, ...inputs]) : await runGit(own, [...newest, '.']);
  if (!seconds) return refuse('no commit touches its inputs', 'commit them, or leave out `--sourceDate=commit`');
  return checkEpoch(seconds);
}
