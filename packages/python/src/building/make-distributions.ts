import { existsSync, lstatSync, readFileSync, readdirSync, statSync } from 'node:fs';
import { mkdir, readdir, utimes, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { extractArchive } from '@waybill/core';
import type { Git } from '@waybill/plugin-kit';
import { pythonErrors } from '../errors/python-errors';
import { copySources, settleTree } from '../workplace/copy-sources';
import { giveGit } from '../workplace/give-git';
import { EGG_INFO } from '../workplace/list-sources';
import { namedIn, temporaryFolders, watchTemporary } from '../workplace/watch-temporary';
import { changesBetween, watchTree } from '../workplace/watch-tree';
import type { ReportedBuild } from './cibuildwheel';
import type { BuildRequest, BuildCommand } from './frontend';
import { SETTINGS_FILES, lackingFiles } from '../completeness/lacking-files';
import { runFrontend, type BuildRun, type FrontendRun } from './run-frontend';

/** Where the sources are, and what is to be made of them. All paths absolute. */
export interface MakeRequest {
  workspaceRoot: string;
  /** Relative to the workspace, what is copied. */
  base: string;
  paths: readonly string[];
  /** The project's folder, relative to `base`; empty when it is that. */
  project: string;
  backend: string;
  version: string;
  epochSeconds: number;
  /** Times of the copied sources. */
  mtimeSeconds: number;
  git?: Git;
  sdist?: { request: BuildRequest; command: BuildCommand };
  wheel?: { request: BuildRequest; command: BuildCommand; many: boolean };
  /** An sdist that is there already: the wheel is made from it. */
  givenSdist?: string;
  /** Files among the sources that the backend writes by its own settings (a version module), relative to `base`. */
  generated: readonly string[];
  /** Files of the project that run while it is built, relative to it. */
  scripts: readonly string[];
  /** The wheel is made from the sdist. */
  fromSdist: boolean;
  step<T>(name: string, work: () => Promise<T>): Promise<T>;
  /** Told as soon as the sdist is there: what is read of it while the wheel is made. */
  onSdist?(file: string): void;
}

/** Files of a build, absolute, as the backend left them. */
export interface Made {
  sdist?: string;
  wheels: readonly string[];
  /** Everything that frontends and backends printed. */
  output: string;
  /** Of a frontend that makes several wheels. */
  builds: readonly ReportedBuild[];
  /** What tried a network that it has not, and went on without, or may have. */
  attempts: readonly NetworkAttempts[];
}

/** As the system counted them; undefined: it did not, though it should have. */
export interface NetworkAttempts {
  what: BuildRequest['what'];
  count: number | undefined;
}

/** sdist → unpack → wheel, in the workplace; with whatever a backend must not do told as `WHEEL_…`. */
export async function makeDistributions(run: BuildRun, request: MakeRequest): Promise<Made> {
  const { places } = run;
  const frontend: FrontendRun = { ...run, backend: request.backend };
  const fromSdist: FrontendRun = { ...frontend, lacking: (output) => lackingIn(places.sdist, request, output) };
  const needsTree = request.sdist !== undefined || !request.fromSdist;
  if (needsTree) await request.step('copy sources', () => copyTree(request, places.sources));
  const watch = await watchPlaces(run, request, needsTree);
  const told: Told = { texts: [], attempts: [] };
  const sdist = request.sdist === undefined ? request.givenSdist : await request.step('sdist', () => oneSdist(frontend, request, told));
  if (sdist !== undefined) request.onSdist?.(sdist);
  if (request.sdist) watch(request.backend);
  if (request.wheel === undefined) return { ...(sdist !== undefined && { sdist }), wheels: [], builds: [], ...resultOf(told) };
  const isFromSdist = request.fromSdist && sdist !== undefined;
  if (isFromSdist) await request.step('unpack sdist', () => unpackSdist(sdist, places.sdist, request.mtimeSeconds));
  const made = await request.step('wheel', () => theWheels(isFromSdist ? fromSdist : frontend, request, told));
  watch(request.backend);
  return { ...(sdist !== undefined && { sdist }), ...made, ...resultOf(told) };
}

/** What calls of frontends print and do, as they end. */
interface Told {
  texts: string[];
  attempts: NetworkAttempts[];
}

const resultOf = ({ texts, attempts }: Told): Pick<Made, 'output' | 'attempts'> => ({
  output: texts.join('\n'),
  attempts: attempts.filter(({ count }) => count !== 0),
});

async function copyTree(request: MakeRequest, to: string): Promise<void> {
  const { workspaceRoot, base, paths, mtimeSeconds, git, version, epochSeconds } = request;
  await copySources({ from: join(workspaceRoot, base), paths, to, mtimeSeconds, shownAs: base });
  await completeSetup(join(to, request.project), mtimeSeconds);
  if (git) await giveGit({ git, folder: to, version, epochSeconds });
}

const SETUP_PY = 'from setuptools import setup\n\nsetup()\n';

/** No frontend takes a project that has a setup.cfg alone: it gets the setup.py that the documents of setuptools give it. */
async function completeSetup(project: string, mtimeSeconds: number): Promise<void> {
  const has = (file: string): boolean => existsSync(join(project, file));
  if (!has('setup.cfg') || has('setup.py') || has('pyproject.toml')) return;
  const path = join(project, 'setup.py');
  await writeFile(path, SETUP_PY, { mode: 0o644 });
  await utimes(path, mtimeSeconds, mtimeSeconds);
}

async function oneSdist(run: FrontendRun, { sdist }: MakeRequest, told: Told): Promise<string> {
  await mkdir(sdist!.request.output);
  const { names, output, attempts } = await runFrontend(run, sdist!.request, sdist!.command, false);
  told.texts.push(output);
  told.attempts.push({ what: 'sdist', count: attempts });
  return names[0]!;
}

async function theWheels(run: FrontendRun, { wheel }: MakeRequest, told: Told): Promise<Pick<Made, 'wheels' | 'builds'>> {
  const { request, command, many } = wheel!;
  await mkdir(request.output);
  const { names, output, builds, attempts } = await runFrontend(run, request, command, many);
  told.texts.push(output);
  told.attempts.push({ what: 'wheel', count: attempts });
  return { wheels: names, builds };
}

function lackingIn(folder: string, { project, paths }: MakeRequest, output: string): readonly string[] {
  const prefix = project === '' ? '' : `${project}/`;
  const tree = paths.filter((path) => path.startsWith(prefix)).map((path) => path.slice(prefix.length));
  const settings = SETTINGS_FILES.map((file) => join(folder, file)).filter((file) => existsSync(file));
  const text = settings.map((file) => readFileSync(file, 'utf8')).join('\n');
  return lackingFiles({ tree, sdist: new Set(watchTree(folder, isGit).keys()), output, settings: text });
}

/** Unpacks the one folder of an sdist as the folder that a wheel is made in. */
async function unpackSdist(file: string, to: string, mtimeSeconds: number): Promise<void> {
  await mkdir(to);
  await extractArchive({ archive: file, destination: to, stripComponents: 1 });
  if ((await readdir(to)).length === 0) throw pythonErrors.error('WHEEL_SDIST_SHAPE', { file: basename(file), folders: [] });
  await settleTree(to, mtimeSeconds);
}

/** What may stand beside the sources, and in the private folder round that. */
const OWN: ReadonlySet<string> = new Set(['src', 'sdist']);

/** Folders of results: one for each. */
const RESULTS: ReadonlySet<string> = new Set(['sdist', 'wheel']);

/** Remembers places that a backend has no business in, and the sources; the call that comes back compares. */
async function watchPlaces({ places, system }: BuildRun, request: MakeRequest, withTree: boolean): Promise<(backend: string) => void> {
  const root = new Set([...(await readdir(places.root)), basename(places.environment)]);
  const before = withTree ? watchTree(places.sources, isGit) : undefined;
  const changedTemporary = watchTemporary(temporaryFolders(system));
  return (backend) => {
    const temporary = namedIn(scriptsOf(request), changedTemporary());
    if (temporary.length > 0) throw pythonErrors.error('WHEEL_WROTE_OUTSIDE', { backend, paths: temporary });
    const beside = readdirSync(places.build).filter((name) => !OWN.has(name));
    const above = readdirSync(places.root).filter((name) => !root.has(name));
    const results = readdirSync(places.output).filter((name) => !RESULTS.has(name));
    if (beside.length + above.length + results.length > 0) {
      const paths = [
        ...beside.map((name) => `../${name}`),
        ...above.map((name) => `../../${name}`),
        ...results.map((name) => `${name}, beside the folder of the result`),
      ];
      throw pythonErrors.error('WHEEL_WROTE_OUTSIDE', { backend, paths });
    }
    if (!before) return;
    const { changed, removed } = changesBetween(before, watchTree(places.sources, isGit));
    const own = { changed: changed.filter((path) => isSource(path, places.sources, request)), removed: removed.filter(isNoEggInfo) };
    if (own.changed.length + own.removed.length > 0) throw pythonErrors.error('WHEEL_SOURCE_CHANGED', { backend, ...own });
  };
}

const LARGEST_SCRIPT_BYTES = 1024 * 1024;

/** What runs while the project is built; a file that is larger is data. */
function scriptsOf({ workspaceRoot, base, project, scripts }: MakeRequest): string[] {
  const files = scripts.map((path) => join(workspaceRoot, base, project, path)).filter((file) => existsSync(file));
  return files.filter((file) => statSync(file).size <= LARGEST_SCRIPT_BYTES).map((file) => readFileSync(file, 'utf8'));
}

const isNoEggInfo = (path: string): boolean => !EGG_INFO.test(`${path}/`);

const isSource = (path: string, sources: string, request: MakeRequest): boolean =>
  isNoEggInfo(path) && !request.generated.includes(path) && differs(path, sources, request);

const isGit = (name: string): boolean => name === '.git';

/** A file that was written again as it was has not changed. */
function differs(path: string, sources: string, { workspaceRoot, base }: MakeRequest): boolean {
  const [one, other] = [join(sources, path), join(workspaceRoot, base, path)];
  const bothFiles = [one, other].every((file) => lstatSync(file, { throwIfNoEntry: false })?.isFile());
  return !bothFiles || !readFileSync(one).equals(readFileSync(other));
}
