import { agentSteps, agentVariables } from './agents-of-nx-cloud';
import { selectJob } from './select-job';
import type { SystemJob, WorkflowFacts } from './workflow-facts';
import { settings, triggers } from './workflow-head';
import { fetchStep, resumeStep, runStep, secretsOf, setupSteps, storeStep, type Job, type Setup, type Step } from './workflow-steps';

export interface WorkflowRequest {
  facts: WorkflowFacts;
  setup: Setup;
  environment: string;
  /** First lines, without `#`. */
  head: readonly string[];
  /** Requests to merge may read a self-hosted remote cache. */
  remoteCache?: boolean | undefined;
  /** Branches whose pushes are packaged and proved. */
  branches?: readonly string[] | undefined;
  /** What `--distribute-on` of Nx Cloud takes, for pull requests. */
  agents?: string | undefined;
}

/** For tags and for runs that somebody starts: neither pull requests nor branches reach what reads a key. */
const FOR_RELEASES = "if: ${{ github.event_name == 'workflow_dispatch' || startsWith(github.ref, 'refs/tags/') }}";
/** Tasks of earlier jobs are not run again, and nothing that stands in `dist` is taken from a cache in their place. */
const ALONE = '--excludeTaskDependencies --skipNxCache --output-style=static';

/** Where keys are read. Whoever moves the secrets into it can bind them to release tags. */
const SIGNING = 'environment: signing';

/** The workflow as text. The same targets give the same bytes. */
export function renderWorkflow(request: WorkflowRequest): string {
  const jobs = [selectJob(request), ...request.facts.jobs.flatMap((job) => systemJobs(job, request)), ...endJobs(request)];
  return [
    ...request.head.map((line) => `# ${line}`),
    'name: release',
    '',
    ...triggers(request.facts, request.branches),
    '',
    ...settings(),
    '',
    'jobs:',
    ...jobs.flatMap(jobLines),
    '',
  ].join('\n');
}

/** Only with its token: to requests of forks and of Dependabot GitHub gives none, and a server that refuses a request fails a run. */
const READS_CACHE = "github.event_name == 'pull_request' && secrets.NX_CACHE_READ_TOKEN != ''";

/** Whoever can write to a cache decides what a release is made of: what is read here goes into no release, and nothing is written. */
const cacheVariables = ({ remoteCache = false }: WorkflowRequest): Readonly<Record<string, string>> =>
  remoteCache
    ? {
        NX_SELF_HOSTED_REMOTE_CACHE_SERVER: `\${{ ${READS_CACHE} && vars.NX_SELF_HOSTED_REMOTE_CACHE_SERVER || '' }}`,
        NX_SELF_HOSTED_REMOTE_CACHE_ACCESS_TOKEN: `\${{ ${READS_CACHE} && secrets.NX_CACHE_READ_TOKEN || '' }}`,
      }
    : {};

const idOf = (stage: string, { platform }: SystemJob): string => `${stage}-${platform}`;
const SELECT = { SELECT: '${{ needs.select.outputs.select }}' };

/** Package and proof without a secret, also for pull requests; what signs is a job of its own that starts from what the first stored. */
function systemJobs(job: SystemJob, request: WorkflowRequest): readonly Job[] {
  const { facts, setup } = request;
  const nx = (targets: readonly string[], options = ''): string => `${setup.nx} $SELECT -t ${targets.join(',')}${options} --output-style=static`;
  const alone = (targets: readonly string[]): string => `${setup.nx} $SELECT -t ${targets.join(',')} ${ALONE}`;
  const built = idOf('package', job);
  const env = { ...SELECT, ...variables(facts), ...cacheVariables(request) };
  const packaging: Job = {
    id: built,
    lines: ['needs: select', `runs-on: ${job.runner}`],
    steps: [
      ...setupSteps(setup),
      ...proofSteps(job, job.package),
      runStep('Plan', [nx(job.package, ' --dry-run')], { env }),
      ...agentSteps(job, request),
      runStep('Package and prove', [nx(job.package)], { env: { ...env, ...agentVariables(job, request) } }),
      storeStep(built),
    ],
  };
  if (job.sign.length === 0) return [packaging];
  const signed = idOf('sign', job);
  const stage = (name: string, targets: readonly string[], secrets: readonly string[]): readonly Step[] =>
    targets.length === 0
      ? []
      : [runStep(name, [alone(targets)], { env: { ...SELECT, ...versionVariables(facts), ...secretsOf(secrets) } }), storeStep(signed)];
  const signing: Job = {
    id: signed,
    lines: [`needs: [select, ${built}]`, FOR_RELEASES, `runs-on: ${job.runner}`, SIGNING],
    steps: [
      ...setupSteps(setup),
      ...proofSteps(job, job.smokeSigned),
      fetchStep(built),
      resumeStep(signed),
      ...stage('Sign', job.sign, job.secrets.sign),
      ...stage('Notarize', job.notarize, job.secrets.notarize),
      ...stage('Prove what was signed', job.smokeSigned, []),
    ],
  };
  return [packaging, signing];
}

