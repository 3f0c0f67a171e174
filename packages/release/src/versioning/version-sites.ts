import { basename, join } from 'node:path/posix';
import { pep440ToSemver, sameVersion, semverToPep440 } from '@waybill/artifacts';
import { manifestVersions, pluginKitErrors, startInSetupCfg, type NamedVersion } from '@waybill/plugin-kit';
import type { Tree } from '@nx/devkit';
import { applyEdits, tomlTexts, type TomlPath } from './toml-texts';
import { versionErrors } from './version-errors';

/** The project's version as its files say it; all of them say the same. */
export interface WrittenVersions {
  /** SemVer form: the language of `nx release`. `undefined` when no file says one. */
  semver?: string;
  sites: readonly NamedVersion[];
  /** The manifest that leaves the version to its build backend, when nothing else says one. */
  dynamicIn?: string;
}

/** `VERSION_DISAGREES`, `VERSION_MANIFEST`, `VERSION_NO_SEMVER`. */
export async function readWrittenVersions(workspaceRoot: string, root: string): Promise<WrittenVersions> {
  const { versions, dynamicIn } = await manifestVersions(workspaceRoot, root);
  const [first, ...others] = versions;
  const odd = others.find(({ version }) => !sameVersion(version, first!.version));
  if (odd) throw pluginKitErrors.error('VERSION_DISAGREES', { one: first!.path, oneVersion: first!.text, other: odd.path, otherVersion: odd.text });
  return { ...(first && { semver: pep440ToSemver(first.version) }), sites: versions, ...(dynamicIn !== undefined && { dynamicIn }) };
}

/** What was written in this run, by path and key: Nx writes a project again when a dependency moves it first, and two projects may share a version. */
const writtenIn = new WeakMap<Tree, Map<string, Written>>();

interface Written {
  /** As it stands in the file now. */
  text: string;
  /** SemVer form, by project. */
  versions: Map<string, string>;
}

/** Writes the version into a file and leaves every other character as it is; a line for people. */
export function writeVersion(tree: Tree, site: NamedVersion, project: string, semver: string): string {
  const written = writtenIn.get(tree) ?? new Map<string, Written>();
  writtenIn.set(tree, written);
  const place = `${site.path} ${site.key ?? ''}`;
  const before = written.get(place);
  const odd = [...(before?.versions ?? [])].find(([other, version]) => other !== project && version !== semver);
  if (odd) throw versionErrors.error('VERSION_SHARED', { path: site.path, one: odd[1], other: semver });
  const present = before?.text ?? site.text;
  const text = ['Cargo.toml', 'package.json'].includes(basename(site.path)) ? semver : semverToPep440(semver);
  const content = tree.read(site.path, 'utf8') ?? '';
  const start = startOf(site, content);
  if (start === undefined || !content.startsWith(present, start)) throw versionErrors.error('VERSION_PLACE', { path: site.path, version: present });
  tree.write(site.path, applyEdits(content, [{ start, length: present.length, text }]));
  written.set(place, { text, versions: new Map([...(before?.versions ?? []), [project, semver]]) });
  return `✍️  ${site.path}: version ${text}`;
}

/** A manifest may hold more that moves in the same run (ranges of dependencies), so its own reading counts; other files hold the version alone. */
function startOf({ path, start, key }: NamedVersion, content: string): number | undefined {
  if (key !== undefined) return startOfKey(content, key);
  if (basename(path) === 'setup.cfg') return startInSetupCfg(content);
  return start ?? startInPackageJson(content);
}

/** Of the manifest's own, not of what an object in it has. */
const startInPackageJson = (content: string): number | undefined =>
  new RegExp(/(?:^|[{,])\s*"version"\s*:\s*"(?<version>[^"]*)"/dm).exec(topLevel(content))?.indices?.groups?.['version']?.[0];

const startOfKey = (content: string, key: string): number | undefined => tomlTexts(content).find(({ path }) => keyOf(path) === key)?.start;

const keyOf = (path: TomlPath): string => path.join('.');

/** JSON with the content of inner objects and lists blanked out, of the same length. */
function topLevel(content: string): string {
  let depth = 0;
  return content.replace(/"(?:[^"\\]|\\.)*"|[{}[\]]|[^"{}[\]]+/g, (part) => {
    if (part === '}' || part === ']') depth -= 1;
    const kept = depth <= 1 ? part : part.replace(/[^\n]/g, ' ');
    if (part === '{' || part === '[') depth += 1;
    return kept;
  });
}

/** A manifest of the project at all? */
export const hasManifest = (tree: Tree, root: string): boolean =>
  ['pyproject.toml', 'Cargo.toml', 'package.json', 'setup.cfg', 'setup.py'].some((file) => tree.exists(join(root, file)));
