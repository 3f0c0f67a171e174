import type { Claims } from '@waybill/signatures';

/** What a publisher is compared with: GitHub’s claims, then GitLab’s. */
const SHOWN = [
  'sub',
  'repository',
  'repository_owner',
  'repository_owner_id',
  'job_workflow_ref',
  'workflow_ref',
  'namespace_path',
  'project_path',
  'ci_config_ref_uri',
  'ref',
  'environment',
];

/** Claims for people, a line each. An environment that is not there is said to be missing: it is what is forgotten most often. */
export const claimLines = (claims: Claims): readonly string[] => [
  ...SHOWN.flatMap((name) => (typeof claims[name] === 'string' && claims[name] !== '' ? [`${name}: ${claims[name]}`] : [])),
  ...(typeof claims['environment'] === 'string' && claims['environment'] !== '' ? [] : ['environment: (none)']),
];

/** Whether a job of GitHub comes from a reusable workflow, which indexes take for a workflow of its own, or not at all. */
export function reusableWorkflow({ job_workflow_ref: job, workflow_ref: workflow }: Claims): string | undefined {
  return typeof job === 'string' && typeof workflow === 'string' && job !== workflow ? job : undefined;
}