/** Ubuntu's AppArmor keeps ordinary users from the namespaces in which the proof hides the machine. */
const proofSteps = ({ platform }: SystemJob, targets: readonly string[]): readonly Step[] =>
  platform.startsWith('linux-') && targets.some((target) => target.startsWith('smoke-'))
    ? [
        runStep('Let the proof hide this machine from the bundle', [
          'setting=kernel.apparmor_restrict_unprivileged_userns',
          'if [ -e "/proc/sys/${setting//./\\/}" ]; then sudo sysctl -q -w "$setting=0"; fi',
        ]),
      ]
    : [];

const lastJob = (job: SystemJob): string => idOf(job.sign.length > 0 ? 'sign' : 'package', job);

/** Where all machines come together, and what leaves the house; a stage that no project has is left out. */
function endJobs(request: WorkflowRequest): readonly Job[] {
  const { ends, staging } = request.facts;
  const publishing = ends.publish && staging !== undefined ? [stageJob(request, staging), publishJob(request, 'promote', 'stage')] : [];
  return [
    ...(ends.checksum ? [checksumJob(request)] : []),
    ...(ends.publish && staging === undefined ? [publishJob(request, 'publish', 'checksum')] : publishing),
  ];
}

/** The first one last: of folders that several have (`build-wheel`) its are the ones that count. */
function checksumJob({ facts, setup }: WorkflowRequest): Job {
  const run = (name: string, target: string, secrets: readonly string[]): readonly Step[] => [
    runStep(name, [`${setup.nx} $SELECT -t ${target} ${ALONE}`], { env: { ...SELECT, ...versionVariables(facts), ...secretsOf(secrets) } }),
    storeStep('checksum'),
  ];
  return {
    id: 'checksum',
    lines: [
      `needs: [select, ${facts.jobs.map(lastJob).join(', ')}]`,
      FOR_RELEASES,
      'runs-on: ubuntu-24.04',
      ...(facts.ends['sign-checksums'] ? [SIGNING] : []),
    ],
    steps: [
      ...setupSteps(setup),
      ...[...facts.jobs].reverse().map((job) => fetchStep(lastJob(job))),
      resumeStep('checksum'),
      ...run('Sum', 'checksum', []),
      ...(facts.ends['sign-checksums'] ? run('Sign the sums', 'sign-checksums', facts.secrets['sign-checksums']) : []),
    ],
  };
}

/** Into the index that comes before the others, in an environment of its own: what it refuses uses up no name elsewhere. */
const stageJob = (request: WorkflowRequest, staging: string): Job =>
  publishJob({ ...request, environment: 'staging' }, 'stage', 'checksum', ` --only=${staging}`);

/** Behind the approval of the environment. A tag alone publishes. */
function publishJob({ facts, setup, environment }: WorkflowRequest, id: 'publish' | 'stage' | 'promote', before: string, options = ''): Job {
  const has = (type: string): boolean => facts.destinations.includes(type) && id !== 'stage';
  const isStage = id === 'stage';
  const tokens = {
    ...secretsOf(facts.secrets[isStage ? 'stage' : 'publish']),
    ...(has('github-release') || has('oci') ? secretsOf(['GITHUB_TOKEN']) : {}),
  };
  return {
    id,
    lines: [
      `needs: [select, ${before}]`,
      "if: ${{ startsWith(github.ref, 'refs/tags/') }}",
      'runs-on: ubuntu-24.04',
      `environment: ${environment}`,
      'concurrency:',
      `  group: ${id}-\${{ github.ref }}`,
      '  cancel-in-progress: false',
      'permissions:',
      `  contents: ${has('github-release') ? 'write' : 'read'}`,
      ...(has('oci') ? ['  packages: write'] : []),
      ...((isStage ? facts.stagingTrusted : facts.trusted) ? ['  id-token: write'] : []),
    ],
    steps: [
      ...setupSteps(setup),
      fetchStep(before),
      resumeStep(id),
      runStep(NAMES[id], [`${setup.nx} $SELECT -t publish${options} ${ALONE}`], { env: { ...SELECT, ...versionVariables(facts), ...tokens } }),
      storeStep(id),
    ],
  };
}

const NAMES = { publish: 'Publish', stage: 'Stage', promote: 'Promote' } as const;

const inputOf = (name: string): string => `\${{ inputs.${name.toLowerCase()} || vars.${name} }}`;
const versionVariables = ({ version }: WorkflowFacts): Readonly<Record<string, string>> =>
  Object.fromEntries(version.map((name) => [name, inputOf(name)]));
const variables = (facts: WorkflowFacts): Readonly<Record<string, string>> => ({
  ...versionVariables(facts),
  ...Object.fromEntries(facts.runtime.map((name) => [name, inputOf(name)])),
});

const jobLines = ({ id, lines, steps }: Job): readonly string[] => [
  `  ${id}:`,
  ...lines.map((line) => `    ${line}`),
  '    steps:',
  ...steps.flat().map((line) => `      ${line}`),
];
