import type { BundleEntry, BundleFacts } from '../bundle-facts';
import type { CheckOutcome, StaticCheck } from '../check-result';
import { baseName, TreeIndex } from '../linkage/tree-index';
import { auditRecords } from '../metadata/audit-records';
import { auditRequirements } from '../metadata/audit-requirements';
import { auditSiteFile } from '../metadata/audit-site-files';
import { findBuildPrefixes } from '../metadata/find-build-prefixes';
import type { RelocationPolicy } from '../relocation-policy';
import { FindingList } from './finding-list';

const BUILD_SETTINGS = /(^|\/)(_sysconfigdata[^/]*\.py|Makefile|build-details\.json|[^/]+\.pc)$/;
/** CPython looks for it in every folder above its own library before that library (getpath). */
const LANDMARK_ZIP = /(^|\/)python3\d+\.zip$/;
const ARCHIVE_NAME = /\.(zip|whl|egg|pyz)$/;

/** Check 10: metadata of Python and its packages is relative and true. */
export const checkPythonMetadata: StaticCheck = (facts, policy): CheckOutcome => {
  const list = new FindingList('python-metadata');
  const index = new TreeIndex(facts.entries);
  for (const entry of facts.entries) {
    if (entry.kind !== 'file') continue;
    checkSettings(entry, policy, list);
    auditSiteFile(entry, index, list);
    checkArchive(entry, list);
  }
  checkLandmark(facts, index, list);
  const audit = auditRecords(facts, list);
  auditRequirements(facts, list);
  return { findings: list.findings, evidence: { sitePackages: [...facts.layout.sitePackages], records: audit.records, recordedFiles: audit.rows } };
};

function checkSettings({ path, text }: BundleEntry, { leakTokens }: RelocationPolicy, list: FindingList): void {
  if (text === undefined || !BUILD_SETTINGS.test(path)) return;
  for (const prefix of findBuildPrefixes(text, leakTokens)) {
    list.add(prefix.level, path, 'Build settings name a folder of the building machine', {
      expected: 'a path computed from where the file is',
      actual: prefix.path,
      fix: 'leave the file out (`prune.drop`), or let it compute its prefix',
    });
  }
}

/** A 0-byte zip of that name kills every interpreter below its folder, even with `-I`. */
function checkArchive({ path, content, archiveFault, size }: BundleEntry, list: FindingList): void {
  if (LANDMARK_ZIP.test(path) && size === 0) {
    list.error(path, 'The empty file is taken for the zipped standard library and kills every Python below its folder', {
      expected: 'an empty zip (22 bytes), or no file',
      actual: '0 bytes',
      fix: 'write an empty zip in its place',
    });
  } else if (archiveFault !== undefined) {
    // Packages carry damaged archives as data of their tests; only what is named as a zip may be imported from.
    list.add(ARCHIVE_NAME.test(path) ? 'error' : 'warning', path, `The archive cannot be read: ${archiveFault}`, { fix: 'copy the file again' });
  } else if (ARCHIVE_NAME.test(path) && content !== undefined && content !== 'zip' && content !== 'script' && content !== 'elf') {
    list.error(path, 'The file is named as a zip and is none', { expected: 'a zip', actual: content, fix: 'copy the file again' });
  }
}

function checkLandmark({ layout }: BundleFacts, index: TreeIndex, list: FindingList): void {
  if (layout.pythonHome === undefined || layout.pythonSeries === undefined) return;
  const lib = layout.pythonHome === '' ? 'lib' : `${layout.pythonHome}/lib`;
  const path = `${lib}/python${layout.pythonSeries.replace('.', '')}.zip`;
  if (!index.entry(path))
    list.info(path, `Without an empty zip here a file \`${baseName(path)}\` in any folder above the bundle stops Python from starting`, {
      fix: 'carry an empty zip (22 bytes)',
    });
}
