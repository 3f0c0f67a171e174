import type { NxGraph } from '@waybill/plugin-kit';
import { variablesByTarget } from '../../generators/ci-workflow/workflow-facts';
import type { CredentialRow, TrustedPublisher } from './doctor-report';

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
  /** Environment of the job that publishes, when the workflow is there. */
  environment?: string | undefined;
}

/** What to enter at each index whose destination has `auth: trusted`. Where a field is not known it says so. */
export function trustedPublishers(
  { nodes }: NxGraph,
  { origin, environment }: RepositoryFacts,
  distributionOf: (root: string) => string | undefined,
): readonly TrustedPublisher[] {
  const [, owner = '(unknown: no `origin`)', repository = '(unknown: no `origin`)'] = /[:/]([^/:]+)\/([^/]+?)(?:\.git)?\/?$/.exec(origin ?? '') ?? [];
  return Object.values(nodes).flatMap(({ name, data }) =>
    destinationsOf(data.targets?.['publish']?.options)
      .filter(({ type, auth }) => type === 'index' && auth === 'trusted')
      .map((destination) => ({
        index: String(destination.repository ?? 'pypi'),
        project: distributionOf(data.root) ?? name,
        owner,
        repository,
        workflow: 'release.yml',
        environment: environment ?? '(none: run `npx nx g @waybill/release:ci-workflow`)',
      })),
  );
}

interface Destination {
  type?: unknown;
  auth?: unknown;
  repository?: unknown;
}

const destinationsOf = (options: unknown): readonly Destination[] => {
  const to: unknown = (options as { to?: unknown } | undefined)?.to;
  return Array.isArray(to) ? (to as Destination[]) : [];
};
