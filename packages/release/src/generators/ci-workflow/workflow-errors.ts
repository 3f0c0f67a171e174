import { defineCatalog } from '@waybill/core';

/** What the generator of workflows refuses. Nothing is written then. */
export const workflowErrors = defineCatalog({
  GRAPH_WORKFLOW_NOTHING: (_: Record<string, never>) => ({
    message: 'No project of the workspace has targets of a release',
    fix: 'give one some: `npx nx g @waybill/release:release-targets <project>`',
  }),
  GRAPH_WORKFLOW_LOCK: (a: { looked: readonly string[] }) => ({
    message: 'The workspace has no lock file of its packages, and CI must install what was locked',
    details: [`expected one of ${a.looked.map((file) => `\`${file}\``).join(', ')}`, 'actual none'],
    fix: 'run `npm install` in the root and commit `package-lock.json`',
  }),
  GRAPH_WORKFLOW_IMAGE: (a: { asked: string }) => ({
    message: 'The image that GitLab’s jobs run in by default has not the Python of this workspace',
    details: [`expected ${a.asked}`, 'actual Python 3.13 of Debian in `node:24-trixie`'],
    fix: 'name an image with Node.js, git and that Python: `npx nx g @waybill/release:ci-workflow --provider=gitlab --image=registry.example.org/ci:1`',
  }),
  GRAPH_WORKFLOW_PLATFORM: (a: { platform: string; target: string; known: readonly string[] }) => ({
    message: `No hosted runner is known for \`${a.platform}\`, which \`${a.target}\` needs`,
    details: [`expected one of ${a.known.join(', ')}`, `actual ${a.platform}`],
    fix: `take \`${a.target}\` out of the project, or write a workflow for it by hand`,
  }),
  GRAPH_WORKFLOW_FOREIGN: (a: { path: string }) => ({
    message: `\`${a.path}\` is there and was not written by this generator`,
    fix: `move it to another name in its folder, and run the generator again`,
  }),
  GRAPH_WORKFLOW_DRIFT: (a: { path: string; provider: string; differences: readonly string[] }) => ({
    message: `\`${a.path}\` is not what the targets of the workspace ask for`,
    details: a.differences,
    fix: `write it again: \`npx nx g @waybill/release:ci-workflow --provider=${a.provider}\``,
  }),
});
