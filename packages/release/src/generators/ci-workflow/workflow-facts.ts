import { MAIN_PLATFORMS, RUNNERS } from './pinned-actions';
import { destinationId } from '../../publishing/choose-destinations';
import { workflowErrors } from './workflow-errors';

/** A target as project.json has it. */
export interface NamedTarget {
  executor?: string | undefined;
  options?: unknown;
}

export type Projects = ReadonlyMap<string, { targets?: Readonly<Record<string, NamedTarget>> | undefined }>;

/** What runs on one machine, by stage: names of targets, and of the variables that they read. */
export interface SystemJob {
  platform: string;
  runner: string;
  package: readonly string[];
  sign: readonly string[];
  notarize: readonly string[];
  smokeSigned: readonly string[];
  secrets: { sign: readonly string[]; notarize: readonly string[] };
}

export interface WorkflowFacts {
  /** Linux first, which is also where the records of all come together. */
  jobs: readonly SystemJob[];
  /** Names of variables that targets read, by stage. */
  secrets: { 'sign-checksums': readonly string[]; publish: readonly string[]; stage: readonly string[] };
  /** Variables that say where the interpreter comes from. */
  runtime: readonly string[];
  /** Variables that hold the version. */
  version: readonly string[];
  /** Types of destinations. */
  destinations: readonly string[];
  /** A destination takes the token of the workflow itself. */
  trusted: boolean;
  /** For whom: `pypi`, `testpypi`. */
  audiences: readonly string[];
  /** Stages behind the machines, that at least one project has. */
  ends: { checksum: boolean; 'sign-checksums': boolean; publish: boolean };
  /** Destination that every project fills before the others: the first of several indexes, where all call it the same. */
  staging?: string;
  /** It takes the token of the workflow itself. */
  stagingTrusted: boolean;
}

type Targets = readonly (readonly [name: string, target: NamedTarget])[];
type Stage = 'package' | 'sign' | 'notarize' | 'smokeSigned';

const STAGE_OF: Readonly<Record<string, Stage>> = {
  'build-wheel': 'package',
  'prepare-runtime': 'package',
  package: 'package',
  smoke: 'package',
  sign: 'sign',
  notarize: 'notarize',
  'smoke-signed': 'smokeSigned',
};
const TARGET = /^(build-wheel|prepare-runtime|package|smoke|sign|notarize|smoke-signed)-(linux|macos|windows)(?:-(.+))?$/;

const NOTARIZE = '@waybill/signing:notarize';

/** Variables that the executor of a stage reads where its target names no other one. */
const DEFAULT_SECRETS: readonly (readonly [executor: string, byOption: Readonly<Record<string, string>>])[] = [
  ['@waybill/signing:sign', { certificateEnv: 'MACOS_CERT_P12', passwordEnv: 'MACOS_CERT_PASSWORD' }],
  [NOTARIZE, { keyEnv: 'APPLE_API_KEY', keyIdEnv: 'APPLE_API_KEY_ID', issuerEnv: 'APPLE_API_ISSUER' }],
];
const S3_SECRETS = ['R2_ACCESS_KEY_ID', 'R2_BUCKET', 'R2_ENDPOINT', 'R2_SECRET_ACCESS_KEY'];

/** What a workflow has to do, from the targets of all projects. `GRAPH_WORKFLOW_NOTHING`, `GRAPH_WORKFLOW_PLATFORM`. */
export function workflowFacts(projects: Projects, runners: Readonly<Record<string, string>> = RUNNERS): WorkflowFacts {
  const targets = [...projects.values()].flatMap(({ targets: named = {} }) =>
    Object.entries(named).filter(([, { executor }]) => executor?.startsWith('@waybill/')),
  );
  if (targets.length === 0) throw workflowErrors.error('GRAPH_WORKFLOW_NOTHING', {});
  const destinations = targets.flatMap(([name, target]) => publishedTo(name, target));
  const staging = stagingOf(targets);
  const staged = destinations.filter((destination) => staging !== undefined && destinationId(destination) === staging);
  const variables = (name: string): readonly string[] => secretsOfTargets(targets, [name]);
  const has = (name: string): boolean => targets.some(([target]) => target === name);
  const packaging = targets.filter(([name]) => /^(package|prepare-runtime)-/.test(name)).map(([, { options }]) => options);
  return {
    jobs: jobsOf(targets, runners),
    secrets: {
      'sign-checksums': variables('sign-checksums'),
      publish: sorted([...variables('publish'), ...destinations.flatMap(destinationVariables)]),
      stage: sorted(staged.flatMap((destination) => [...variablesOf(destination), ...destinationVariables(destination)])),
    },
    runtime: sorted(packaging.flatMap((options) => variablesOf((options as { runtime?: unknown } | undefined)?.runtime))),
    version: sorted(targets.flatMap(([, { options }]) => textAt(options, 'versionEnv'))),
    destinations: sorted(destinations.map(({ type }) => String(type))),
    trusted: destinations.some(({ auth }) => auth === 'trusted'),
    audiences: sorted(destinations.filter(({ auth }) => auth === 'trusted').map(destinationId)).filter((name) => /^(test)?pypi$/.test(name)),
    ends: { checksum: has('checksum'), 'sign-checksums': has('sign-checksums'), publish: has('publish') },
    ...(staging !== undefined && { staging }),
    stagingTrusted: staged.some(({ auth }) => auth === 'trusted'),
  };
}

