import { ARTIFACT_KINDS } from '../artifact-record';
import { artifactsErrors, type Origin } from '../errors/artifacts-errors';
import { fileNameFault } from '../names/file-name';
import { compareBytewise } from '../record/compare-bytewise';
import { FieldReader, join } from '../record/field-reader';
import { EARLIEST_EPOCH, LATEST_EPOCH, checkSchema } from '../record/parse-record';
import { readJson } from '../record/read-json';
import { RELEASE_SCHEMA, type ReleaseArtifact, type ReleaseDescription, type ReleaseProof } from './release-description';

const REQUIRED = [
  'schema',
  'project',
  'name',
  'version',
  'sourceDateEpoch',
  'tools',
  'sums',
  'artifacts',
  'signatures',
  'proofs',
  'unsigned',
  'records',
];

type Read = FieldReader;
type Item<T> = (value: unknown, field: string, read: Read) => T;

/** Reads `release.json`, whoever wrote it: a description or a typed error (`RECORD_…`). What it returns is canonical, as `renderRelease` writes it. */
export function parseRelease(text: string, origin: Origin = {}): ReleaseDescription {
  const read = new FieldReader({ what: 'description', ...origin });
  const value = readJson(text, read.origin);
  checkSchema(value, RELEASE_SCHEMA, read);
  const fields = read.object(value, '', REQUIRED, ['commit', 'tag', 'dirty']);
  const list = <T>(key: string, item: Item<T>): T[] => read.array(fields[key], key).map((entry, index) => item(entry, join(key, index), read));
  const artifacts = list('artifacts', readArtifact);
  const signatures = list('signatures', readSignature);
  const sums = list('sums', readName);
  refuseDuplicates([...sums, ...artifacts.map(({ name }) => name), ...signatures.map(({ name }) => name)], read);
  return {
    schema: RELEASE_SCHEMA,
    project: read.text(fields['project'], 'project'),
    name: readName(fields['name'], 'name', read),
    version: read.text(fields['version'], 'version', /^[A-Za-z0-9._+-]{1,128}$/, 'a version'),
    sourceDateEpoch: read.integer(fields['sourceDateEpoch'], 'sourceDateEpoch', EARLIEST_EPOCH, LATEST_EPOCH),
    ...readOrigin(fields, read),
    tools: readTools(fields['tools'], read),
    sums: sums.sort(compareBytewise),
    artifacts: sortBy(artifacts, ({ name }) => name),
    signatures: sortBy(signatures, ({ name }) => name),
    proofs: sortBy(list('proofs', readProof), ({ target }) => target),
    unsigned: sortBy(list('unsigned', readUnsigned), ({ target }) => target),
    records: sortBy(list('records', readRecord), ({ project, target }) => `${project}:${target}`),
  };
}

/** Canonical text: fixed key order, lists sorted, two spaces, LF. What `parseRelease` would refuse is refused here. */
export function renderRelease(description: ReleaseDescription): string {
  return `${JSON.stringify(parseRelease(JSON.stringify(description)), null, 2)}\n`;
}

const sortBy = <T>(items: readonly T[], key: (item: T) => string): readonly T[] =>
  [...items].sort((one, other) => compareBytewise(key(one), key(other)));

function readOrigin(fields: Record<string, unknown>, read: Read): Pick<ReleaseDescription, 'commit' | 'tag' | 'dirty'> {
  const { commit, tag, dirty } = fields;
  if (dirty !== undefined && dirty !== true) read.refuse('dirty', '`true`', dirty);
  return {
    ...(commit !== undefined && { commit: read.text(commit, 'commit', /^(?:[0-9a-f]{40}|[0-9a-f]{64})$/, 'a commit’s hexadecimal digits') }),
    ...(tag !== undefined && { tag: read.text(tag, 'tag') }),
    ...(dirty !== undefined && { dirty: true }),
  };
}

