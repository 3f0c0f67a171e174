import { isReleaseVersion, parseRelease, renderRelease, sameVersion, type ReleaseDescription, type TreeManifest } from '@waybill/artifacts';
import { WaybillError, type FileDigests, type Finding, type TreeItem } from '@waybill/core';
import type { SumsFile } from '../delivery/sort-files';

const finding = (path: string, message: string, expected?: string, actual?: string): Finding => ({
  check: 'release',
  level: 'error',
  path,
  message,
  ...(expected !== undefined && { expected }),
  ...(actual !== undefined && { actual }),
});

/** A description that cannot be read, or that is not in its one canonical form, is a finding. */
export function readRelease(name: string, text: string): { release?: ReleaseDescription; findings: readonly Finding[] } {
  try {
    const release = parseRelease(text, { path: name });
    return renderRelease(release) === text ? { release, findings: [] } : { findings: [finding(name, 'it is not in its one canonical form')] };
  } catch (error) {
    if (!(error instanceof WaybillError)) throw error;
    return { findings: [finding(name, `${error.code} ${[error.message, ...error.details].join('; ')}`)] };
  }
}

export interface Surroundings {
  sums: readonly SumsFile[];
  items: readonly TreeItem[];
  digests: ReadonlyMap<string, FileDigests>;
  manifests: ReadonlyMap<string, TreeManifest>;
  ignoreMissing: boolean;
}

/** The description against the sums, the files that are here, the signatures beside them, and the manifests in the archives. */
export function releaseFindings(name: string, release: ReleaseDescription, around: Surroundings): readonly Finding[] {
  const own = around.sums.filter((sums) => release.sums.includes(sums.name));
  const here = new Set(around.items.map(({ path }) => path));
  const missing = around.ignoreMissing
    ? []
    : [...release.sums, ...release.signatures.map((signature) => signature.name)].filter((file) => !here.has(file));
  return [
    ...missing.map((file): Finding => ({ check: 'missing', level: 'error', path: file, message: `\`${name}\` names it, and it is not here` })),
    ...own.flatMap((sums) => sumsFindings(name, release, sums)),
    ...(own.length === 0 && !around.ignoreMissing ? [finding(name, 'none of its sums files is here')] : []),
    ...release.artifacts.flatMap(({ name: file, size, sha256 }) => contentFindings(name, file, sha256, around.digests.get(file), size)),
    ...release.signatures.flatMap(({ name: file, sha256 }) => contentFindings(name, file, sha256, around.digests.get(file))),
    ...release.artifacts.flatMap(({ name: file, platform }) => manifestFindings(release, file, platform, around.manifests.get(file))),
    ...release.proofs
      .filter(({ verdict }) => verdict !== 'passed')
      .map(({ target, verdict }) => finding(name, `the proof ${target} did not pass`, 'passed', verdict)),
  ];
}

function sumsFindings(name: string, { artifacts }: ReleaseDescription, sums: SumsFile): readonly Finding[] {
  const described = new Set([...artifacts.map((artifact) => artifact.name), name]);
  const summed = new Set(sums.entries.map((entry) => entry.name));
  const digestOf = new Map(sums.entries.map((entry) => [entry.name, entry.digest]));
  return [
    ...[...described].filter((file) => !summed.has(file)).map((file) => finding(name, `\`${file}\` is in the release, but not in \`${sums.name}\``)),
    ...[...summed].filter((file) => !described.has(file)).map((file) => finding(name, `\`${file}\` is in \`${sums.name}\`, but not in the release`)),
    ...(sums.algorithm !== 'sha256'
      ? []
      : artifacts
          .filter((artifact) => (digestOf.get(artifact.name) ?? artifact.sha256) !== artifact.sha256)
          .map((artifact) => finding(name, `it contradicts \`${sums.name}\` about \`${artifact.name}\``))),
  ];
}

function contentFindings(name: string, file: string, sha256: string, actual: FileDigests | undefined, size = actual?.size): readonly Finding[] {
  if (!actual || (actual.digests.sha256 === sha256 && actual.size === size)) return [];
  return [
    finding(
      name,
      `\`${file}\` is not the file that it describes`,
      `${size} bytes, sha256 ${sha256}`,
      `${actual.size} bytes, sha256 ${actual.digests.sha256}`,
    ),
  ];
}

function manifestFindings(
  release: ReleaseDescription,
  file: string,
  platform: string | undefined,
  manifest: TreeManifest | undefined,
): readonly Finding[] {
  if (!manifest) return [];
  const fields = [
    ['version', release.version, manifest.version],
    ...(platform === undefined ? [] : [['platform', platform, manifest.platform]]),
  ] as const;
  return fields
    .filter(([, expected, actual]) => expected !== actual)
    .map(([field, expected, actual]): Finding => ({
      check: 'archive',
      level: 'error',
      path: file,
      message: `its manifest is of another ${field}`,
      expected: expected!,
      actual: actual!,
    }));
}

/**
 * Was it this that was expected? One of the descriptions must be of the project, and all of that project be of the version: a genuine older release beside
 * it is not what was asked for. Neither are sums that no description names, as nothing tells of which release they are.
 */
export function pinFindings(
  releases: readonly ReleaseDescription[],
  sumsNames: readonly string[],
  pins: { project?: string; version?: string },
): readonly Finding[] {
  const { project, version } = pins;
  if (project === undefined && version === undefined) return [];
  if (releases.length === 0) return [finding('.', 'without its `release.json` nothing tells which project and version this is')];
  const ofProject = releases.filter((release) => project === undefined || release.project === project || release.name === project);
  if (ofProject.length === 0)
    return [finding('.', 'this is a release of another project', project, releases.map((release) => release.project).join(', '))];
  const nameless = sumsNames.filter((name) => !releases.some(({ sums }) => sums.includes(name)));
  return [
    ...(version === undefined ? [] : versionFindings(ofProject, version)),
    ...nameless.map((name) => finding(name, 'no `release.json` that is here names it: nothing tells of which project and version it is')),
  ];
}

/** Without a project, other projects that lie beside it may have other versions. A text that is no version is another one. */
function versionFindings(releases: readonly ReleaseDescription[], version: string): readonly Finding[] {
  const isRight = (release: ReleaseDescription): boolean => isReleaseVersion(release.version) && sameVersion(release.version, version);
  const right = new Set(releases.filter(isRight).map((release) => release.project));
  const wrong = releases.filter((release) => !isRight(release) && (right.size === 0 || right.has(release.project)));
  return wrong.length === 0 ? [] : [finding('.', 'this is another version', version, wrong.map((release) => release.version).join(', '))];
}
