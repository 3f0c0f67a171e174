import { GITLAB_RUNNERS } from './pinned-actions';
import type { WorkflowRequest } from './render-workflow';
import type { SystemJob } from './workflow-facts';
import { BASE_IS_THERE } from './workflow-steps';

/** A job as lines of YAML below its name. */
type Lines = readonly string[];

const ALONE = '--excludeTaskDependencies --skipNxCache --output-style=static';
const BASE = '.waybill';
const TAG = '$CI_COMMIT_TAG';
const NOT_FOR_REQUESTS: Lines = ['rules:', `  - if: ${TAG}`, "  - if: $CI_PIPELINE_SOURCE == 'web'"];
const EVERYTHING: Lines = [...NOT_FOR_REQUESTS, "  - if: $CI_PIPELINE_SOURCE == 'merge_request_event'"];

export interface GitlabRequest extends WorkflowRequest {
  image?: string | undefined;
  /** Tags of the runners. */
  runner?: readonly string[] | undefined;
}

/**
 * The pipeline as text, to be included by `.gitlab-ci.yml`. Jobs stand in the stages that GitLab has by default and name what they need, so that it
 * goes with pipelines that are there already. The same targets give the same bytes.
 */
export function renderGitlab(request: GitlabRequest): string {
  const { facts, head } = request;
  const jobs: [string, Lines][] = [
    [BASE, baseLines(request)],
    ['select', selectLines(request)],
    ...facts.jobs.flatMap((job, index) => systemJobs(job, request, index > 0)),
    ...endJobs(request),
  ];
  return [...head.map((line) => `# ${line}`), ...jobs.flatMap(([id, lines]) => ['', `${id}:`, ...lines.map((line) => `  ${line}`)]), ''].join('\n');
}

function baseLines({ setup, image, runner = [], remoteCache = false }: GitlabRequest): Lines {
  return [
    `image: ${image ?? `node:${setup.node}-trixie`}`,
    ...(runner.length > 0 ? [`tags: [${runner.join(', ')}]`] : []),
    'variables:',
    "  GIT_DEPTH: '0'",
    '  GIT_FETCH_EXTRA_FLAGS: --prune --tags',
    'before_script:',
    '  # A release is made from its sources: no remote cache has a say in it. Variables of the project would win over those of a job.',
    ...(remoteCache ? ['  - cache_server="$NX_SELF_HOSTED_REMOTE_CACHE_SERVER"'] : []),
    '  - unset NX_SELF_HOSTED_REMOTE_CACHE_SERVER NX_SELF_HOSTED_REMOTE_CACHE_ACCESS_TOKEN',
    '  - export NX_DAEMON=false NX_NO_CLOUD=true',
    ...(image === undefined ? ['  - apt-get update -qq && apt-get install -qq -y --no-install-recommends python3-venv'] : []),
    ...setup.install.map((command) => `  - ${command}`),
  ];
}

/** Which projects: of a merge request those that it affects, of a tag `project@version` that one, else all. */
function selectLines({ setup }: WorkflowRequest): Lines {
  const select = [
    'case "$CI_PIPELINE_SOURCE $CI_COMMIT_TAG" in',
    `  merge_request_event*) base="$CI_MERGE_REQUEST_DIFF_BASE_SHA"; ${BASE_IS_THERE}; select="affected --base=$base --head=HEAD" ;;`,
    '  *@*) select="run-many --projects=${CI_COMMIT_TAG%@*}" ;;',
    '  *) select="run-many" ;;',
    'esac',
    'echo "SELECT=$select" > select.env',
  ];
  return [
    ...start('build', [], EVERYTHING),
    'script:',
    `  - ${setup.nx} sync:check`,
    '  - |',
    ...select.map((line) => `    ${line}`),
    'artifacts:',
    '  reports:',
    '    dotenv: select.env',
  ];
}

const start = (stage: string, needs: readonly string[], rules: Lines): Lines => [
  `extends: ${BASE}`,
  `stage: ${stage}`,
  `needs: [${needs.join(', ')}]`,
  ...rules,
];

/** `dist` is kept also when the job fails. What another machine made too (`build-wheel`) is taken from the first one alone. */
const stored = (days: number, without: readonly string[] = []): Lines => [
  'artifacts:',
  '  when: always',
  '  paths: [dist/]',
  ...(without.length > 0 ? [`  exclude: [${without.join(', ')}]`] : []),
  `  expire_in: ${days} days`,
];

const idOf = (stage: string, { platform }: SystemJob): string => `${stage}-${platform}`;
const lastJob = (job: SystemJob): string => idOf(job.sign.length > 0 ? 'sign' : 'package', job);
const reads = (names: readonly string[]): Lines => (names.length === 0 ? [] : [`# reads ${names.join(', ')}: protected, masked variables`]);

