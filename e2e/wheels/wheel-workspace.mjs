/** Projects of the wheel tests in a workspace: written, built by one run of Nx for all of them, and read back. */
import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { gitIn } from '../../tools/run-command.mjs';
import { nx, readJson } from '../workspace.mjs';

/** Folder of the workspace that holds them. */
export const PLACE = 'wheels';
const TARGET = 'build-wheel';
const EXECUTOR = '@waybill/python:build-wheel';

/** What Nx calls the project, and its folder's name. */
export const nameOf = (id) => `w-${id.toLowerCase().replace(/[^a-z0-9]+/g, '-')}`;

/** `inputs` stand beside those that the workspace gives the executor: files that options name outside of the project. */
const BUILD_WHEEL = (root, project, options, inputs) => ({
  executor: EXECUTOR,
  dependsOn: ['^build-wheel'],
  outputs: [`{workspaceRoot}/dist/${project}/${TARGET}`],
  ...(inputs.length > 0 && { inputs: [...readJson(root, 'nx.json').targetDefaults[EXECUTOR].inputs, ...inputs] }),
  // what they see of the caller's environment is no input here
  ...(options.passEnv && { cache: false }),
  options,
});

/** Writes a project. @returns {Promise<{name: string, project: string, folder: string}>} `project`: its folder in the workspace, `folder`: absolute */
export async function writeProject(root, id, { files, folder: below = '', tag, options = {}, inputs = [], prepare }) {
  const name = nameOf(id);
  const top = join(root, PLACE, name);
  const folder = join(top, below);
  const project = [PLACE, name, below].filter(Boolean).join('/');
  rmSync(top, { recursive: true, force: true });
  for (const [path, text] of Object.entries(files)) write(join(top, path), text);
  const place = { name, project, folder };
  const given = Object.entries(options).map(([key, value]) => [key, typeof value === 'function' ? value(place) : value]);
  const target = BUILD_WHEEL(root, project, Object.fromEntries(given), inputs);
  write(join(folder, 'project.json'), JSON.stringify({ name, projectType: 'library', targets: { [TARGET]: target } }, null, 2));
  await prepare?.(place);
  if (tag !== undefined) await commit(top, tag);
  return place;
}

function write(path, text) {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, text);
}

/** A git repository of its own, with a tag unless that is empty. */
async function commit(folder, tag) {
  const git = gitIn(folder);
  await git('init', '--quiet');
  await git('add', '--all');
  await git('commit', '--quiet', '--message', 'all there is');
  if (tag !== '') await git('tag', tag);
}

/** Builds all the projects, two at a time; failures are for the caller to judge. */
export const buildAll = (root, names, env = {}, more = []) =>
  nx(root, ['run-many', '-t', TARGET, '-p', names.join(','), '--parallel=2', '--skip-nx-cache', '--output-style=static', ...more], env);

/** What a build left in dist: report and record where they are, and the names of all other files. */
export function resultOf(root, project) {
  const folder = join(root, 'dist', project, TARGET);
  const files = existsSync(folder) ? readdirSync(folder).sort() : [];
  const read = (file) => (files.includes(file) ? readJson(folder, file) : undefined);
  return {
    folder,
    report: read('report.json'),
    record: read('artifacts.json'),
    made: files.filter((file) => file !== 'report.json' && file !== 'artifacts.json'),
  };
}

export const errorsOf = (report) => (report?.findings ?? []).filter(({ level }) => level === 'error');

/** Asserts what the installation test tried: modules and the files that they came from, programs, and that the distribution itself was there. */
export function assertInstalled({ report, record }, { imports, commands = [] }) {
  const { installed } = report.report;
  assert.deepEqual([...installed.imports].sort(), [...imports].sort());
  // a module may put another one of the wheel in its place
  const paths = imports.map((module) => module.replaceAll('.', '/')).join('|');
  for (const module of imports) {
    const files = installed.files[module] ?? [];
    assert.ok(files.length > 0, `${module} came from nowhere: ${JSON.stringify(installed)}`);
    for (const file of files) assert.match(file, new RegExp(`^(lib|lib64)/python3\\.\\d+/site-packages/(${paths})([./]|$)`));
  }
  assert.deepEqual([...installed.commands].sort(), [...commands].sort());
  const wheel = record.artifacts.find(({ kind }) => kind === 'wheel').name.split('-');
  const plain = (name) => name.toLowerCase().replace(/[-_.]+/g, '-');
  const there = installed.installed.map((line) => line.split(' ')).some(([name, version]) => plain(name) === plain(wheel[0]) && version === wheel[1]);
  assert.ok(there, `${wheel.join('-')} is not among ${installed.installed.join(', ')}`);
}

export const digestsOf = (record) => record.artifacts.map(({ name, sha256 }) => `${name} ${sha256}`);
