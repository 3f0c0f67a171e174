/** Where releases are published from, as an index has to know it. */
export interface PublishingJobs {
  /** As the index names it: GitHub's by the name of the file alone. */
  workflow: string;
  /** Environment of each job by the job's name. */
  environments: ReadonlyMap<string, string>;
}

/** `path` relative to the workspace. */
export interface WorkflowFile {
  path: string;
  text: string;
}

/** GitLab's pipeline where the workspace has no workflow of GitHub for releases. */
export function publishingJobs(files: readonly WorkflowFile[]): PublishingJobs | undefined {
  const github = files.find(({ path }) => path === '.github/workflows/release.yml');
  if (github) return { workflow: 'release.yml', environments: environmentsIn(github.text, /^ {2}([\w-]+):\s*$/, /^ {4}environment: (\S+)\s*$/) };
  const gitlab = files.find(({ path }) => path === '.gitlab-ci.yml');
  return gitlab && { workflow: '.gitlab-ci.yml', environments: environmentsIn(gitlab.text, /^([\w-]+):\s*$/, /^ {4}name: (\S+)\s*$/) };
}

function environmentsIn(text: string, jobLine: RegExp, environmentLine: RegExp): ReadonlyMap<string, string> {
  const found = new Map<string, string>();
  let job: string | undefined;
  for (const line of text.split('\n')) {
    job = jobLine.exec(line)?.[1] ?? job;
    const environment = environmentLine.exec(line)?.[1];
    if (job !== undefined && environment !== undefined && !found.has(job)) found.set(job, environment);
  }
  return found;
}

/** Environment of the job that publishes there: where an index is staged, its own job does, and the promoting one everything else. */
export const environmentOf = ({ environments }: PublishingJobs, isStaged: boolean): string | undefined =>
  (isStaged ? environments.get('stage') : undefined) ?? environments.get('promote') ?? environments.get('publish');
