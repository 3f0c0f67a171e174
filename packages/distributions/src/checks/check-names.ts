import { formatVersion, normaliseDistribution, readVersion } from '@waybill/artifacts';
import type { WheelFacts } from '../distribution-facts';
import { parseWheelName } from '../names/wheel-name';
import type { DistributionPolicy } from './distribution-policy';
import type { FindingList } from './finding-list';

/** One form for all spellings of a version: `1.0` and `1.0.0`, `1.0-RC.1` and `1.0rc1`. A text that is no version is itself. */
export function comparableVersion(text: string): string {
  const version = readVersion(text);
  if (version === undefined) return text;
  const release = [...version.release];
  while (release.length > 1 && release.at(-1) === 0) release.pop();
  return `${version.epoch ? `${version.epoch}!` : ''}${formatVersion({ ...version, release })}`;
}

const sameName = (one: string, other: string): boolean => normaliseDistribution(one) === normaliseDistribution(other);
const sameVersion = (one: string, other: string): boolean => comparableVersion(one) === comparableVersion(other);

/** Name and version of the file, its METADATA and the project. Shared by wheels and sdists. */
export function checkIdentity(
  file: { name: string; version: string },
  metadata: { name?: string; version?: string } | undefined,
  policy: DistributionPolicy,
  list: FindingList,
  source: string,
): void {
  const says = (what: string): string => `\`${source}\` has another ${what} than the file's name`;
  if (metadata?.name !== undefined && !sameName(metadata.name, file.name)) {
    list.error('names', source, says('name'), { expected: file.name, actual: metadata.name, fix: 'build again; a file must not be renamed' });
  }
  if (metadata?.version !== undefined && !sameVersion(metadata.version, file.version)) {
    list.error('version', source, says('version'), {
      expected: file.version,
      actual: metadata.version,
      fix: 'build again; a file must not be renamed',
    });
  }
  if (policy.name !== undefined && !sameName(policy.name, file.name)) {
    list.error('names', undefined, "The distribution has another name than the project's manifest gives", {
      expected: policy.name,
      actual: file.name,
      fix: 'give one name, in `[project] name` of `pyproject.toml`',
    });
  }
  if (policy.version !== undefined && !sameVersion(policy.version, file.version)) {
    list.error('version', undefined, "The distribution has another version than the project's", {
      expected: policy.version,
      actual: file.version,
      fix: 'correct the version in the manifest, or where the backend takes it from',
    });
  }
}

/** `names` and `version` of a wheel: file, METADATA, dist-info and data folders, project. */
export function checkWheelNames(facts: WheelFacts, policy: DistributionPolicy, list: FindingList): void {
  const name = parseWheelName(facts.fileName);
  if (name === undefined) {
    list.error('names', undefined, 'The file is not named as a wheel is', {
      expected: '`{distribution}-{version}-{python}-{abi}-{platform}.whl`',
      actual: facts.fileName,
      fix: 'build again; a file must not be renamed',
    });
    return;
  }
  const file = { name: name.distribution, version: name.version };
  checkDistInfos(facts, file, list);
  checkIdentity(file, facts.metadata, policy, list, `${facts.distInfos[0] ?? '*.dist-info'}/METADATA`);
  const others = dataFolders(facts).filter((folder) => !fits(folder.slice(0, -'.data'.length), file));
  for (const folder of others) {
    list.error('names', folder, 'The data folder is not of this distribution, so that no installer unpacks it', {
      expected: `${name.distribution.replaceAll('-', '_')}-${name.version}.data`,
      actual: folder,
      fix: 'correct the settings of the backend',
    });
  }
}

function checkDistInfos({ distInfos }: WheelFacts, file: { name: string; version: string }, list: FindingList): void {
  const expected = `one folder \`${file.name.replaceAll('-', '_')}-${file.version}.dist-info\``;
  if (distInfos.length !== 1) {
    const actual = distInfos.length === 0 ? 'none' : distInfos.join(', ');
    list.error('names', undefined, 'The wheel has not one `.dist-info` folder', { expected, actual, fix: 'correct the settings of the backend' });
    return;
  }
  const [folder = ''] = distInfos;
  if (!fits(folder.slice(0, -'.dist-info'.length), file)) {
    list.error('names', folder, 'The `.dist-info` folder is not of this distribution', {
      expected,
      actual: folder,
      fix: 'build again; a file must not be renamed',
    });
  }
}

function fits(folder: string, file: { name: string; version: string }): boolean {
  const dash = folder.lastIndexOf('-');
  return dash > 0 && sameName(folder.slice(0, dash), file.name) && sameVersion(folder.slice(dash + 1), file.version);
}

const dataFolders = ({ members }: WheelFacts): string[] => [...new Set(members.flatMap(({ path }) => /^([^/]+\.data)\//.exec(path)?.[1] ?? []))];
