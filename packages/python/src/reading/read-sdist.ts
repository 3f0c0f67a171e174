import { basename } from 'node:path';
import { parseCoreMetadata, type SdistFacts } from '@waybill/distributions';
import { readMembers } from './read-members';
import { readText, type TextFault } from './read-text';

const PKG_INFO = /^[^/]+\/PKG-INFO$/;

/** An sdist to facts, nothing judged. Throws what `readMembers` throws; what is wrong with texts inside is in `faults`. */
export async function readSdist(file: string): Promise<SdistFacts> {
  const read = await readMembers(file, (path) => PKG_INFO.test(path));
  const topFolders = [...new Set(read.members.map(({ path }) => path.replace(/^(\.\/)+/, '').split('/', 1)[0]!))];
  const faults: TextFault[] = [];
  const metadata = readText(read, `${topFolders[0]}/PKG-INFO`, parseCoreMetadata, faults)?.metadata;
  return {
    kind: 'sdist',
    fileName: basename(file),
    container: read.container,
    members: read.members,
    natives: read.natives,
    topFolders,
    ...(metadata === undefined ? {} : { metadata }),
    hasPyproject: read.members.some(({ path, kind }) => kind === 'file' && /^[^/]+\/pyproject\.toml$/.test(path)),
    faults,
  };
}
