import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { cleanEnvironment, createTools, type Finding, type Processes } from '@waybill/core';
import { runGit, type NxGraph } from '@waybill/plugin-kit';
import { parse } from 'smol-toml';
import { credentialRows, trustedPublishers } from './credentials';
import type { DoctorReport } from './doctor-report';
import { judgeGit, judgeVersions, judgeWorkflows } from './judge-surroundings';
import { judgeNpmUpdates, judgeSettings, type WorkspaceSettings } from './judge-settings';
import { judgeTargetDefaults } from './judge-target-defaults';
import { neededTools } from './needed-tools';

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
  // The last one publishes; before it an index may be staged in another.
  const environmentName = [...(workflows.find(({ path }) => path.endsWith('/release.yml'))?.text ?? '').matchAll(/^ {4}environment: (\S+)$/gm)].at(
    -1,
  )?.[1];
  const findings: Finding[] = [
    ...judgeVersions(nx, packages),
    ...judgeSettings(root, graph, nxJson),
    ...judgeNpmUpdates(nxJson, nx),
    ...judgeTargetDefaults((nxJson as { targetDefaults?: unknown }).targetDefaults, graph),
    ...judgeWorkflows(workflows),
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
      { origin: await runGit(git, ['remote', 'get-url', 'origin']), environment: environmentName },
      (projectRoot) => distributionOf(join(root, projectRoot)),
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

function readWorkflows(root: string): readonly { path: string; text: string }[] {
  const folder = '.github/workflows';
  const names = existsSync(join(root, folder)) ? readdirSync(join(root, folder)) : [];
  return names
    .filter((name) => /\.ya?ml$/.test(name))
    .map((name) => ({ path: `${folder}/${name}`, text: readFileSync(join(root, folder, name), 'utf8') }));
}

function distributionOf(folder: string): string | undefined {
  const path = join(folder, 'pyproject.toml');
  const project = existsSync(path) ? (parse(readFileSync(path, 'utf8'))['project'] as { name?: unknown } | undefined) : undefined;
  return typeof project?.name === 'string' ? project.name : undefined;
}
