import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { cleanEnvironment, createTools, type Finding, type Processes } from '@waybill/core';
import { runGit, type NxGraph } from '@waybill/plugin-kit';
import { credentialRows, trustedPublishers } from './credentials';
import type { DoctorReport } from './doctor-report';
import { judgeGit, judgeTagsAtOnce, judgeVersions, judgeWorkflows } from './judge-surroundings';
import { judgeNpmUpdates, judgeSettings, type WorkspaceSettings } from './judge-settings';
import { judgeTargetDefaults } from './judge-target-defaults';
import { neededTools } from './needed-tools';
import { publishingJobs, type WorkflowFile } from './publishing-jobs';
import { readDistributions } from './read-distributions';

export interface DoctorWorld {
  root: string;
  graph: NxGraph;
  nxJson: WorkspaceSettings;
  processes: Processes;
  environment: Readonly<Record<string, string | undefined>>;
}

/** Looks at everything that a release needs and changes nothing. */
export async function runDoctor({ root, graph, nxJson, processes, environment }: DoctorWorld): Promise<DoctorReport> {
  const git = { processes, workspaceRoot: root, environment: cleanEnvironment(environment, []) };
  const search = { all: createTools({ processes, environment }), here: createTools({ processes, environment, lock: {} }) };
  const tools = await neededTools(graph, search);
  const packages = waybillPackages(root);
  const nx = versionOf(join(root, 'node_modules/nx'));
  const workflows = readWorkflows(root);
  const distributions = readDistributions(root, graph);
  const findings: Finding[] = [
    ...judgeVersions(nx, packages),
    ...judgeSettings(root, graph, nxJson),
    ...distributions.findings,
    ...judgeNpmUpdates(nxJson, nx),
    ...judgeTargetDefaults((nxJson as { targetDefaults?: unknown }).targetDefaults, graph),
    ...judgeWorkflows(workflows),
    ...judgeTagsAtOnce(workflows, nxJson.release ?? {}, graph),
    ...judgeGit({
      isRepository: (await runGit(git, ['rev-parse', '--is-inside-work-tree'])) === 'true',
      isShallow: (await runGit(git, ['rev-parse', '--is-shallow-repository'])) === 'true',
      hasTags: Boolean(await runGit(git, ['tag', '--list'])),
    }),
    ...tools.filter(({ found }) => found === undefined).map(missingTool),
  ];
  return {
    schema: 'waybill/doctor/1',
    verdict: findings.some(({ level }) => level === 'error') ? 'faults' : 'well',
    versions: { node: process.versions.node, ...(nx !== undefined && { nx }), ...packages },
    tools,
    credentials: credentialRows(graph, environment),
    trustedPublishers: trustedPublishers(
      graph,
      { origin: await runGit(git, ['remote', 'get-url', 'origin']), jobs: publishingJobs(workflows) },
      (projectRoot) => distributions.names.get(projectRoot),
    ),
    findings,
  };
}

const missingTool = ({ tool, needed, install, for: user }: DoctorReport['tools'][number]): Finding => ({
  check: 'tool',
  level: 'error',
  message: `\`${tool}\`, which ${user} needs, is missing or does not fit`,
  expected: needed,
  fix: `install it: \`${install}\``,
});

function versionOf(folder: string): string | undefined {
  const path = join(folder, 'package.json');
  return existsSync(path) ? (JSON.parse(readFileSync(path, 'utf8')) as { version?: string }).version : undefined;
}

function waybillPackages(root: string): Readonly<Record<string, string>> {
  const scope = join(root, 'node_modules/@waybill');
  const names = existsSync(scope) ? readdirSync(scope).sort() : [];
  return Object.fromEntries(
    names.flatMap((name) => [versionOf(join(scope, name))].flatMap((version) => (version === undefined ? [] : [[`@waybill/${name}`, version]]))),
  );
}

function readWorkflows(root: string): readonly WorkflowFile[] {
  const folder = '.github/workflows';
  const names = existsSync(join(root, folder)) ? readdirSync(join(root, folder)).filter((name) => /\.ya?ml$/.test(name)) : [];
  const paths = [...names.map((name) => `${folder}/${name}`), ...['.gitlab-ci.yml'].filter((path) => existsSync(join(root, path)))];
  return paths.map((path) => ({ path, text: readFileSync(join(root, path), 'utf8') }));
}
