import type { Channel } from '@waybill/publishing';
import { publishErrors } from '../errors/publish-errors';
import type { DestinationOption } from '../executors/publish/destination-options';

/** A destination of the options, with the name that it goes by. */
export interface NamedDestination {
  id: string;
  /** Open to others: bound to a tag, a clean tree, a signature. */
  remote: boolean;
  option: DestinationOption;
}

export interface Routing {
  only: readonly string[];
  skip: readonly string[];
  skipReason?: string | undefined;
  channel: Channel;
  requireTag: boolean;
  /** At HEAD. */
  tag?: string | undefined;
  /** A tag of this version that stands for another commit. */
  elsewhere?: { tag: string; commit: string } | undefined;
}

export interface Routed {
  chosen: readonly NamedDestination[];
  skipped: readonly { id: string; reason: string }[];
}

/** Ids of all destinations; two of one name are `PUBLISH_ID_TWICE`. */
export function nameDestinations(options: readonly DestinationOption[]): readonly NamedDestination[] {
  const named = options.map((option) => ({ id: destinationId(option), remote: option.type !== 'folder', option }));
  const twice = named.find(({ id }, index) => named.findIndex((one) => one.id === id) !== index);
  if (twice) throw publishErrors.error('PUBLISH_ID_TWICE', { id: twice.id });
  return named;
}

/** The id of a destination, as it stands in project.json; by default its repository, where that is a name, or its type. */
export const destinationId = ({ id, type, repository }: { id?: unknown; type?: unknown; repository?: unknown }): string =>
  typeof id === 'string' ? id : type === 'index' && /^(pypi|testpypi)$/.test(String(repository)) ? String(repository) : String(type);

/** Which destinations this run is for, and why not the others. Pure. */
export function routeDestinations(named: readonly NamedDestination[], routing: Routing): Routed {
  checkIds(named, routing);
  const reasons = named.map((destination) => reasonAgainst(destination, routing));
  return {
    chosen: named.filter((_, index) => reasons[index] === undefined),
    skipped: named.flatMap(({ id }, index) => (reasons[index] === undefined ? [] : [{ id, reason: reasons[index] }])),
  };
}

export function checkIds(named: readonly { id: string }[], { only, skip }: Pick<Routing, 'only' | 'skip'>): void {
  const known = named.map(({ id }) => id);
  for (const [option, ids] of [['only', only] as const, ['skip', skip] as const]) {
    const unknown = ids.find((id) => !known.includes(id));
    if (unknown !== undefined) throw publishErrors.error('PUBLISH_ID_UNKNOWN', { option, id: unknown, known });
  }
}

function reasonAgainst({ id, remote, option }: NamedDestination, { only, skip, skipReason, channel, ...tagged }: Routing): string | undefined {
  if (only.length > 0 && !only.includes(id)) return 'left out by `only`';
  if (skip.includes(id)) return `left out by \`skip\`${skipReason === undefined ? '' : `: ${skipReason}`}`;
  if (!option.channels.includes(channel)) return `takes ${option.channels.join(', ')}, this is ${channel}`;
  return remote ? reasonOfTag(tagged) : undefined;
}

function reasonOfTag({ requireTag, tag, elsewhere }: Pick<Routing, 'requireTag' | 'tag' | 'elsewhere'>): string | undefined {
  if (!requireTag || tag !== undefined) return undefined;
  return elsewhere === undefined ? 'no release tag' : `no release tag here: ${elsewhere.tag} stands for commit ${elsewhere.commit.slice(0, 12)}`;
}
