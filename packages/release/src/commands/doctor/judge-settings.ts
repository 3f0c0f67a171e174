import { posix } from 'node:path';
import { STAGES, type StageRow } from '@waybill/artifacts';
import { WaybillError, type Finding } from '@waybill/core';
import { checkCacheSettings, type NxGraph, type NxJson, type NxTarget } from '@waybill/plugin-kit';
import { earlyReleases } from '../../publishing/early-releases';

/** nx.json, as far as it can undo a release. */
export interface WorkspaceSettings extends NxJson {
  plugins?: readonly (string | { plugin?: string })[];
  pluginsConfig?: Readonly<Record<string, unknown>>;
}

/** Settings of Nx that would undo a signature, publish too early or make a dry run real. */
export function judgeSettings(root: string, graph: NxGraph, nxJson: WorkspaceSettings): readonly Finding[] {
  return [
    ...judgePlugin(nxJson),
    ...judgeCreateRelease(nxJson),
    ...judgeCaching(root, graph, nxJson),
    ...judgeOutputs(graph),
    ...judgeNxPublish(graph),
  ];
}

/**
 * Nx takes an update of any npm package for a change of every project, unless it is told to look which package it was. Nx 22 cannot look
 * into the lock files of npm and yarn: there an update would select nothing.
 */
export function judgeNpmUpdates({ pluginsConfig = {} }: WorkspaceSettings, nx = ''): readonly Finding[] {
  if (Number.parseInt(nx, 10) < 23) return [];
  const setting = pluginsConfig['@nx/js'] as { projectsAffectedByDependencyUpdates?: unknown } | undefined;
  if (setting?.projectsAffectedByDependencyUpdates !== undefined) return [];
  const line = '"pluginsConfig": { "@nx/js": { "projectsAffectedByDependencyUpdates": "auto" } }';
  return [
    {
      check: 'npm-updates',
      level: 'info',
      path: 'nx.json',
      message: 'an update of any npm package makes `nx affected -t release` select every project',
      fix: `to select what uses the package alone, set \`${line}\``,
    },
  ];
}

const isOurs = ({ executor }: NxTarget): boolean => executor?.startsWith('@waybill/') ?? false;

function judgePlugin({ plugins = [] }: WorkspaceSettings): readonly Finding[] {
  if (plugins.some((entry) => (typeof entry === 'string' ? entry : entry.plugin) === '@waybill/release')) return [];
  const message = 'the plugin is not named in nx.json: a dry run would make everything before the named target for real';
  return [
    {
      check: 'plugin-entry',
      level: 'error',
      path: 'nx.json',
      message,
      expected: '`plugins` holds `@waybill/release`',
      fix: 'run `npx nx g @waybill/release:init`',
    },
  ];
}

/** Nx would make the release public before its files exist. */
const judgeCreateRelease = ({ release = {} }: WorkspaceSettings): readonly Finding[] =>
  earlyReleases(release).map(({ place, value }) => ({
    check: 'create-release',
    level: 'error',
    path: 'nx.json',
    message: `\`${place}\` makes a release public before its files exist`,
    expected: '`false`',
    actual: `\`${JSON.stringify(value)}\``,
    fix: `set \`${place}\` to \`false\`: publish makes the release, with the files`,
  }));

/** What the executors would refuse when they run: a cached effect, a dry run that a real run could hit, outputs elsewhere. */
function judgeCaching(root: string, projectGraph: NxGraph, nxJsonConfiguration: NxJson): readonly Finding[] {
  return Object.values(projectGraph.nodes).flatMap(({ name: project, data }) =>
    Object.entries(data.targets ?? {}).flatMap(([target, settings]) => {
      const row = rowOf(target, settings);
      if (!row) return [];
      try {
        checkCacheSettings({ root, projectGraph, nxJsonConfiguration }, { project, target }, row);
        return [];
      } catch (error) {
        if (!(error instanceof WaybillError)) throw error;
        const { code, message, fix } = error;
        return [{ check: code, level: 'error' as const, path: `${project}:${target}`, message, fix }];
      }
    }),
  );
}

/** The stage of a target: by its executor, and by its name where several stages share one. */
export function rowOf(target: string, { executor }: NxTarget): StageRow | undefined {
  const rows = STAGES.filter((row) => row.executor === executor && executor !== 'nx:noop');
  const named = rows
    .filter(({ stage }) => target === stage || target.startsWith(`${stage}-`))
    .sort((one, other) => other.stage.length - one.stage.length);
  return named[0] ?? rows[0];
}

interface OutputFolder {
  run: string;
  /** Relative to the workspace; of a pattern what stands before its first wild card. */
  path: string;
  ours: boolean;
}

/** One target's outputs inside of another's: a cache hit of the outer one puts the old files back over the new. */
function judgeOutputs(graph: NxGraph): readonly Finding[] {
  const folders = outputFolders(graph);
  const open: OutputFolder[] = [];
  return folders.flatMap((folder) => {
    while (open.length > 0 && !isInside(folder.path, open.at(-1)!.path)) open.pop();
    const outer = open.filter(({ run, ours }) => run !== folder.run && (ours || folder.ours));
    open.push(folder);
    return outer.map(({ run, path }) => ({
      check: 'overlapping-outputs',
      level: 'error' as const,
      path: folder.run,
      message: `\`${folder.run}\` and \`${run}\` write to one folder: what one restores from the cache undoes the other`,
      expected: 'a folder for each target, none inside of another',
      actual: `\`${folder.path}\` in \`${path}\``,
      fix: `give \`${run}\` other \`outputs\``,
    }));
  });
}

const isInside = (path: string, folder: string): boolean => path === folder || path.startsWith(`${folder}/`);

function outputFolders({ nodes }: NxGraph): OutputFolder[] {
  const all = Object.values(nodes).flatMap(({ name, data }) =>
    Object.entries(data.targets ?? {}).flatMap(([target, settings]) =>
      (settings.outputs ?? [])
        .filter((output) => !output.includes('{options.') && !output.startsWith('!'))
        .map((output) => ({ run: `${name}:${target}`, path: folderOf(output, data.root), ours: isOurs(settings) })),
    ),
  );
  const key = ({ path }: OutputFolder): string => path.replaceAll('/', '\0');
  return all.filter(({ path }) => path !== '').sort((one, other) => (key(one) < key(other) ? -1 : key(one) > key(other) ? 1 : 0));
}

/** `''` for the workspace itself, and where a pattern says nothing of a folder. */
function folderOf(output: string, root: string): string {
  const path = output
    .replace(/^\{workspaceRoot\}\/?/, '')
    .replaceAll('{projectRoot}', root)
    .replace(/\/?[^/]*[*{[].*$/, '');
  return posix.normalize(path).replace(/\/$/, '').replace(/^\.$/, '');
}

/** `nx release publish` takes npm's for every project with a public package.json, unless the target says otherwise. */
function judgeNxPublish({ nodes }: NxGraph): readonly Finding[] {
  return Object.values(nodes).flatMap(({ name, data }) => {
    const { publish, 'nx-release-publish': nxPublish } = data.targets ?? {};
    if (!publish || !isOurs(publish) || !nxPublish || isOurs(nxPublish)) return [];
    const message = '`nx release publish` would publish this project to npm';
    return [
      { check: 'nx-release-publish', level: 'error' as const, path: name, message, fix: `run \`npx nx g @waybill/release:release-targets ${name}\`` },
    ];
  });
}
