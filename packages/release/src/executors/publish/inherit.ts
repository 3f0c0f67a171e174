import type { AskedOptions, StageContext } from '@waybill/plugin-kit';
import { publishErrors } from '../../errors/publish-errors';
import { destinationId } from '../../publishing/choose-destinations';

type Options = Readonly<Record<string, unknown>>;
type ProjectTargets = StageContext<unknown>['projectTargets'];

/**
 * A target without places of its own goes where the project's `publish` goes, and by its options: what is changed there holds for both. `--plan`, `--only`
 * and `--skip` hold for the whole run: a project that is published because another needs it goes nowhere that the run was not asked for.
 */
export function inheritPublish(given: unknown, projectTargets: ProjectTargets, asked: readonly AskedOptions[]): unknown {
  if (!isObject(given)) return given;
  const options = withPlaces(given, projectTargets);
  for (const { only, skip } of [options, ...asked.map((one) => one.options)]) refuseBoth(idsOf(only), idsOf(skip));
  return narrowed(options, asked);
}

/** `PUBLISH_ID_ONLY_SKIP`. Before `skip` gets what others were asked for. */
function refuseBoth(only: readonly string[], skip: readonly string[]): void {
  const both = only.find((id) => skip.includes(id));
  if (both !== undefined) throw publishErrors.error('PUBLISH_ID_ONLY_SKIP', { id: both });
}

const isObject = (value: unknown): value is Options => typeof value === 'object' && value !== null && !Array.isArray(value);

function withPlaces(given: Options, projectTargets: ProjectTargets): Options {
  if ('to' in given) return given;
  const publish = projectTargets.find(({ target, executor }) => target === 'publish' && executor === '@waybill/release:publish');
  return { ...(publish?.options as object | undefined), ...given };
}

function narrowed(options: Options, asked: readonly AskedOptions[]): Options {
  const isPlan = asked.some(({ options: { plan } }) => plan === true || plan === 'true');
  const narrowing = asked.filter(({ options: { only, skip } }) => only !== undefined || skip !== undefined);
  const planned = isPlan ? { ...options, plan: true } : options;
  if (narrowing.length === 0 || !Array.isArray(options['to'])) return planned;
  const ids = options['to'].filter(isObject).map(destinationId);
  const left = ids.filter((id) =>
    narrowing.some(({ options: { only, skip } }) => (only !== undefined && !idsOf(only).includes(id)) || idsOf(skip).includes(id)),
  );
  if (left.length === 0) return planned;
  return {
    ...planned,
    skip: [...new Set([...idsOf(options['skip']), ...left])],
    skipReason: options['skipReason'] ?? narrowing.map(reasonOf).join('; '),
  };
}

/** As the command line has them: one, several with commas between, or a list. */
const idsOf = (value: unknown): readonly string[] =>
  (Array.isArray(value) ? value : value === undefined ? [] : [value]).flatMap((ids) => String(ids).split(','));

function reasonOf({ of, options: { only, skip, skipReason } }: AskedOptions): string {
  const flags = [only === undefined ? [] : [`--only=${idsOf(only).join(',')}`], skip === undefined ? [] : [`--skip=${idsOf(skip).join(',')}`]].flat();
  return `${of} was given \`${flags.join(' ')}\`${typeof skipReason === 'string' ? `, ${skipReason}` : ''}`;
}
