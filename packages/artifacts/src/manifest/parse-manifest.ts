import type { Origin } from '../errors/artifacts-errors';
import { artifactsErrors } from '../errors/artifacts-errors';
import { compareBytewise } from '../record/compare-bytewise';
import { FieldReader, join, pathFault } from '../record/field-reader';
import { checkSchema } from '../record/parse-record';
import { readJson } from '../record/read-json';
import { MANIFEST_SCHEMA, type CarriedLibrary, type ManifestEntry, type PrunedEntry, type TreeManifest } from '../tree-manifest';

const REQUIRED = ['schema', 'name', 'version', 'platform', 'kind', 'layout', 'runtime', 'launcher', 'carried', 'pruned', 'entries'] as const;

/** Reads `share/waybill/manifest.json` of a bundle of any origin: a manifest or a typed error (`RECORD_…`). Entries come sorted by path. */
export function parseManifest(text: string, origin: Origin = {}): TreeManifest {
  const read = new FieldReader({ what: 'manifest', ...origin });
  const value = readJson(text, read.origin);
  checkSchema(value, MANIFEST_SCHEMA, read);
  const fields = read.object(value, '', REQUIRED, ['glibc', 'fromHost']);
  const entries = read.array(fields['entries'], 'entries').map((item, index) => readFileOrLink(item, join('entries', index), read));
  refuseDuplicates(entries, read.origin);
  return {
    schema: MANIFEST_SCHEMA,
    name: read.text(fields['name'], 'name'),
    version: read.text(fields['version'], 'version'),
    platform: read.text(fields['platform'], 'platform'),
    kind: read.oneOf(fields['kind'], 'kind', ['embedded-app', 'python-app']),
    layout: readLayout(fields['layout'], read),
    runtime: readRuntime(fields['runtime'], read),
    ...(fields['glibc'] !== undefined && { glibc: read.text(fields['glibc'], 'glibc', /^\d+\.\d+(\.\d+)?$/, 'a version such as `2.35`') }),
    launcher: { kind: read.oneOf(read.object(fields['launcher'], 'launcher', ['kind'])['kind'], 'launcher.kind', ['native', 'shell', 'none']) },
    carried: read.array(fields['carried'], 'carried').map((item, index) => readCarried(item, join('carried', index), read)),
    ...(fields['fromHost'] !== undefined && { fromHost: readFromHost(fields['fromHost'], read) }),
    pruned: read.array(fields['pruned'], 'pruned').map((item, index) => readPruned(item, join('pruned', index), read)),
    entries: entries.sort((one, other) => compareBytewise(one.path, other.path)),
  };
}

/** A file or a link, as both kinds of manifests list them. */
export function readFileOrLink(value: unknown, field: string, read: FieldReader, faultOf = pathFault): ManifestEntry {
  const isLink = typeof value === 'object' && value !== null && (value as { type?: unknown }).type === 'symlink';
  const fields = read.object(value, field, isLink ? ['path', 'type', 'target'] : ['path', 'type', 'mode', 'size', 'sha256']);
  const path = read.path(fields['path'], join(field, 'path'), faultOf);
  if (isLink) return { path, type: 'symlink', target: read.text(fields['target'], join(field, 'target'), /^[^\0]{1,4096}$/, 'the target of a link') };
  read.oneOf(fields['type'], join(field, 'type'), ['file']);
  return {
    path,
    type: 'file',
    mode: readMode(fields['mode'], join(field, 'mode'), read),
    size: read.integer(fields['size'], join(field, 'size')),
    sha256: read.sha256(fields['sha256'], join(field, 'sha256')),
  };
}

export const readMode = (value: unknown, field: string, read: FieldReader): string =>
  read.text(value, field, /^[0-7]{4}$/, 'four octal digits such as `0755`');

export function refuseDuplicates(entries: readonly { path: string }[], origin: Origin): void {
  const seen = new Set<string>();
  for (const { path } of entries) {
    if (seen.has(path)) throw artifactsErrors.error('RECORD_DUPLICATE', { ...origin, name: path });
    seen.add(path);
  }
}

function readLayout(value: unknown, read: FieldReader): TreeManifest['layout'] {
  const fields = read.object(value, 'layout', ['launcher', 'python'], ['program', 'libpython']);
  return {
    launcher: read.path(fields['launcher'], 'layout.launcher'),
    ...(fields['program'] !== undefined && { program: read.path(fields['program'], 'layout.program') }),
    python: read.path(fields['python'], 'layout.python'),
    ...(fields['libpython'] !== undefined && { libpython: read.path(fields['libpython'], 'layout.libpython') }),
  };
}

function readRuntime(value: unknown, read: FieldReader): TreeManifest['runtime'] {
  const fields = read.object(value, 'runtime', ['version', 'provider', 'source'], ['buildId', 'sha256']);
  return {
    version: read.text(fields['version'], 'runtime.version'),
    ...(fields['buildId'] !== undefined && { buildId: read.text(fields['buildId'], 'runtime.buildId', /^[0-9a-f]{2,128}$/, 'hexadecimal digits') }),
    provider: read.text(fields['provider'], 'runtime.provider'),
    source: read.text(fields['source'], 'runtime.source'),
    ...(fields['sha256'] !== undefined && { sha256: read.sha256(fields['sha256'], 'runtime.sha256') }),
  };
}

function readCarried(value: unknown, field: string, read: FieldReader): CarriedLibrary {
  const fields = read.object(value, field, ['path', 'name', 'version', 'licence', 'licenceFiles']);
  const at = (key: string): string => join(field, key);
  return {
    path: read.path(fields['path'], at('path')),
    name: read.text(fields['name'], at('name')),
    version: read.text(fields['version'], at('version')),
    licence: read.text(fields['licence'], at('licence')),
    licenceFiles: read.array(fields['licenceFiles'], at('licenceFiles')).map((item, index) => read.path(item, join(at('licenceFiles'), index))),
  };
}

const readFromHost = (value: unknown, read: FieldReader): string[] =>
  read
    .array(value, 'fromHost')
    .map((item, index) => read.text(item, join('fromHost', index), /^[^/\s]+\.so(\.[^/\s]+)*$/, 'the name of a library such as `libGL.so.1`'));

function readPruned(value: unknown, field: string, read: FieldReader): PrunedEntry {
  const fields = read.object(value, field, ['path', 'reason']);
  return { path: read.path(fields['path'], join(field, 'path')), reason: read.text(fields['reason'], join(field, 'reason')) };
}
