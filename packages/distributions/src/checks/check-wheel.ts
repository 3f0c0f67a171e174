import type { Finding } from '@waybill/core';
import type { WheelFacts } from '../distribution-facts';
import { parseWheelName } from '../names/wheel-name';
import { checkWheelContents } from './check-contents';
import { checkWheelNames } from './check-names';
import { checkPaths } from './check-paths';
import { checkRecord } from './check-record';
import type { DistributionPolicy } from './distribution-policy';
import { FindingList } from './finding-list';
import { checkDescription } from './metadata/check-description';
import { checkLicences } from './metadata/check-licences';
import { checkMetadata } from './metadata/check-metadata';
import { checkPublishable } from './metadata/check-publishable';
import { checkAbi3 } from './native/check-abi3';
import { checkNativeCode } from './native/check-native-code';
import { checkTags } from './native/check-tags';

/** All that can be said of a wheel without installing it, every finding at once; errors, warnings and information, none when all is well. */
export function checkWheel(facts: WheelFacts, policy: DistributionPolicy = {}): Finding[] {
  const list = new FindingList(facts.fileName);
  const platformTags = parseWheelName(facts.fileName)?.platformTags ?? [];
  const distInfo = facts.distInfos[0] ?? '*.dist-info';
  const metadata = `${distInfo}/METADATA`;
  for (const { path, message } of facts.faults) {
    const check = path.endsWith('/RECORD') ? 'record' : path.endsWith('/WHEEL') ? 'tags' : 'metadata';
    list.error(check, path, `The file ${/^(is|line) /.test(message) ? `cannot be read: ${message}` : message}`, {
      fix: 'correct the settings of the backend',
    });
  }
  checkWheelNames(facts, policy, list);
  checkPaths(facts.members, 'record', platformTags.length === 0 || platformTags.some((tag) => tag === 'any' || tag.startsWith('win')), list);
  checkRecord(facts, list);
  checkTags(facts, list);
  checkNativeCode(facts, list);
  checkAbi3(facts, list);
  checkWheelContents(facts, list);
  checkMetadata(facts.metadata, metadata, policy, list);
  checkDescription(facts.metadata, metadata, policy, list);
  const paths = new Set(facts.members.map(({ path }) => path));
  const hasLicence = (path: string, legacy: boolean): boolean =>
    paths.has(`${distInfo}/licenses/${path}`) ||
    (legacy && [path, path.split('/').at(-1)!].some((name) => paths.has(`${distInfo}/${name}`) || paths.has(`${distInfo}/licenses/${name}`)));
  checkLicences(facts.metadata, metadata, hasLicence, policy, list);
  checkPublishable(facts.metadata, platformTags, list);
  return list.findings;
}