function readTools(value: unknown, read: Read): Readonly<Record<string, string>> {
  const tools = typeof value === 'object' && value !== null && !Array.isArray(value) ? value : read.refuse('tools', 'an object', value);
  const entries = Object.entries(tools).map(([name, version]) => {
    if (!/^[A-Za-z0-9@/._+-]{1,128}$/.test(name) || name === '__proto__') read.refuse('tools', 'names of tools', name);
    return [name, read.text(version, join('tools', name))] as const;
  });
  return Object.fromEntries(entries.sort(([one], [other]) => compareBytewise(one, other)));
}

const readName: Item<string> = (value, field, read) => {
  const name = read.text(value, field);
  const fault = fileNameFault(name);
  return fault === undefined ? name : read.refuse(field, `a file name (${fault})`, name);
};

const readArtifact: Item<ReleaseArtifact> = (value, field, read) => {
  const fields = read.object(value, field, ['name', 'kind', 'size', 'sha256'], ['platform']);
  const at = (key: string): string => join(field, key);
  return {
    name: readName(fields['name'], at('name'), read),
    kind: read.oneOf(fields['kind'], at('kind'), ARTIFACT_KINDS),
    ...(fields['platform'] !== undefined && { platform: read.text(fields['platform'], at('platform')) }),
    size: read.integer(fields['size'], at('size')),
    sha256: read.sha256(fields['sha256'], at('sha256')),
  };
};

const readSignature: Item<ReleaseDescription['signatures'][number]> = (value, field, read) => {
  const fields = read.object(value, field, ['name', 'of', 'sha256']);
  const [name, of] = [readName(fields['name'], join(field, 'name'), read), readName(fields['of'], join(field, 'of'), read)];
  return { name, of, sha256: read.sha256(fields['sha256'], join(field, 'sha256')) };
};

const readRecord: Item<ReleaseDescription['records'][number]> = (value, field, read) => {
  const fields = read.object(value, field, ['project', 'target', 'stage', 'sha256']);
  const text = (key: string): string => read.text(fields[key], join(field, key));
  return { project: text('project'), target: text('target'), stage: text('stage'), sha256: read.sha256(fields['sha256'], join(field, 'sha256')) };
};

const readUnsigned: Item<ReleaseDescription['unsigned'][number]> = (value, field, read) => texts(value, field, ['target', 'reason'], read);

const readProof: Item<ReleaseProof> = (value, field, read) => {
  const fields = read.object(value, field, ['target', 'verdict', 'isolation', 'tested', 'checksRun', 'checksSkipped', 'allow']);
  const text = (key: string): string => read.text(fields[key], join(field, key));
  const list = <T>(key: string, item: Item<T>): T[] =>
    read.array(fields[key], join(field, key)).map((entry, index) => item(entry, join(join(field, key), index), read));
  const line: Item<string> = (entry, at) => read.text(entry, at);
  return {
    target: text('target'),
    verdict: text('verdict'),
    isolation: text('isolation'),
    tested: list('tested', readName).sort(compareBytewise),
    checksRun: list('checksRun', line).sort(compareBytewise),
    checksSkipped: list('checksSkipped', (entry, at) => texts(entry, at, ['check', 'reason'], read)),
    allow: list('allow', (entry, at) => texts(entry, at, ['check', 'path', 'reason'], read)),
  };
};

function texts<Key extends string>(value: unknown, field: string, keys: readonly Key[], read: Read): Record<Key, string> {
  const fields = read.object(value, field, keys);
  return Object.fromEntries(keys.map((key) => [key, read.text(fields[key], join(field, key))])) as Record<Key, string>;
}

/** Names that differ in case only are one file on macOS and Windows. */
function refuseDuplicates(names: readonly string[], read: Read): void {
  const seen = new Set<string>();
  for (const name of names) {
    if (seen.has(name.toLowerCase())) throw artifactsErrors.error('RECORD_DUPLICATE', { ...read.origin, name });
    seen.add(name.toLowerCase());
  }
}
