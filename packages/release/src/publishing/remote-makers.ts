import type { Secret } from '@waybill/core';
import type { Destination } from '@waybill/publishing';
import type { z } from 'zod';
import type { githubReleaseOption, ociOption, s3Option } from '../executors/publish/remote-options';
import type { DestinationWorld } from './create-destination';
import type { Credential } from './read-secret';
import { createGithubReleaseDestination, createOciDestination, createS3Destination } from './remote-destinations';

type S3Option = z.output<typeof s3Option>;
type OciOption = z.output<typeof ociOption>;
type GithubOption = z.output<typeof githubReleaseOption>;
type World = Pick<DestinationWorld, 'http' | 'environment' | 'name'>;

/** A name or address is no secret: its variable is needed, and its value may be shown. */
const open = (option: string, variable: string): Credential => ({ option, variable, open: true });
const valueOf = ({ environment }: World, variable: string): string | undefined => environment[variable]?.trim() || undefined;

export const s3Maker = {
  credentials: (option: S3Option): readonly Credential[] => [
    { option: 'accessKeyIdEnv', variable: option.accessKeyIdEnv },
    { option: 'secretAccessKeyEnv', variable: option.secretAccessKeyEnv },
    ...(option.sessionTokenEnv === undefined ? [] : [{ option: 'sessionTokenEnv', variable: option.sessionTokenEnv }]),
    ...(option.bucket === undefined ? [open('bucketEnv', option.bucketEnv)] : []),
    ...(option.endpoint === undefined ? [open('endpointEnv', option.endpointEnv)] : []),
  ],
  create: (id: string, option: S3Option, world: World, [accessKeyId, secretAccessKey, third]: readonly Secret[]): Destination => {
    const endpoint = option.endpoint ?? valueOf(world, option.endpointEnv);
    return createS3Destination({
      ...{ id, http: world.http(), bucket: option.bucket ?? valueOf(world, option.bucketEnv) ?? '', prefix: option.prefix, latest: option.latest },
      ...{ accessKeyId: accessKeyId!, secretAccessKey: secretAccessKey! },
      ...(option.sessionTokenEnv !== undefined && { sessionToken: third! }),
      ...(endpoint !== undefined && endpoint !== 'aws' && { endpoint }),
      ...(option.region !== undefined && { region: option.region }),
      ...(option.publicUrl !== undefined && { publicUrl: option.publicUrl }),
    });
  },
};

export const ociMaker = {
  credentials: ({ auth, usernameEnv, passwordEnv, repositoryEnv }: OciOption): readonly Credential[] => [
    ...(auth === 'none' ? [] : [{ option: 'passwordEnv', variable: passwordEnv }, open('usernameEnv', usernameEnv)]),
    ...(repositoryEnv === undefined ? [] : [open('repositoryEnv', repositoryEnv)]),
  ],
  create: (id: string, option: OciOption, world: World, [password, username]: readonly Secret[]): Destination => {
    const { auth, latest, repositoryEnv } = option;
    const repository = option.repository ?? valueOf(world, repositoryEnv!) ?? '';
    const credentials = auth === 'none' ? undefined : { username: username!.reveal(), password: password! };
    return createOciDestination({ id, http: world.http(), repository, latest, ...(credentials && { credentials }) });
  },
};

const REPOSITORY = 'GITHUB_REPOSITORY';

export const githubReleaseMaker = {
  credentials: ({ tokenEnv, repository }: GithubOption): readonly Credential[] => [
    { option: 'tokenEnv', variable: tokenEnv },
    ...(repository === undefined ? [open('repository', REPOSITORY)] : []),
  ],
  create: (id: string, option: GithubOption, world: World, [token]: readonly Secret[]): Destination => {
    const apiUrl = option.apiUrl ?? valueOf(world, 'GITHUB_API_URL');
    const repository = option.repository ?? valueOf(world, REPOSITORY) ?? '';
    const sharedWith = option.sharedWith.filter((other) => other !== world.name);
    return createGithubReleaseDestination({ id, http: world.http(), repository, token: token!, sharedWith, ...(apiUrl !== undefined && { apiUrl }) });
  },
};
