/** The only file that other targets read to find anything. */
export const RECORD_FILE = 'artifacts.json';
/** What was checked, measured and decided; never an input of another target. */
export const REPORT_FILE = 'report.json';

/** Folder of a target, relative to the workspace: `dist/{projectRoot}/{target}` (a root project has no middle part). */
export function distFolder(projectRoot: string, target: string): string {
  return ['dist', ...projectRoot.split(/[\\/]/).filter((part) => part !== '' && part !== '.'), target].join('/');
}

/** The `outputs` line of a target in project.json. Nx has no token for the target's name, so it stands on each target. */
export function outputsLine(target: string): string {
  return `{workspaceRoot}/dist/{projectRoot}/${target}`;
}
