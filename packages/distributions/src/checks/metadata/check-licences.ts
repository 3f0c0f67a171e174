import type { FindingLevel } from '@waybill/core';
import type { CoreMetadata } from '../../metadata/core-metadata';
import { readLicenceExpression } from '../../metadata/licence-expression';
import type { DistributionPolicy } from '../distribution-policy';
import type { FindingList } from '../finding-list';

/** From this version of the metadata on, licence files lie where PEP 639 says. */
const SINCE = 24;
const versionNumber = (version: string | undefined): number => Number((version ?? '0').replace('.', ''));

/**
 * `licence` (PEP 639): the expression is one, and every declared file is there. `has(path)` says whether the distribution holds a licence file, named relative to
 * where its kind keeps them.
 */
export function checkLicences(
  metadata: CoreMetadata | undefined,
  file: string,
  has: (path: string, legacy: boolean) => boolean,
  policy: DistributionPolicy,
  list: FindingList,
): void {
  if (metadata === undefined) return;
  const level: FindingLevel = policy.metadata === 'warn' ? 'warning' : 'error';
  const fix = 'correct `license` and `license-files` in `[project]` of `pyproject.toml`';
  checkExpression(metadata, file, level, fix, list);
  const legacy = versionNumber(metadata.metadataVersion) < SINCE;
  for (const path of metadata.licenceFiles) {
    if (path.startsWith('/') || path.split('/').includes('..'))
      list.add(level, 'licence', file, `The licence file \`${path}\` is no path inside of the project`, { fix });
    else if (!has(path, legacy)) {
      list.add(level, 'licence', file, `The declared licence file \`${path}\` is not in the distribution`, {
        expected: legacy ? `\`${path}\`` : `\`licenses/${path}\` in the dist-info`,
        actual: 'no such file',
        fix,
      });
    }
  }
  const says =
    metadata.licenceExpression ?? metadata.licence ?? metadata.classifiers.find((one) => one.startsWith('License ::')) ?? metadata.licenceFiles[0];
  if (says === undefined && policy.ships !== false)
    list.warning('licence', file, 'The metadata says nothing of a licence', { fix: 'add `license = "…"` and `license-files` to `[project]`' });
}

function checkExpression(metadata: CoreMetadata, file: string, level: FindingLevel, fix: string, list: FindingList): void {
  const { licenceExpression: expression, metadataVersion } = metadata;
  if (expression === undefined) return;
  const { fault, deprecated } = readLicenceExpression(expression);
  if (fault !== undefined) list.add(level, 'licence', file, `\`License-Expression\` is no SPDX expression: ${fault}`, { actual: expression, fix });
  for (const id of deprecated) list.warning('licence', file, `SPDX has replaced the identifier \`${id}\``, { actual: expression, fix });
  if (versionNumber(metadataVersion) < SINCE) {
    list.add(level, 'licence', file, '`License-Expression` stands in metadata of a version that does not know it', {
      expected: 'Metadata-Version 2.4 or later',
      actual: metadataVersion ?? 'none',
      fix: 'use a newer version of the backend',
    });
  }
  const classifier = metadata.classifiers.find((one) => one.startsWith('License ::'));
  if (classifier !== undefined)
    list.warning('licence', file, 'An index may refuse licence classifiers beside `License-Expression`', {
      actual: classifier,
      fix: 'remove the classifier',
    });
}
