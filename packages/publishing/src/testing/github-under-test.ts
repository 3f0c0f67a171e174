import { Secret } from '@waybill/core';
import type { Destination } from '../destination';
import { createGithubReleaseDestination } from '../destinations/github-release/create-github-destination';
import type { GithubConfig } from '../destinations/github-release/github-config';
import { testClient } from './release-files';
import type { GithubStandIn } from './stand-ins';

/** The destination as a user of the stand-in has it who may publish there. */
export const githubUnderTest = (hub: GithubStandIn, config: Partial<GithubConfig> = {}): Destination =>
  createGithubReleaseDestination({
    ...{
      id: 'github',
      http: testClient(),
      repository: hub.repository,
      token: new Secret(hub.token),
      apiUrl: hub.apiUrl,
      pause: async () => undefined,
      ...config,
    },
  });
