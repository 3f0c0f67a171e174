import { readVersion } from '@waybill/artifacts';
import type { CoreMetadata } from '../../metadata/core-metadata';
import { readRequirement } from '../../metadata/requirement-syntax';
import type { FindingList } from '../finding-list';

/** Why a distribution is not for an index, each in words; empty when it is. A local version is refused by indexes, a development version is not meant for them. */
export function unpublishableReasons(metadata: CoreMetadata | undefined, platformTags: readonly string[] = []): string[] {
  const version = readVersion(metadata?.version ?? '');
  const direct = (metadata?.requiresDist ?? []).filter((text) => {
    const read = readRequirement(text);
    return 'requirement' in read && read.requirement.url !== undefined;
  });
  return [
    ...(version?.local === undefined ? [] : [`\`${metadata!.version!}\` is a local version`]),
    ...(version?.dev === undefined ? [] : [`\`${metadata!.version!}\` is a development version`]),
    ...platformTags.filter((tag) => /^linux_/.test(tag)).map((tag) => `indexes take no \`${tag}\`, only manylinux and musllinux`),
    ...direct.map((text) => `it requires a direct reference: \`${text}\``),
  ];
}

const MANYLINUX = 'build it in a manylinux container (`frontend: cibuildwheel`), or have `auditwheel repair` tag it for what it needs';

/** `publishable`: an information, since a build that nobody publishes may be all of that. */
export function checkPublishable(metadata: CoreMetadata | undefined, platformTags: readonly string[], list: FindingList): void {
  for (const reason of unpublishableReasons(metadata, platformTags)) {
    list.info('publishable', undefined, `The distribution is not for an index: ${reason}`, {
      fix: /no `linux_/.test(reason) ? MANYLINUX : 'release a tagged version that requires released versions',
    });
  }
}
