import { readVersion } from '@waybill/artifacts';
import type { FindingLevel } from '@waybill/core';
import type { CoreMetadata } from '../../metadata/core-metadata';
import { DISTRIBUTION_NAME, readRequirement, specifierFault } from '../../metadata/requirement-syntax';
import type { DistributionPolicy } from '../distribution-policy';
import type { FindingList } from '../finding-list';

const VERSIONS = ['1.0', '1.1', '1.2', '2.1', '2.2', '2.3', '2.4', '2.5'];
/** Below it an index does not know how to show the description (facts of the index, 2018). */
const LOWEST = '2.1';
/** Fields that may come more than once; all others are one (core metadata specification). */
const MULTIPLE =
  /^(platform|supported-platform|classifier|requires-dist|requires-external|project-url|provides-extra|provides-dist|obsoletes-dist|requires|provides|obsoletes|license-file|dynamic|import-name|import-namespace)$/;
const EXTRA = /^[A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?$/;
const LONGEST_SUMMARY = 512;

/** `metadata`: every field that an index or installer would stumble over. `file` is METADATA's or PKG-INFO's path. */
export function checkMetadata(metadata: CoreMetadata | undefined, file: string, policy: DistributionPolicy, list: FindingList): void {
  const level: FindingLevel = policy.metadata === 'warn' ? 'warning' : 'error';
  const fix = 'correct it in the manifest of the project (`pyproject.toml`)';
  const fault = (message: string, detail: { expected?: string; actual?: string } = {}): void =>
    list.add(level, 'metadata', file, message, { ...detail, fix });
  if (metadata === undefined) {
    list.error('metadata', file, 'The distribution has no metadata', {
      expected: `\`${file}\``,
      actual: 'no such file',
      fix: 'correct the settings of the backend',
    });
    return;
  }
  checkMetadataVersion(metadata, fault);
  if (!DISTRIBUTION_NAME.test(metadata.name ?? '')) fault('The name is none (PEP 508)', { actual: metadata.name ?? 'none' });
  if (readVersion(metadata.version ?? '') === undefined) fault('The version is none (PEP 440)', { actual: metadata.version ?? 'none' });
  if ((metadata.summary?.length ?? 0) > LONGEST_SUMMARY) fault(`The summary is longer than the ${LONGEST_SUMMARY} characters that indexes take`);
  const python = metadata.requiresPython === undefined ? undefined : specifierFault(metadata.requiresPython);
  if (python !== undefined) fault(`\`Requires-Python\` is no version specifier: ${python}`, { actual: metadata.requiresPython! });
  checkRequirements(metadata, fault);
  checkTwice(metadata, fault);
}

type Fault = (message: string, detail?: { expected?: string; actual?: string }) => void;

function checkMetadataVersion({ metadataVersion }: CoreMetadata, fault: Fault): void {
  const rank = VERSIONS.indexOf(metadataVersion ?? '');
  if (rank >= VERSIONS.indexOf(LOWEST)) return;
  if (/^2\.\d+$/.test(metadataVersion ?? '') && rank < 0) return;
  fault('The metadata is of a version that indexes and installers do not take', {
    expected: `Metadata-Version ${LOWEST} or later`,
    actual: metadataVersion ?? 'none',
  });
}

function checkRequirements(metadata: CoreMetadata, fault: Fault): void {
  for (const text of metadata.requiresDist) {
    const read = readRequirement(text);
    if ('fault' in read) fault(`\`Requires-Dist\` is no requirement (PEP 508): ${read.fault}`, { actual: text });
    else if (read.requirement.url !== undefined && /^file:/i.test(read.requirement.url)) {
      fault('`Requires-Dist` names a path of the machine that built, which no other has', { expected: 'a version', actual: text });
    }
  }
  for (const extra of metadata.providesExtra) {
    if (!EXTRA.test(extra)) fault('`Provides-Extra` is no name', { actual: extra });
  }
}

function checkTwice({ headers }: CoreMetadata, fault: Fault): void {
  const seen = new Set<string>();
  for (const header of headers) {
    const name = header.name.toLowerCase();
    if (seen.has(name) && !MULTIPLE.test(name)) fault(`\`${header.name}\` comes twice`);
    seen.add(name);
  }
}
