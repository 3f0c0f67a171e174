import { normaliseDistribution } from '@waybill/artifacts';
import type { Secret } from '@waybill/core';
import { readDistributionName, type Destination, type IndexConfig } from '@waybill/publishing';
import { publishErrors } from '../../errors/publish-errors';
import type { DestinationOption } from '../../executors/publish/destination-options';
import type { DestinationWorld } from '../create-destination';
import { createIndexDestination } from '../remote-destinations';
import { findPublicIndex, isPublicName, publicIndexAt, publishPredicate } from './public-index';
import { readDistributionMetadata } from './read-distribution-metadata';

export type IndexOption = Extract<DestinationOption, { type: 'index' }>;

/** An index by its name or address. */
export async function makeIndexDestination(
  id: string,
  option: IndexOption,
  world: DestinationWorld,
  password: Secret | undefined,
): Promise<Destination> {
  const repository = checkIndexOption(id, option, world);
  const place = await findPlace(id, option, repository, world);
  return createIndexDestination({
    id,
    ...place,
    projects: projectsOf(option, world),
    ...(password && { login: { user: option.user, password } }),
    ...(option.auth === 'trusted' && { trusted: world.environment }),
    ...(option.attestations === 'auto' && { attestations: { predicateType: () => publishPredicate(world.tools) } }),
    ...(option.install && world.installer && { installer: world.installer }),
    ...(option.fileLimitMib !== undefined && { fileLimitMib: option.fileLimitMib }),
    http: world.http(),
    metadataOf: (file) => readDistributionMetadata(world.files.find(({ name }) => name === file.name)!),
    nowMs: () => Date.now(),
  });
}

/** Its repository. Throws for one that can be no index, and for an address that is none. */
export function checkIndexOption(id: string, option: IndexOption, world: Pick<DestinationWorld, 'environment'>): string {
  const repository = repositoryOf(id, option, world);
  if (namesGithubPackages(repository)) throw publishErrors.error('PUBLISH_NO_REGISTRY', { id });
  if (!isPublicName(repository)) addressesOf(id, option, repository);
  return repository;
}

type Place = Pick<IndexConfig, 'uploadUrl' | 'simpleUrl' | 'publicName'>;

async function findPlace(id: string, option: IndexOption, repository: string, { tools }: DestinationWorld): Promise<Place> {
  if (isPublicName(repository)) return findPublicIndex(repository, tools);
  const addresses = addressesOf(id, option, repository);
  return (await publicIndexAt(addresses.uploadUrl, tools)) ?? addresses;
}

/** By its name, or by one of the hosts that its other registries have (npm, Maven, containers). */
function namesGithubPackages(repository: string): boolean {
  if (/^github[-_ ]?packages$/i.test(repository)) return true;
  const labels = URL.canParse(repository) ? new URL(repository).hostname.split('.') : [];
  return labels.includes('ghcr') || (labels.includes('pkg') && labels.includes('github'));
}

function repositoryOf(id: string, { repository, repositoryEnv = '' }: IndexOption, { environment }: Pick<DestinationWorld, 'environment'>): string {
  const found = repository ?? environment[repositoryEnv]?.trim();
  if (!found) throw publishErrors.error('PUBLISH_CREDENTIAL', { id, option: 'repositoryEnv', variable: repositoryEnv });
  return found;
}

function addressesOf(id: string, option: IndexOption, repository: string): { uploadUrl: string; simpleUrl: string } {
  const where = option.repositoryEnv === undefined ? 'repository' : 'repositoryEnv';
  if (!/^https?:\/\//.test(repository) || !URL.canParse(repository)) {
    // a value of a variable may hold credentials
    const actual = option.repositoryEnv === undefined ? `\`${repository}\`` : `what the variable ${option.repositoryEnv} holds`;
    throw publishErrors.error('PUBLISH_ADDRESS', { id, option: where, actual });
  }
  const base = repository.replace(/\/*$/, '/');
  if (!URL.canParse(option.simple, base)) throw publishErrors.error('PUBLISH_ADDRESS', { id, option: 'simple', actual: `\`${option.simple}\`` });
  return { uploadUrl: repository, simpleUrl: new URL(option.simple, base).href.replace(/\/*$/, '/') };
}

/** Names of the wheels and sdists that are published; where none is at hand, what the option says, or the project. */
function projectsOf({ project }: IndexOption, { files, name }: DestinationWorld): readonly string[] {
  const named = files.filter(({ kind }) => kind === 'wheel' || kind === 'sdist').flatMap((file) => readDistributionName(file.name)?.project ?? []);
  return named.length > 0 ? [...new Set(named)].sort() : [normaliseDistribution(project ?? name)];
}
