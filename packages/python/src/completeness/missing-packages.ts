import type { Finding } from '@waybill/core';
import { normaliseDistribution } from '@waybill/distributions';
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
const TOP = /^((?:(?:src|python|lib)\/)?([^/]+))(?:\/__init__)?\.pyi?$/;
/** Packages that distributions leave out as they like. */
const BESIDE = /^(?:tests?|testing|docs?|examples?|benchmarks?|tools|scripts|ci|conftest|setup|.*_tests?|test_.*)$/;
const TO_SDIST = 'have the backend put it into the sdist (`MANIFEST.in`, `include`), and into the wheel';
const TO_WHEEL = 'tell the backend of the package (its setting `packages`), or move it out of the sources';

/**
 * Whole packages that the sources plainly have and the wheel lacks: an error when the settings name them or when they are called as the distribution is, a
 * warning when they lie in `src` beside what was packed.
 */
export function findMissingPackages(lists: PackageLists): readonly Finding[] {
  const { tree, sdist, wheel, sdistName, wheelName, project } = lists;
  const packed = new Set(wheel.map((path) => topOf(path.replace(/^[^/]+\.data\/(?:purelib|platlib)\//, ''))));
  const declared = declaredPackages(project.manifest);
  return topPackages(tree).flatMap(({ folder, name }): Finding[] => {
    if (packed.has(name)) return [];
    const level = levelOf({ folder, name }, declared, project);
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
}

function topPackages(tree: readonly string[]): TopPackage[] {
  const found = new Map<string, TopPackage>();
  for (const path of tree) {
    const [, folder, name] = TOP.exec(path) ?? [];
    if (folder !== undefined && name !== undefined && /^[A-Za-z_]\w*$/.test(name)) found.set(folder, { folder, name });
  }
  return [...found.values()];
}

function levelOf(
  { folder, name }: TopPackage,
  declared: ReadonlySet<string>,
  { manifest, distribution }: PackageLists['project'],
): Finding['level'] | undefined {
  if (declared.has(name) || declared.has(folder)) return 'error';
  if (distribution !== undefined && normaliseDistribution(name) === normaliseDistribution(distribution)) return 'error';
  const chooses = excludesFromBoth(manifest) || findsSome(manifest) || declared.size > 0;
  return folder.startsWith('src/') && !BESIDE.test(name) && !chooses ? 'warning' : undefined;
}

/** setuptools looks for packages by patterns of the project's own. */
function findsSome(manifest: ProjectFacts['manifest']): boolean {
  const find = table(table(table(table(manifest['tool'])['setuptools'])['packages'])['find']);
  return find['include'] !== undefined || find['exclude'] !== undefined;
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
  const named = [
    ...texts(setuptools['packages']),
    ...texts(find['include']),
    ...texts(hatch['packages']),
    ...texts(table(table(hatch['targets'])['wheel'])['packages']),
    ...texts(table(tool['maturin'])['python-packages']),
    ...[uv['module-name'], flit].flatMap((value) => (typeof value === 'string' ? [value] : texts(value))),
    ...(Array.isArray(poetry) ? poetry : []).map((item) => table(item)['include']).filter((path) => typeof path === 'string'),
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