/** An index before others holds them back until it shows every file. One command for all projects can name it only where all have it. */
export function stagingOf(targets: Targets): string | undefined {
  const firsts = targets
    .filter(([name]) => name === 'publish')
    .map(([, target]) => destinationsOf(target).filter(({ type }) => type === 'index'))
    .map(([first, ...others]) => (first && others.length > 0 ? destinationId(first) : undefined));
  const [staging] = firsts;
  return firsts.every((id) => id === staging) ? staging : undefined;
}

/** Variables that each of our targets reads, by the target's name: its credentials, not what says versions. */
export const variablesByTarget = (
  targets: Readonly<Record<string, NamedTarget>>,
): readonly (readonly [target: string, variables: readonly string[]])[] =>
  Object.entries(targets)
    .filter(([, { executor }]) => executor?.startsWith('@waybill/'))
    .map(([name, target]) => [name, sorted([...secretsOf(target), ...publishedTo(name, target).flatMap(destinationVariables)])]);

/** Credentials of a destination that names none itself (options of `publish`). */
function destinationVariables({ type, tokenEnv, auth }: Destination): readonly string[] {
  if (type === 's3') return S3_SECRETS;
  const hasToken = typeof tokenEnv === 'string' || auth === 'none' || auth === 'trusted';
  return type === 'index' && !hasToken ? ['PYPI_TOKEN'] : [];
}

/** Variables that the targets of these names read, in all projects. */
const secretsOfTargets = (targets: Targets, names: readonly string[]): readonly string[] =>
  sorted(targets.filter(([name]) => names.includes(name)).flatMap(([, target]) => secretsOf(target)));

/** The keychain holds the credentials of its profiles, and what is skipped asks nobody: a key beside them would be refused, or read by none. */
function secretsOf(target: NamedTarget): readonly string[] {
  const isAsked = ['skip', 'keychainProfile'].every((option) => textAt(target.options, option).length === 0);
  return target.executor === NOTARIZE && !isAsked ? [] : [...variablesOf(target.options), ...defaultsFor(target)];
}

function jobsOf(targets: Targets, runners: Readonly<Record<string, string>>): readonly SystemJob[] {
  const found = new Map<string, Record<Stage, Set<string>>>();
  for (const [name, { options }] of targets) {
    const [, stage, os, arch] = TARGET.exec(name) ?? [];
    if (stage === undefined || os === undefined) continue;
    const platform = arch !== undefined ? `${os}-${arch}` : (textAt(options, 'platform')[0] ?? MAIN_PLATFORMS[os]!);
    if (runners[platform] === undefined)
      throw workflowErrors.error('GRAPH_WORKFLOW_PLATFORM', { platform, target: name, known: Object.keys(runners) });
    const job = found.get(platform) ?? { package: new Set(), sign: new Set(), notarize: new Set(), smokeSigned: new Set() };
    found.set(platform, job);
    job[STAGE_OF[stage]!].add(name);
  }
  const hasWheels = targets.some(([name]) => name === 'build-wheel');
  if (found.size === 0) found.set(MAIN_PLATFORMS['linux']!, { package: new Set(), sign: new Set(), notarize: new Set(), smokeSigned: new Set() });
  const main = MAIN_PLATFORMS['linux']!;
  const platforms = [...found.keys()].sort((one, other) => Number(other === main) - Number(one === main) || (one < other ? -1 : 1));
  return platforms.map((platform, index) => {
    const job = found.get(platform)!;
    const names = (stage: Stage): readonly string[] => [...job[stage]].sort();
    const wheels = hasWheels && index === 0 ? ['build-wheel'] : [];
    return {
      platform,
      runner: runners[platform]!,
      package: [...wheels, ...names('package')],
      sign: names('sign'),
      notarize: names('notarize'),
      smokeSigned: names('smokeSigned'),
      secrets: { sign: secretsOfTargets(targets, names('sign')), notarize: secretsOfTargets(targets, names('notarize')) },
    };
  });
}

interface Destination {
  id?: unknown;
  repository?: unknown;
  type?: unknown;
  auth?: unknown;
  tokenEnv?: unknown;
}

const publishedTo = (name: string, target: NamedTarget): readonly Destination[] => (name === 'publish' ? destinationsOf(target) : []);

function destinationsOf({ options }: NamedTarget): readonly Destination[] {
  const to: unknown = (options as { to?: unknown } | undefined)?.to;
  return Array.isArray(to) ? (to as Destination[]) : [];
}

/** Values of all options that name a variable: their names end with `Env`. */
function variablesOf(value: unknown): readonly string[] {
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, inner]) =>
    typeof inner === 'string' ? (/[a-z0-9]Env$/.test(key) && key !== 'versionEnv' ? [inner] : []) : variablesOf(inner),
  );
}

/**
 * As the executors do: `sign` has a usual name for the key of Apple alone, and ad-hoc signatures need none; a certificate or key that is named has no
 * password but one that is named too; all else is named one by one.
 */
function defaultsFor({ executor, options }: NamedTarget): readonly string[] {
  const [, byOption = {}] = DEFAULT_SECRETS.find(([name]) => name === executor) ?? [];
  if ('certificateEnv' in byOption) {
    const { adHoc } = (options ?? {}) as { adHoc?: unknown };
    if (adHoc === true || textAt(options, 'backend')[0] !== 'apple') return [];
    if (['certificateEnv', 'keyEnv', 'identityEnv'].some((option) => textAt(options, option).length > 0)) return [];
  }
  return Object.entries(byOption).flatMap(([option, variable]) => (textAt(options, option).length > 0 ? [] : [variable]));
}

const textAt = (options: unknown, key: string): readonly string[] => {
  const value = (options as Record<string, unknown> | undefined)?.[key];
  return typeof value === 'string' ? [value] : [];
};

const sorted = (names: readonly string[]): readonly string[] => [...new Set(names)].sort();
