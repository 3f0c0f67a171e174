import { ARTIFACT_KINDS, RECORD_SCHEMA, type Artifact, type ArtifactRecord, type Json } from '../artifact-record';
import { artifactsErrors, type Origin } from '../errors/artifacts-errors';
import { fileNameFault } from '../names/file-name';
import { FieldReader, describeValue, join } from './field-reader';
import { readJson } from './read-json';
import { compareBytewise } from './compare-bytewise';

/** 1980-01-01, the first date that a zip entry can carry, to the last second of an unsigned 32-bit clock. */
export const EARLIEST_EPOCH = 315_532_800;
export const LATEST_EPOCH = 4_294_967_295;

const RECORD_KEYS = ['schema', 'project', 'target', 'stage', 'version', 'sourceDateEpoch', 'artifacts', 'facts'] as const;
const PLATFORM = /^(?:(?:linux|windows|macos)-(?:x86_64|aarch64)|macos-universal2|linux-(?:x86_64|aarch64)-musl)$/;

/**
 * Reads `artifacts.json`, whoever wrote it: a record or a typed error (`RECORD_…`), never anything else. What it returns is canonical:
 * artifacts sorted by name, keys as `renderRecord` writes them.
 */
export function parseRecord(text: string, origin: Origin = {}): ArtifactRecord {
  const value = readJson(text, origin);
  const read = new FieldReader(origin);
  checkSchema(value, RECORD_SCHEMA, read);
  const fields = read.object(value, '', RECORD_KEYS);
  const artifacts = read.array(fields['artifacts'], 'artifacts').map((item, index) => readArtifact(item, join('artifacts', index), read));
  refuseDuplicates(artifacts, origin);
  return {
    schema: RECORD_SCHEMA,
    project: read.text(fields['project'], 'project'),
    target: read.text(fields['target'], 'target'),
    stage: read.text(fields['stage'], 'stage', /^[a-z][a-z0-9-]{0,63}$/, 'the name of a stage'),
    version: read.text(fields['version'], 'version', /^[A-Za-z0-9._+-]{1,128}$/, 'a version'),
    sourceDateEpoch: read.integer(fields['sourceDateEpoch'], 'sourceDateEpoch', EARLIEST_EPOCH, LATEST_EPOCH),
    artifacts: artifacts.sort((one, other) => compareBytewise(one.name, other.name)),
    facts: readFacts(fields['facts'], read),
  };
}

/** Said before anything else is looked at: the fields of another schema are not ours to judge. */
export function checkSchema(value: unknown, expected: string, read: FieldReader): void {
  const actual = typeof value === 'object' && value !== null && Object.hasOwn(value, 'schema') ? (value as { schema: unknown }).schema : undefined;
  if (actual === expected) return;
  const family = expected.replace(/\d+$/, '');
  if (typeof actual === 'string' && actual.startsWith(family)) {
    throw artifactsErrors.error('RECORD_SCHEMA', { ...read.origin, expected, actual: actual.slice(0, 80) });
  }
  read.refuse('schema', `\`${expected}\``, actual);
}

function readArtifact(value: unknown, field: string, read: FieldReader): Artifact {
  const fields = read.object(value, field, ['name', 'path', 'kind', 'ships', 'size', 'sha256', 'madeFrom'], ['platform']);
  const at = (key: string): string => join(field, key);
  const name = read.text(fields['name'], at('name'));
  const nameFault = fileNameFault(name);
  if (nameFault) read.refuse(at('name'), `a file name (${nameFault})`, name);
  const path = read.path(fields['path'], at('path'));
  if (path.split('/').at(-1) !== name) read.refuse(at('path'), `a path that ends in the artifact’s name \`${name}\``, path);
  const madeFrom = read
    .array(fields['madeFrom'], at('madeFrom'))
    .map((item, index) => read.text(item, join(at('madeFrom'), index), /^sha256:[0-9a-f]{64}$/, '`sha256:` and 64 lower-case hexadecimal digits'));
  return {
    name,
    path,
    kind: read.oneOf(fields['kind'], at('kind'), ARTIFACT_KINDS),
    ...(fields['platform'] !== undefined && {
      platform: read.text(fields['platform'], at('platform'), PLATFORM, 'a platform such as `linux-x86_64`'),
    }),
    ships: read.boolean(fields['ships'], at('ships')),
    size: read.integer(fields['size'], at('size')),
    sha256: read.sha256(fields['sha256'], at('sha256')),
    madeFrom: [...new Set(madeFrom)].sort(compareBytewise),
  };
}

/** Names that differ in case only are one file on macOS and Windows. */
function refuseDuplicates(artifacts: readonly Artifact[], origin: Origin): void {
  const seen = new Set<string>();
  for (const { name } of artifacts) {
    if (seen.has(name.toLowerCase())) throw artifactsErrors.error('RECORD_DUPLICATE', { ...origin, name });
    seen.add(name.toLowerCase());
  }
}

function readFacts(value: unknown, read: FieldReader): ArtifactRecord['facts'] {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) read.refuse('facts', 'an object', value);
  return readFact(value, 'facts', read) as ArtifactRecord['facts'];
}

/** Numbers must survive a round trip, keys must not reach an object's prototype. */
function readFact(value: unknown, field: string, read: FieldReader): Json {
  if (value === null || typeof value === 'boolean' || typeof value === 'string') return value;
  if (typeof value === 'number') {
    const exact = Number.isFinite(value) && Math.abs(value) <= Number.MAX_SAFE_INTEGER;
    return exact ? value : read.refuse(field, 'a number that JSON readers hold exactly', Number.isFinite(value) ? value : String(value));
  }
  if (Array.isArray(value)) return value.map((item, index) => readFact(item, join(field, index), read));
  if (typeof value !== 'object') return read.refuse(field, 'a JSON value', describeValue(value));
  const entries = Object.entries(value).map(([key, item]) => {
    if (key === '__proto__') read.refuse(field, 'keys other than `__proto__`', key);
    return [key, readFact(item, join(field, key), read)] as const;
  });
  return Object.fromEntries(entries.sort(([one], [other]) => compareBytewise(one, other)));
}