/** Only with its token, and never for a tag: what is read here goes into no release. */
const READS_CACHE: Lines = [
  '  - |',
  '    if [ "$CI_PIPELINE_SOURCE" = merge_request_event ] && [ -n "$NX_CACHE_READ_TOKEN" ]; then',
  '      export NX_SELF_HOSTED_REMOTE_CACHE_SERVER="$cache_server" NX_SELF_HOSTED_REMOTE_CACHE_ACCESS_TOKEN="$NX_CACHE_READ_TOKEN"',
  '    fi',
];

function systemJobs(job: SystemJob, { setup, facts, remoteCache = false }: WorkflowRequest, isFurther: boolean): [string, Lines][] {
  const tag = GITLAB_RUNNERS[job.platform];
  const runner = tag ? [`tags: [${tag}]`] : [];
  const shared = isFurther ? ['dist/**/build-wheel/**/*'] : [];
  const nx = (targets: readonly string[], options: string): string => `  - ${setup.nx} $SELECT -t ${targets.join(',')}${options}`;
  const built = idOf('package', job);
  const isLast = job.sign.length === 0;
  const packaging: Lines = [
    ...start('build', ['select'], EVERYTHING),
    ...runner,
    ...reads([...facts.version, ...facts.runtime]),
    'script:',
    ...(remoteCache ? READS_CACHE : []),
    nx(job.package, ' --dry-run --output-style=static'),
    nx(job.package, ' --output-style=static'),
    ...stored(isLast ? 90 : 7, isLast ? shared : []),
  ];
  if (isLast) return [[built, packaging]];
  const signing: Lines = [
    ...start('test', ['select', built], NOT_FOR_REQUESTS),
    ...runner,
    ...reads([...facts.version, ...job.secrets.sign]),
    'script:',
    nx(job.sign, ` ${ALONE}`),
    ...stored(90, shared),
  ];
  return [
    [built, packaging],
    [idOf('sign', job), signing],
  ];
}

/** Each stage is a job of its own: what one has stored is there when the next is run again. */
function endJobs({ setup, facts, environment }: WorkflowRequest): [string, Lines][] {
  const { ends, secrets, staging } = facts;
  const single = (stage: string, target: string, needs: readonly string[], variables: readonly string[], more: Lines = NOT_FOR_REQUESTS): Lines => [
    ...start(stage, ['select', ...needs], more),
    ...reads([...facts.version, ...variables]),
    'script:',
    `  - ${setup.nx} $SELECT -t ${target} ${ALONE}`,
    ...stored(90),
  ];
  const before = ends['sign-checksums'] ? 'sign-checksums' : 'checksum';
  const publish = (target: string, needs: string, rules: Lines): Lines =>
    single('deploy', target, [needs], secrets.publish, [...rules, ...tokens(facts.audiences)]);
  const stage = (id: string): Lines =>
    single('deploy', `publish --only=${id}`, [before], secrets.stage, [
      ...onTag('staging'),
      ...tokens(facts.audiences.filter((name) => facts.stagingTrusted && name === id)),
    ]);
  const published: [string, Lines][] =
    staging === undefined
      ? [['publish', publish('publish', before, approved(environment))]]
      : [
          ['stage', stage(staging)],
          ['promote', publish('publish', 'stage', approved(environment))],
        ];
  return [
    ...(ends.checksum ? [['checksum', single('test', 'checksum', facts.jobs.map(lastJob), [])] as [string, Lines]] : []),
    ...(ends['sign-checksums']
      ? [['sign-checksums', single('test', 'sign-checksums', ['checksum'], secrets['sign-checksums'])] as [string, Lines]]
      : []),
    ...(ends.publish ? published : []),
  ];
}

const onTag = (environment: string): Lines => ['rules:', `  - if: ${TAG}`, ...place(environment)];

/** Nothing goes out before somebody has started the job; a protected environment says who may. */
const approved = (environment: string): Lines => ['rules:', `  - if: ${TAG}`, '    when: manual', 'allow_failure: false', ...place(environment)];

const place = (environment: string): Lines => ['environment:', `  name: ${environment}`, `resource_group: ${environment}`];

/** By the names that the packaging tools read them by; for the indexes, and for who says of files who published them. */
const tokens = (audiences: readonly string[]): Lines =>
  audiences.length === 0
    ? []
    : ['id_tokens:', ...[...audiences, 'sigstore'].flatMap((name) => [`  ${name.toUpperCase()}_ID_TOKEN:`, `    aud: ${name}`])];
