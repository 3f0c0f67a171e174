import type { NxGraph, NxTarget } from '@waybill/plugin-kit';
import { stagingOf, variablesByTarget } from '../../generators/ci-workflow/workflow-facts';
import { destinationId } from '../../publishing/choose-destinations';
import type { CredentialRow, TrustedPublisher } from './doctor-report';
import { environmentOf, type PublishingJobs } from './publishing-jobs';

type Variables = Readonly<Record<string, string | undefined>>;

/** Variables that targets read, by name only. */
export function credentialRows({ nodes }: NxGraph, variables: Variables): readonly CredentialRow[] {
  const users = new Map<string, Set<string>>();
  for (const { name: project, data } of Object.values(nodes)) {
    for (const [target, names] of variablesByTarget(data.targets ?? {})) {
      for (const name of names) users.set(name, (users.get(name) ?? new Set()).add(`${project}:${target}`));
    }
  }
  return [...users.keys()].sort().map((name) => ({ name, for: [...users.get(name)!].sort(), present: Boolean(variables[name]) }));
}

export interface RepositoryFacts {
  /** Address of `origin`, when there is one. */
  origin?: string | undefined;
  /** Absent: nothing publishes yet. */
  jobs?: PublishingJobs | undefined;
}

/** What to enter at each index whose destination has `auth: trusted`. Where a field is not known it says so. */
export function trustedPublishers(
  { nodes }: NxGraph,
  { origin, jobs }: RepositoryFacts,
  distributionOf: (root: string) => string | undefined,
): readonly TrustedPublisher[] {
  const { owner, repository } = placeOf(origin, jobs?.workflow === '.gitlab-ci.yml');
  const projects = Object.values(nodes);
  const staging = stagingOf(projects.flatMap(({ data }) => Object.entries(data.targets ?? {}).filter(([, target]) => isOurs(target))));
  return projects.flatMap(({ name, data }) =>
    destinationsOf(data.targets?.['publish']?.options)
      .filter(({ type, auth }) => type === 'index' && auth === 'trusted')
      .map((destination) => ({
        index: typeof destination.repository === 'string' ? destination.repository : `the index in ${String(destination.repositoryEnv)}`,
        project: distributionOf(data.root) ?? name,
        owner,
        repository,
        workflow: jobs?.workflow ?? 'release.yml',
        environment: (jobs && environmentOf(jobs, destinationId(destination) === staging)) ?? '(none: run `npx nx g @waybill/release:ci-workflow`)',
      })),
  );
}

const UNKNOWN = '(unknown: no `origin`)';

/** GitHub has an owner and a repository; a group of GitLab may stand in others: all of them are its namespace. */
function placeOf(origin: string | undefined, isGitlab: boolean): { owner: string; repository: string } {
  const [, path = ''] = /^(?:\w+:\/\/[^/]+\/|[^/]+?:)(.+?)(?:\.git)?\/?$/.exec(origin ?? '') ?? [];
  const [, owner = UNKNOWN, repository = UNKNOWN] = (isGitlab ? /^(.+)\/([^/]+)$/ : /([^/]+)\/([^/]+)$/).exec(path) ?? [];
  return { owner, repository };
}

const isOurs = ({ executor }: NxTarget): boolean => executor?.startsWith('@waybill/') ?? false;

interface Destination {
  type?: unknown;
  auth?: unknown;
  repository?: unknown;
  repositoryEnv?: unknown;
  id?: unknown;
}

const destinationsOf = (options: unknown): readonly Destination[] => {
  const to: unknown = (options as { to?: unknown } | undefined)?.to;
  return Array.isArray(to) ? (to as Destination[]) : [];
};
