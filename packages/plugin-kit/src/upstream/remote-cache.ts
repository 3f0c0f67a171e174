import type { NxJson } from '../nx-context';

/** Keys of nx.json by which Nx's own plugins keep results in a bucket or share. */
const CACHE_PLUGINS = ['s3', 'gcs', 'azure', 'sharedFs'];
const OWN_RUNNERS = new Set(['nx/tasks-runners/default', 'nx/tasks-runners/default-tasks-runner', '@nx/workspace/tasks-runners/default']);

/**
 * What makes Nx take results of other machines, or `undefined`. An executor is not told where a result came from; it can see whether any
 * could have come from elsewhere.
 */
export function findRemoteCache(nxJson: NxJson | undefined, variables: Readonly<Record<string, string | undefined>>): string | undefined {
  if (variables['NX_SELF_HOSTED_REMOTE_CACHE_SERVER']) return 'the variable NX_SELF_HOSTED_REMOTE_CACHE_SERVER';
  const key = CACHE_PLUGINS.find((name) => nxJson !== undefined && Object.hasOwn(nxJson, name));
  if (key !== undefined) return `\`${key}\` in nx.json`;
  const runner = Object.values(nxJson?.tasksRunnerOptions ?? {}).find((options) => options?.runner !== undefined && !OWN_RUNNERS.has(options.runner));
  if (runner) return `the runner \`${runner.runner!}\` in nx.json`;
  if (nxJson?.neverConnectToCloud || variables['NX_NO_CLOUD'] === 'true') return undefined;
  if (variables['NX_CLOUD_ACCESS_TOKEN'] || variables['NX_CLOUD_AUTH_TOKEN']) return 'the variable NX_CLOUD_ACCESS_TOKEN';
  return nxJson?.nxCloudId || nxJson?.nxCloudAccessToken ? '`nxCloudId` in nx.json' : undefined;
}
