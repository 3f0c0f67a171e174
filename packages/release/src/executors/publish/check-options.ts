import { refuseFaults } from '@waybill/publishing';
import { checkIds, nameDestinations } from '../../publishing/choose-destinations';
import { faultsOfSettings } from '../../publishing/create-destination';
import type { PublishOptions } from './options';

/** Ids, and settings of the destinations that `only` and `skip` leave: told before anything is asked of the targets before. */
export function checkPublishOptions({ to, only, skip, name }: PublishOptions, environment: Readonly<Record<string, string | undefined>>): void {
  const named = nameDestinations(to);
  checkIds(named, { only, skip });
  const left = named.filter(({ id }) => (only.length === 0 || only.includes(id)) && !skip.includes(id));
  refuseFaults(faultsOfSettings(left, environment, name ?? ''));
}
