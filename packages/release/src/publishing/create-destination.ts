import { Secret, WaybillError, type HttpClient, type LibraryTools } from '@waybill/core';
import type { UpstreamArtifact } from '@waybill/plugin-kit';
import type { Destination, DestinationType, IndexInstaller } from '@waybill/publishing';
import { publishErrors } from '../errors/publish-errors';
import type { DestinationOption } from '../executors/publish/destination-options';
import type { NamedDestination } from './choose-destinations';
import { isSet, readSecret, type Credential } from './read-secret';
import { checkIndexOption, makeIndexDestination } from './index/make-index-destination';
import { createFolderDestination } from './folder/folder-destination';
import { githubReleaseMaker, ociMaker, s3Maker } from './remote-makers';

/** What factories may need of the world. */
export interface DestinationWorld {
  workspaceRoot: string;
  /** Read-only in a dry run. Made at the first call: a folder needs none. */
  http(): HttpClient;
  /** Base name of the release. */
  name: string;
  /** What is published; empty when a release is taken back. */
  files: readonly UpstreamArtifact[];
  /** For what tools alone know. */
  tools: LibraryTools;
  /** Tries what an index gives; absent where nothing is published. */
  installer?: IndexInstaller;
  /** The caller's environment. */
  environment: Readonly<Record<string, string | undefined>>;
}

type OptionOf<Type extends DestinationType> = Extract<DestinationOption, { type: Type }>;

interface Maker<Option> {
  /** Variables that hold its credentials, with the option that names each. */
  credentials(option: Option): readonly Credential[];
  /** `secrets` are the values of `credentials`, in their order. */
  create(id: string, option: Option, world: DestinationWorld, secrets: readonly Secret[]): Destination | Promise<Destination>;
  /** Throws for settings that it can never be made of. Asks nobody. */
  check(id: string, option: Option, world: Pick<DestinationWorld, 'http' | 'environment' | 'name'>, secrets: readonly Secret[]): unknown;
}

/** By type: how a destination is made of its options. */
const MAKERS: { readonly [Type in DestinationOption['type']]: Maker<OptionOf<Type>> } = {
  folder: {
    credentials: () => [],
    check: () => undefined,
    create: (id, { path, simpleIndex }, { workspaceRoot }) => createFolderDestination({ id, path, simpleIndex, workspaceRoot }),
  },
  index: {
    credentials: ({ auth, tokenEnv, repositoryEnv }) => [
      ...(repositoryEnv === undefined ? [] : [{ option: 'repositoryEnv', variable: repositoryEnv, open: true as const }]),
      ...(auth === 'token' ? [{ option: 'tokenEnv', variable: tokenEnv }] : []),
    ],
    check: checkIndexOption,
    create: (id, option, world, secrets) => makeIndexDestination(id, option, world, option.auth === 'token' ? secrets.at(-1) : undefined),
  },
  s3: { ...s3Maker, check: s3Maker.create },
  oci: { ...ociMaker, check: ociMaker.create },
  'github-release': { ...githubReleaseMaker, check: githubReleaseMaker.create },
};

const makerOf = (option: DestinationOption): Maker<DestinationOption> => MAKERS[option.type] as unknown as Maker<DestinationOption>;

/** Variables that hold secrets, of all destinations. */
export const secretVariables = (options: readonly DestinationOption[]): readonly string[] =>
  options.flatMap((option) =>
    makerOf(option)
      .credentials(option)
      .filter(({ open }) => !open)
      .map(({ variable }) => variable),
  );

/** Credentials that are named and not there. */
export const missingCredentials = ({ option }: NamedDestination, { environment }: DestinationWorld): readonly Credential[] =>
  makerOf(option)
    .credentials(option)
    .filter((credential) => !isSet(credential, environment));

/** For a plan: variables that a destination reads, by name, and whether they are there. None for one that reads none. */
export function credentialLines({ id, option }: NamedDestination, { environment }: Pick<DestinationWorld, 'environment'>): readonly string[] {
  const said = makerOf(option)
    .credentials(option)
    .map((credential) => `${credential.variable} is ${isSet(credential, environment) ? 'set' : 'not set'}`);
  return said.length === 0 ? [] : [`credentials of ${id}: ${said.join(', ')}`];
}

const NEVER_ASKED: HttpClient = {
  readOnly: true,
  request: () => {
    throw new Error('a check of options sends nothing');
  },
};

/** Settings that no destination can be made of, of those that are known already: a variable that is not there says nothing yet. */
export function faultsOfSettings(
  named: readonly NamedDestination[],
  environment: DestinationWorld['environment'],
  name: string,
): readonly WaybillError[] {
  return named.flatMap(({ id, option }) => {
    const maker = makerOf(option);
    const credentials = maker.credentials(option);
    // a user belongs to the password, whatever the place
    const ofPlace = credentials.filter(({ open, option: name }) => open && name !== 'usernameEnv');
    if (!ofPlace.every((one) => isSet(one, environment))) return [];
    try {
      maker.check(
        id,
        option,
        { environment, name, http: () => NEVER_ASKED },
        credentials.map(() => new Secret('unknown')),
      );
      return [];
    } catch (cause) {
      return [faultOf(cause)];
    }
  });
}

/**
 * All that can be made, each at a place of its own, and why the others cannot (`PUBLISH_SAME_PLACE`, `PUBLISH_CREDENTIAL`, `PUBLISH_ADDRESS`, …): all
 * of it, so that it is told at once.
 */
export async function createDestinations(
  named: readonly NamedDestination[],
  world: DestinationWorld,
): Promise<{ destinations: readonly Destination[]; faults: readonly WaybillError[] }> {
  const ends = (await Promise.all(named.map((one) => createOne(one, world)))).flat();
  const destinations: Destination[] = [];
  const faults: WaybillError[] = [];
  for (const end of ends) {
    const twin = end instanceof WaybillError ? undefined : destinations.find(({ identity }) => identity === end.identity);
    if (end instanceof WaybillError) faults.push(end);
    else if (twin) faults.push(publishErrors.error('PUBLISH_SAME_PLACE', { one: twin.id, other: end.id, place: end.title }));
    else destinations.push(end);
  }
  return { destinations, faults };
}

async function createOne(one: NamedDestination, world: DestinationWorld): Promise<readonly (Destination | WaybillError)[]> {
  const missing = missingCredentials(one, world);
  if (missing.length === 0) return [await create(one, world).catch(faultOf)];
  return missing.map(({ option, variable }) => publishErrors.error('PUBLISH_CREDENTIAL', { id: one.id, option, variable }));
}

async function create({ id, option }: NamedDestination, world: DestinationWorld): Promise<Destination> {
  const maker = makerOf(option);
  const secrets = maker.credentials(option).map((credential) => readSecret(id, credential, world.environment));
  return maker.create(id, option, world, secrets);
}

function faultOf(cause: unknown): WaybillError {
  if (cause instanceof WaybillError) return cause;
  throw cause;
}
