import { distFolder, parsePlatform, renderNameTemplate } from '@waybill/artifacts';
import type { ArchiveFormat } from '@waybill/core';
import type { PlannedArtifact, StageContext, StagePlan, UpstreamArtifact } from '@waybill/plugin-kit';
import { bundleErrors } from '../../errors/bundle-errors';
import { formatSize } from '../../sealing';
import type { PackageDistOptions } from './options';
import type { PackageFacts } from './package-facts';

/** What will be made, complete: carrying it out asks nothing more of options or workspace. */
export interface PackagePlan extends StagePlan {
  kind: 'embedded-app' | 'python-app';
  /** Of the archive without its ending, and of the one folder in it. */
  baseName: string;
  /** What users start, a path in the bundle; absent when `launcher` is `none`. */
  launcher?: string;
  /** The native program's place in the bundle. */
  program?: string;
  archives: readonly { name: string; format: ArchiveFormat }[];
  symbols?: string;
  facts: PackageFacts;
}

type Context = StageContext<PackageDistOptions>;

const FOLDERS = new Set(['bin', 'lib', 'python', 'share']);
/** What the launcher sets, or what would make another library or Python win over the bundle's. */
const LAUNCHER_OWN = /^(PYTHON(HOME|PATH|PLATLIBDIR|EXECUTABLE|STARTUP|USERBASE)|LD_.*|DYLD_.*|GCONV_PATH|WAYBILL_.*|_WAYBILL_.*)$/;

/** Pure. Throws for names that cannot be: everything else was checked when the facts were gathered. */
export function planPackage(context: Context, facts: PackageFacts): PackagePlan {
  const { options, name, version } = context;
  checkNames(options, name);
  const platform = parsePlatform(facts.platform);
  const baseName = renderNameTemplate(options.nameTemplate, { name, version, platform });
  const formats = options.formats ?? ['tar.gz'];
  const archives = [...new Set(formats)].map((format) => ({ format, name: `${baseName}.${format}` }));
  const symbols = options.strip ? `${baseName}-symbols.tar.gz` : undefined;
  const plan = {
    kind: facts.binary === undefined ? ('python-app' as const) : ('embedded-app' as const),
    baseName,
    archives,
    facts,
    ...(options.launcher === 'none' ? {} : { launcher: name }),
    ...(facts.binary === undefined ? {} : { program: `bin/${name}-bin` }),
    ...(symbols === undefined ? {} : { symbols }),
  };
  checkPlaces(plan);
  const overview = [runtimeLine(facts, options).replace(/^runtime +/, 'with the runtime ')];
  return { ...plan, artifacts: artifactsOf(plan, options), overview, lines: linesOf(context, plan) };
}

function checkNames(options: PackageDistOptions, name: string): void {
  if (options.launcher !== 'none' && FOLDERS.has(name.toLowerCase())) throw bundleErrors.error('OPTION_NAME_RESERVED', { name });
  const variable = Object.keys(options.launcherEnv).find((key) => LAUNCHER_OWN.test(key));
  if (variable !== undefined) throw bundleErrors.error('OPTION_LAUNCHER_ENV', { variable });
}

/** Folders that others fill: a file of the application there would be overwritten, or overwrite. */
const TAKEN: readonly [prefix: string, owner: string][] = [
  ['python/runtime/', 'the runtime'],
  ['share/waybill/', 'the manifest of the bundle'],
];

function checkPlaces({ facts: { included }, launcher, program }: Bare): void {
  for (const { to, because } of included) {
    const owner =
      TAKEN.find(([prefix]) => to.startsWith(prefix))?.[1] ?? (to === launcher ? 'the launcher' : to === program ? 'the program' : undefined);
    if (owner !== undefined) throw bundleErrors.error('BUNDLE_INCLUDE_CONFLICT', { path: to, from: [because, owner] });
  }
}

type Bare = Omit<PackagePlan, 'artifacts' | 'lines'>;

function artifactsOf({ archives, baseName, symbols, facts: { platform } }: Bare, { folder }: PackageDistOptions): PlannedArtifact[] {
  return [
    ...archives.map(({ name }) => ({ name, path: name, kind: 'bundle-archive' as const, platform, ships: true })),
    ...(folder ? [{ name: baseName, path: baseName, kind: 'bundle-folder' as const, platform, ships: false }] : []),
    ...(symbols === undefined ? [] : [{ name: symbols, path: symbols, kind: 'symbols' as const, platform, ships: false }]),
  ].sort((a, b) => (a.name < b.name ? -1 : 1));
}

const line = (what: string, text: string): string => `${what.padEnd(9)} ${text}`;

function startOf({ binary, entry }: PackageFacts, plan: Bare): string {
  if (binary !== undefined) return line('program', `${binary.path} → ${plan.program!} (${formatSize(binary.size)}, needs ${binary.libpython!})`);
  return line('entry', entry !== undefined && 'module' in entry ? `python -m ${entry.module}` : `python ${entry?.script ?? ''}`);
}

export function runtimeLine({ runtime }: PackageFacts, { prune, strip, pyc }: PackageDistOptions): string {
  const preparedBy = ({ name, project, target }: UpstreamArtifact): string => line('runtime', `${name}, prepared by ${project}:${target}`);
  if (runtime.from === 'target') return preparedBy(runtime.artifact);
  if (runtime.planned !== undefined) return preparedBy(runtime.planned);
  return line('runtime', `${runtime.facts.source}; prune ${prune.preset}, ${strip ? 'strip' : 'no strip'}, pyc ${pyc}`);
}

function wheelLine({ lock, wheels }: PackageFacts): string[] {
  if (lock === undefined && wheels.length === 0) return [line('wheels', 'none')];
  const names = lock === undefined ? 0 : new Set(lock.requirements.map(({ name }) => name)).size;
  return [
    ...(lock === undefined ? [] : [line('wheels', `${names} from ${lock.files.join(', ')}`)]),
    ...wheels.map(({ name, project, target }) => line('wheels', `${name} of ${project}:${target}`)),
  ];
}

function fileLine({ included, leftOut }: PackageFacts): string[] {
  if (included.length === 0) return [];
  const without = leftOut.length === 0 ? '' : `, without ${leftOut.join(', ')}`;
  const bytes = included.reduce((sum, { size }) => sum + size, 0);
  const entries = [...new Set(included.map(({ because }) => because))];
  return [line('files', `${included.length} ${included.length === 1 ? 'file' : 'files'}, ${formatSize(bytes)}, of ${entries.join(', ')}${without}`)];
}

function linesOf({ options, name, version, projectRoot, targetName }: Context, plan: Bare): string[] {
  const { facts } = plan;
  const output = distFolder(projectRoot, targetName);
  return [
    `${plan.kind} ${name} ${version} for ${facts.platform}`,
    startOf(facts, plan),
    runtimeLine(facts, options),
    ...wheelLine(facts),
    ...fileLine(facts),
    line('launcher', plan.launcher === undefined ? 'none' : `${options.launcher}: ${plan.launcher}`),
    ...(options.glibc === undefined ? [] : [line('glibc', `at most ${options.glibc}`)]),
    ...(options.sizeLimit === undefined ? [] : [line('size', `at most ${formatSize(options.sizeLimit)} unpacked`)]),
    ...artifactsOf(plan, options).map(({ name: file, kind }) =>
      line(kind === 'symbols' ? 'symbols' : kind === 'bundle-folder' ? 'folder' : 'archive', `${output}/${file}`),
    ),
  ];
}
