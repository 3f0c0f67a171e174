import { MAIN_PLATFORMS } from './pinned-actions';
import type { WorkflowRequest } from './render-workflow';
import type { SystemJob } from './workflow-facts';
import { runStep, type Step } from './workflow-steps';

/**
 * With its token alone: GitHub gives none to requests of forks, and those run on the machine of the job. One that only reads is enough for agents: Nx Cloud
 * keeps what they make apart, for that branch.
 */
const DISTRIBUTES = "github.event_name == 'pull_request' && secrets.NX_CLOUD_READ_TOKEN != ''";

const usesAgents = ({ platform }: SystemJob, { agents }: WorkflowRequest): boolean => agents !== undefined && platform === MAIN_PLATFORMS['linux'];

/** For one command alone, that of packaging and proofs: every other has Nx Cloud switched off, so that nothing which reads a key, or leaves the house, runs elsewhere. */
export const agentVariables = (job: SystemJob, request: WorkflowRequest): Readonly<Record<string, string>> =>
  usesAgents(job, request)
    ? {
        NX_NO_CLOUD: `\${{ !(${DISTRIBUTES}) }}`,
        NX_CLOUD_ACCESS_TOKEN: `\${{ ${DISTRIBUTES} && secrets.NX_CLOUD_READ_TOKEN || '' }}`,
      }
    : {};

export function agentSteps(job: SystemJob, request: WorkflowRequest): readonly Step[] {
  if (!usesAgents(job, request)) return [];
  const start = `${request.setup.nx}-cloud start-ci-run --distribute-on="${request.agents!}" --stop-agents-after=${job.package.join(',')}`;
  return [runStep('Agents of Nx Cloud', [`if [ "$NX_NO_CLOUD" = false ]; then ${start}; fi`], { env: agentVariables(job, request) })];
}
