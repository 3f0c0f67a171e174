import { normaliseDistribution } from '@waybill/artifacts';
import type { Finding } from '@waybill/core';
import { table, texts, type ProjectFacts } from '../project/project-facts';
import { excludesFromBoth } from './missing-files';

/** File lists of one build; paths relative to the project, to the sdist's folder, and in the wheel. */
export interface PackageLists {
  project: Pick<ProjectFacts, 'backend' | 'manifest' | 'distribution'>;
  tree: readonly string[];
  /** Absent: the wheel was made from the sources themselves. */
  sdist?: readonly string[];
  wheel: readonly string[];
  /** Names of the files that findings are of. */
  sdistName?: string;
  wheelName: string;
}

/** A package or module at the top of the sources: `src/demo` of the file `src/demo/__init__.py`. */
const TOP = /^((?:(?:src|python|lib)\/)?(?!__init__\.)([^/]+))(?:\/__init__)?\.pyi?$/;
/** Packages that distributions leave out as they like. */
const BESIDE = /^(?:tests?|testing|docs?|examples?|benchmarks?|tools|scripts|ci|conftest|setup|.*_tests?|test_.*)$/;
const TO_SDIST = 'have the backend put it into the sdist (`MANIFEST.in`, `include`), and into the wheel';
const TO_WHEEL = 'tell the backend of the package (its setting `packages`), or move it out of the sources';

/**
 * Whole packages that the sources plainly have and the wheel lacks: an error when the settings name them or when they are called as the distribution is, a
 * warning when they lie in `src` beside what was packed, and of a module at the top that is called so while the wheel holds others. Nothing where the
 * settings rename folders.
 */
export function findMissingPackages(lists: PackageLists): readonly Finding[] {
  const { tree, sdist, wheel, sdistName, wheelName, project } = lists;
  if (renamesFolders(project.manifest)) return [];
  const packed = new Set(wheel.map((path) => topOf(path.replace(/^[^/]+\.data\/(?:purelib|platlib)\//, ''))));
  const declared = declaredPackages(project.manifest);
  return topPackages(tree).flatMap((top): Finding[] => {
    const { folder, name } = top;
    if (packed.has(name)) return [];
    const level = levelOf(top, declared, lists, packed);
    if (level === undefined) return [];
    const inSdist = sdist === undefined || sdist.some((path) => path === `${folder}.py` || path.startsWith(`${folder}/`));
    return inSdist
      ? [{ check: 'contents', level, path: folder, message: `\`${wheelName}\` lacks the package \`${name}\`, which the sources have`, fix: TO_WHEEL }]
      : [{ check: 'sdist-completeness', level, path: folder, message: lacksWhole(sdistName!, name), fix: TO_SDIST }];
  });
}

const lacksWhole = (sdist: string, name: string): string => `\`${sdist}\` lacks the whole package \`${name}\`, so that the wheel lacks it too`;
const topOf = (path: string): string => path.split('/', 1)[0]!.replace(/(?:\.[A-Za-z0-9_-]+)?\.(?:so|pyd)$|\.pyi?$/, '');

interface TopPackage {
  folder: string;
  name: string;
  /** A file at the top of the project, `demo.py`. */
  isRootModule: boolean;
}

const IDENTIFIER = /^[A-Za-z_]\w*$/;
const SCRIPT = /^[^/]+\.data\/scripts\/(.+?)(?:\.py)?$/;

function topPackages(tree: readonly string[]): TopPackage[] {
  const found = new Map<string, TopPackage>();
  for (const path of tree) {
    const [, folder, name] = TOP.exec(path) ?? [];
    if (folder === undefined || name === undefined || !IDENTIFIER.test(name)) continue;
    const isRootModule = !path.includes('/') && found.get(folder)?.isRootModule !== false;
    found.set(folder, { folder, name, isRootModule });
  }
  return [...found.values()];
}

function levelOf(
  { folder, name, isRootModule }: TopPackage,
  declared: ReadonlySet<string>,
  { project: { manifest, distribution }, wheel }: PackageLists,
  packed: ReadonlySet<string>,
): Finding['level'] | undefined {
  if (declared.has(name) || declared.has(folder)) return 'error';
  if (distribution !== undefined && normaliseDistribution(name) === normaliseDistribution(distribution)) {
    if (isRootModule && wheel.some((path) => SCRIPT.exec(path)?.[1] === name)) return undefined;
    return isRootModule && [...packed].some((top) => IDENTIFIER.test(top)) ? 'warning' : 'error';
  }
  const chooses = excludesFromBoth(manifest) || findsSome(manifest) || declared.size > 0;
  return folder.startsWith('src/') && !BESIDE.test(name) && !chooses ? 'warning' : undefined;
}

/** setuptools looks for packages by patterns of the project's own. */
function findsSome(manifest: ProjectFacts['manifest']): boolean {
  const find = table(table(table(table(manifest['tool'])['setuptools'])['packages'])['find']);
  return find['include'] !== undefined || find['exclude'] !== undefined;
}

/** hatchling puts folders under other names: which package comes from where cannot be told from the names. */
function renamesFolders(manifest: ProjectFacts['manifest']): boolean {
  const build = table(table(table(manifest['tool'])['hatch'])['build']);
  const wheel = table(table(build['targets'])['wheel']);
  return [build['sources'], wheel['sources']].some((sources) => Object.keys(table(sources)).length > 0);
}

/** Poetry packs what has no format into both. */
function isForWheel(item: unknown): boolean {
  const { format } = table(item);
  return format === undefined || format === 'wheel' || texts(format).includes('wheel');
}

/** What the settings of a backend name as its packages: names, or folders of the project. */
function declaredPackages(manifest: ProjectFacts['manifest']): ReadonlySet<string> {
  const tool = table(manifest['tool']);
  const setuptools = table(tool['setuptools']);
  const hatch = table(table(tool['hatch'])['build']);
  const uv = table(table(tool['uv'])['build-backend']);
  const flit = table(table(tool['flit'])['module'])['name'];
  const find = table(table(setuptools['packages'])['find']);
  const poetry = table(tool['poetry'])['packages'];
  const ofPoetry = (Array.isArray(poetry) ? poetry : []).filter(isForWheel).map((item) => table(item)['include']);
  const named = [
    ...texts(setuptools['packages']),
    ...texts(find['include']),
    ...texts(hatch['packages']),
    ...texts(table(table(hatch['targets'])['wheel'])['packages']),
    ...texts(table(tool['maturin'])['python-packages']),
    ...[uv['module-name'], flit].flatMap((value) => (typeof value === 'string' ? [value] : texts(value))),
    ...texts(ofPoetry),
  ];
  return new Set(
    named.map((name) =>
      name
        .replace(/^\.\//, '')
        .replace(/(?:\/|\.)?\*+$/, '')
        .replace(/\/$/, ''),
    ),
  );
}
