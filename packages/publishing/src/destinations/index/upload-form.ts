import { hashBytes, type HttpBody } from '@waybill/core';
import { parseCoreMetadata } from '@waybill/distributions';
import type { PublishFile } from '../../destination';
import { publishingErrors } from '../../errors/publishing-errors';
import { readDistributionName } from './distribution-name';

/** Core metadata headers that a form names differently than "lower case, `-` as `_`" (warehouse `forklift/metadata.py`, uv `form_metadata`). */
const FORM_NAMES: Readonly<Record<string, string>> = { classifier: 'classifiers', 'project-url': 'project_urls' };
/** Stands in the form by itself. */
const OWN: ReadonlySet<string> = new Set(['description']);
const REQUIRED = ['Metadata-Version', 'Name', 'Version'];

/** Fields of an upload in their order (the legacy upload API of Warehouse): the protocol’s, then what METADATA or PKG-INFO says. */
export function uploadFields(file: PublishFile, metadataText: string): readonly (readonly [string, string])[] {
  const { metadata } = parseCoreMetadata(metadataText);
  const missing = REQUIRED.find((field) => !metadata.headers.some(({ name }) => name.toLowerCase() === field.toLowerCase()));
  if (missing !== undefined) throw publishingErrors.error('PUBLISH_INDEX_METADATA', { name: file.name, field: missing });
  const headers = metadata.headers
    .filter(({ name }) => !OWN.has(name.toLowerCase()))
    .map(({ name, value }) => [FORM_NAMES[name.toLowerCase()] ?? name.toLowerCase().replaceAll('-', '_'), value.replace(/\n[ \t]+/g, '\n')] as const);
  return [
    [':action', 'file_upload'],
    ['protocol_version', '1'],
    ['filetype', file.kind === 'sdist' ? 'sdist' : 'bdist_wheel'],
    ['pyversion', readDistributionName(file.name)?.python ?? 'source'],
    ['sha256_digest', file.sha256],
    ...headers,
    ...(metadata.description === undefined ? [] : [['description', metadata.description] as const]),
  ];
}

/** The body of the request: the same bytes each time it is read, never whole in memory. */
export function multipartBody(file: PublishFile, fields: readonly (readonly [string, string])[]): { body: HttpBody; contentType: string } {
  const boundary = `waybill-${hashBytes(`${file.sha256}${JSON.stringify(fields)}`)}`;
  const parts = fields.map(([name, value]) => `--${boundary}\r\ncontent-disposition: form-data; name="${name}"\r\n\r\n${value}\r\n`);
  const last = `--${boundary}\r\ncontent-disposition: form-data; name="content"; filename="${file.name}"\r\ncontent-type: application/octet-stream\r\n\r\n`;
  const [head, tail] = [Buffer.from(parts.join('') + last), Buffer.from(`\r\n--${boundary}--\r\n`)];
  return {
    contentType: `multipart/form-data; boundary=${boundary}`,
    body: {
      size: head.length + file.size + tail.length,
      async *open() {
        yield head;
        yield* file.content.open();
        yield tail;
      },
    },
  };
}
