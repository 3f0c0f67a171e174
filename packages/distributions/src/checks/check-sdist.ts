import { normaliseDistribution } from '@waybill/artifacts';
import { findEscapingLinks, type Finding } from '@waybill/core';
import type { SdistFacts } from '../distribution-facts';
import { parseSdistName } from '../names/sdist-name';
import { checkStrays } from './check-contents';
import { checkIdentity, comparableVersion } from './check-names';
import { checkPaths } from './check-paths';
import type { DistributionPolicy } from './distribution-policy';
import { FindingList } from './finding-list';
import { checkDescription } from './metadata/check-description';
import { checkLicences } from './metadata/check-licences';
import { checkMetadata } from './metadata/check-metadata';
import { checkPublishable } from './metadata/check-publishable';

/** All that can be said of an sdist without building from it, every finding at once. */
export function checkSdist(facts: SdistFacts, policy: DistributionPolicy = {}): Finding[] {
  const list = new FindingList(facts.fileName);
  const top = facts.topFolders[0] ?? '';
  const metadata = `${top}/PKG-INFO`;
  for (const { path, message } of facts.faults)
    list.error('metadata', path, `The file cannot be read: ${message}`, { fix: 'correct the settings of the backend' });
  checkShape(facts, policy, list);
  checkPaths(facts.members, 'contents', true, list);
  checkLinks(facts, list);
  checkStrays(facts.members, list);
  checkMetadata(facts.metadata, metadata, policy, list);
  checkDescription(facts.metadata, metadata, policy, list);
  const paths = new Set(facts.members.map(({ path }) => path));
  checkLicences(facts.metadata, metadata, (path) => paths.has(`${top}/${path}`), policy, list);
  checkPublishable(facts.metadata, [], list);
  return list.findings;
}

/** One top folder, named as the file is (dots and dashes may be spelt otherwise), with PKG-INFO and a manifest in it. */
function checkShape(facts: SdistFacts, policy: DistributionPolicy, list: FindingList): void {
  const { topFolders, members, metadata, hasPyproject } = facts;
  const name = parseSdistName(facts.fileName);
  const fix = 'correct the settings of the backend';
  if (name === undefined) {
    list.error('names', undefined, 'The file is not named as an sdist is', { expected: '`{name}-{version}.tar.gz`', actual: facts.fileName, fix });
  } else {
    checkIdentity(name, metadata, policy, list, `${topFolders[0] ?? ''}/PKG-INFO`);
  }
  if (topFolders.length !== 1) {
    list.error('contents', undefined, 'The sdist has not one folder at its top', {
      expected: 'one folder',
      actual: topFolders.join(', ') || 'none',
      fix,
    });
  } else if (name !== undefined && !isTopOf(topFolders[0]!, name)) {
    list.error('names', topFolders[0], 'The top folder is not named as the file is', {
      expected: `${name.name}-${name.version}`,
      actual: topFolders[0]!,
      fix,
    });
  }
  if (!hasPyproject) {
    const setup = members.some(({ path, kind }) => kind === 'file' && /^[^/]+\/setup\.py$/.test(path));
    list.add(setup ? 'warning' : 'error', 'contents', undefined, 'The sdist has no `pyproject.toml`', {
      fix: setup ? 'add one with a `[build-system]`: tools stop building from `setup.py` alone' : 'include it: nothing can be built from this sdist',
    });
  }
}

function isTopOf(folder: string, { name, version }: { name: string; version: string }): boolean {
  const dash = folder.lastIndexOf('-');
  return (
    normaliseDistribution(folder.slice(0, dash)) === normaliseDistribution(name) &&
    comparableVersion(folder.slice(dash + 1)) === comparableVersion(version)
  );
}

const below = (path: string): string => path.replace(/\/+$/, '').split('/').slice(1).join('/');

/** Links stay below the top folder, and nothing is a device or pipe. */
function checkLinks({ members }: SdistFacts, list: FindingList): void {
  const links = new Map(members.filter(({ kind }) => kind === 'symlink').map(({ path, linkTarget = '' }) => [below(path), linkTarget]));
  for (const escaping of findEscapingLinks(links)) {
    list.error('contents', members.find(({ path }) => below(path) === escaping)!.path, 'The link leads out of the sdist', {
      actual: links.get(escaping)!,
      fix: 'put the file itself into the project instead of a link to it',
    });
  }
  const paths = new Set(members.map(({ path }) => path));
  for (const { path, kind, linkTarget = '' } of members) {
    if (kind === 'special') list.error('contents', path, 'The member is a device, pipe or socket', { fix: 'leave it out' });
    if (kind === 'hardlink' && !paths.has(linkTarget)) {
      list.error('contents', path, 'The hard link leads to nothing in the sdist', { actual: linkTarget, fix: 'put the file itself into the sdist' });
    }
  }
}
