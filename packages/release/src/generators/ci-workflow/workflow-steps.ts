import { ACTIONS } from './pinned-actions';

/** How the workspace is set up on a machine. */
export interface Setup {
  node: string;
  /** A line of `with:` of setup-python. */
  python: string;
  /** Commands that install the packages of the workspace. */
  install: readonly string[];
  /** How Nx is started: `npx nx`. */
  nx: string;
}

/** Lines of one step, not indented. */
export type Step = readonly string[];

export interface Job {
  id: string;
  lines: readonly string[];
  steps: readonly Step[];
}

const withLines = (name: string, uses: string, options: readonly string[]): Step => [
  `- name: ${name}`,
  `  uses: ${uses}`,
  '  with:',
  ...options.map((line) => `    ${line}`),
];

export const setupSteps = (setup: Setup): readonly Step[] => [
  withLines('Check out with all history and tags', ACTIONS.checkout, ['fetch-depth: 0', 'persist-credentials: false']),
  withLines('Node.js', ACTIONS.setupNode, [`node-version: ${setup.node}`, 'package-manager-cache: false']),
  withLines('Python', ACTIONS.setupPython, [setup.python]),
  runStep('Packages of the workspace', setup.install),
];

export interface Run {
  /** Variables by name; expressions of GitHub as they are. */
  env?: Readonly<Record<string, string>>;
  if?: string;
  id?: string;
}

/** A step of the shell. What comes from outside reaches it by variables, never by text. */
export function runStep(name: string, commands: readonly string[], { env = {}, if: condition, id }: Run = {}): Step {
  const variables = Object.entries(env);
  return [
    `- name: ${name}`,
    ...(id === undefined ? [] : [`  id: ${id}`]),
    ...(condition === undefined ? [] : [`  if: ${condition}`]),
    '  shell: bash',
    ...(variables.length === 0 ? [] : ['  env:', ...variables.map(([key, value]) => `    ${key}: ${value}`)]),
    '  run: |',
    ...commands.map((line) => `    ${line}`),
  ];
}

/** Stores `dist` under a name, also when what came before has failed; a second attempt takes its place. */
export const storeStep = (name: string): Step => [
  `- name: Store ${name}`,
  '  if: ${{ !cancelled() }}',
  `  uses: ${ACTIONS.upload}`,
  '  with:',
  `    name: ${name}`,
  '    path: dist',
  '    overwrite: true',
  '    if-no-files-found: ignore',
  "    retention-days: ${{ startsWith(github.ref, 'refs/tags/') && 90 || 7 }}",
];

/** Fails when there is none. */
export const fetchStep = (name: string): Step => withLines(`Fetch ${name}`, ACTIONS.download, [`name: ${name}`, 'path: dist']);

/** What an earlier attempt of this job stored: what is signed is not signed again. Nothing is no failure. */
export const resumeStep = (name: string): Step =>
  withLines('Take up an earlier attempt', ACTIONS.download, [`pattern: ${name}`, 'path: dist', 'merge-multiple: true']);

/** Nx takes a base that is not there for one without changes, and ends well. */
export const BASE_IS_THERE = 'git rev-parse --verify --quiet "$base^{commit}" > /dev/null || { echo "the base $base is not in this clone"; exit 1; }';

export const secretsOf = (names: readonly string[]): Readonly<Record<string, string>> =>
  Object.fromEntries(names.map((name) => [name, name === 'GITHUB_TOKEN' ? '${{ github.token }}' : `\${{ secrets.${name} }}`]));
