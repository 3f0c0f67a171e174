import type { WorkflowFacts } from './workflow-facts';

/** Every tag that can name a version: it has at least two numbers. Others start nothing. */
const RELEASE_TAGS = '**[0-9].[0-9]**';

/** What starts the workflow, and what those ask who start it by hand. */
export function triggers({ version, runtime }: WorkflowFacts, branches: readonly string[] = []): readonly string[] {
  const input = (name: string, description: string): readonly string[] => [
    `      ${name}:`,
    `        description: ${description}`,
    '        type: string',
    '        required: false',
  ];
  const inputs = [
    ...version.flatMap((name) => input(name.toLowerCase(), `Version of the release (variable ${name})`)),
    ...runtime.flatMap((name) => input(name.toLowerCase(), `Where the interpreter comes from (variable ${name})`)),
  ];
  return [
    'on:',
    '  pull_request:',
    '  push:',
    ...(branches.length > 0 ? ['    branches:', ...branches.map((name) => `      - '${name}'`)] : []),
    '    tags:',
    `      - '${RELEASE_TAGS}'`,
    '  workflow_dispatch:',
    ...(inputs.length > 0 ? ['    inputs:', ...inputs] : []),
  ];
}

/** What holds for all jobs. */
export const settings = (): readonly string[] => [
  'permissions:',
  '  contents: read',
  '',
  'concurrency:',
  '  group: ${{ github.workflow }}-${{ github.ref }}',
  "  cancel-in-progress: ${{ github.event_name == 'pull_request' }}",
  '',
  '# A release is made from its sources: no remote cache has a say in it.',
  'env:',
  '  NX_DAEMON: false',
  '  NX_NO_CLOUD: true',
  "  NX_SELF_HOSTED_REMOTE_CACHE_SERVER: ''",
];
