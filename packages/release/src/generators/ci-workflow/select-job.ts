import type { WorkflowRequest } from './render-workflow';
import { BASE_IS_THERE, runStep, setupSteps, type Job } from './workflow-steps';

/**
 * Which projects: of a pull request those that it affects, of a branch those that changed since its last green push (a push that failed, or that a newer
 * one pushed aside, is looked at again), of a tag `project@version` that one, else all.
 */
export function selectJob({ setup, branches = [] }: WorkflowRequest): Job {
  const ofBranches = [
    '  "push refs/heads/"*)',
    `    base="$(gh run list --workflow=release.yml --branch="$GITHUB_REF_NAME" --event=push --status=success --limit=1 --json=headSha --jq='.[0].headSha // ""')"`,
    '    select="run-many"',
    '    if [ -n "$base" ] && git merge-base --is-ancestor "$base" HEAD; then select="affected --base=$base --head=HEAD"; fi ;;',
  ];
  const select = [
    'case "$GITHUB_EVENT_NAME $GITHUB_REF" in',
    `  pull_request*) base="origin/$GITHUB_BASE_REF"; ${BASE_IS_THERE}; select="affected --base=$base --head=HEAD" ;;`,
    ...(branches.length > 0 ? ofBranches : []),
    '  *refs/tags/*@*) tag="${GITHUB_REF#refs/tags/}"; select="run-many --projects=${tag%@*}" ;;',
    '  *) select="run-many" ;;',
    'esac',
    'echo "select=$select" >> "$GITHUB_OUTPUT"',
  ];
  const asks = branches.length > 0;
  return {
    id: 'select',
    lines: [
      'runs-on: ubuntu-24.04',
      ...(asks ? ['permissions:', '  contents: read', '  actions: read'] : []),
      'outputs:',
      '  select: ${{ steps.select.outputs.select }}',
    ],
    steps: [
      ...setupSteps(setup),
      runStep('This workflow is up to date', [`${setup.nx} sync:check`]),
      runStep('Which projects', select, { id: 'select', ...(asks && { env: { GH_TOKEN: '${{ github.token }}' } }) }),
    ],
  };
}
