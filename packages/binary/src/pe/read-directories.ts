import type { PeCertificate, PeFacts } from '../pe-facts';
import { type FileBytes, View } from '../reading/file-bytes';
import { Refused } from '../reading/refused';
import type { ImageBytes } from './image-bytes';
import { DIRECTORY, RESOURCE } from './pe-constants';
import { PE_LIMITS } from './pe-limits';
import type { PeHeader } from './read-header';

export function readExports(image: ImageBytes): PeFacts['exports'] {
  const { address = 0, size = 0 } = image.header.directories[DIRECTORY.exports] ?? {};
  if (address === 0 || size === 0) return undefined;
  const view = image.view(address, 40, 'the export table', 'bad-export');
  const [functions, names] = [view.u32(20), view.u32(24)];
  if (functions > PE_LIMITS.exports || names > PE_LIMITS.exports) {
    throw new Refused(
      'limit',
      `${functions} exported functions with ${names} names, at most ${PE_LIMITS.exports} are read`,
      image.header.directoriesOffset,
    );
  }
  if (functions > 0) image.view(view.u32(28), functions * 4, 'the exported functions', 'bad-export');
  if (names > 0) image.view(view.u32(32), names * 4, 'the exported names', 'bad-export');
  const name = view.u32(12);
  return { name: name === 0 ? '' : image.text(name, 'the name of the library', 'bad-export'), functions, names };
}

/** Types of resources: the first level of the tree. */
export function readResources(image: ImageBytes): Pick<PeFacts, 'resourceTypes' | 'versionInfo' | 'manifest'> {
  const { address = 0, size = 0 } = image.header.directories[DIRECTORY.resources] ?? {};
  if (address === 0 || size === 0) return { resourceTypes: [], versionInfo: false, manifest: false };
  const header = image.view(address, 16, 'the resources', 'bad-resource');
  const [named, numbered] = [header.u16(12), header.u16(14)];
  if (named + numbered > PE_LIMITS.resourceTypes) {
    throw new Refused('limit', `${named + numbered} resource types, at most ${PE_LIMITS.resourceTypes} are read`, image.header.directoriesOffset);
  }
  const entries = image.view(address + 16 + named * 8, numbered * 8, 'the resource types', 'bad-resource');
  const resourceTypes = Array.from({ length: numbered }, (_, index) => entries.u32(index * 8));
  return { resourceTypes, versionInfo: resourceTypes.includes(RESOURCE.version), manifest: resourceTypes.includes(RESOURCE.manifest) };
}

/** The one directory that is addressed by offset: it is not mapped. */
export function readCertificates(bytes: FileBytes, header: PeHeader): Pick<PeFacts, 'certificateTable' | 'certificates'> {
  const entry = header.directories[DIRECTORY.certificates];
  if (!entry) return { certificates: [] };
  const certificateTable = { entryOffset: header.directoriesOffset + DIRECTORY.certificates * 8, offset: entry.address, size: entry.size };
  if (entry.size === 0) return { certificateTable, certificates: [] };
  if (entry.size > PE_LIMITS.certificateBytes) {
    throw new Refused('limit', `certificates of ${entry.size} bytes, at most ${PE_LIMITS.certificateBytes} are read`, entry.address);
  }
  return { certificateTable, certificates: splitCertificates(bytes.read(entry.address, entry.size, 'the certificate table'), entry.address) };
}

/** WIN_CERTIFICATE entries, each padded to 8 bytes. */
function splitCertificates(table: Uint8Array, offset: number): PeCertificate[] {
  const view = new View(table, { bits: 32, little: true });
  const certificates: PeCertificate[] = [];
  for (let at = 0; at < table.length;) {
    const length = at + 8 <= table.length ? view.u32(at) : 0;
    if (length < 8 || at + length > table.length) {
      throw new Refused('bad-certificate', `a certificate entry of ${length} bytes, ${table.length - at} are left`, offset + at);
    }
    if (certificates.length === PE_LIMITS.certificates)
      throw new Refused('limit', `more than ${PE_LIMITS.certificates} certificate entries`, offset + at);
    certificates.push({ revision: view.u16(at + 4), type: view.u16(at + 6), offset: offset + at + 8, bytes: table.subarray(at + 8, at + length) });
    at += Math.ceil(length / 8) * 8;
  }
  return certificates;
}
