import { readPropertyList, type PropertyListDictionary, type PropertyListValue } from '@waybill/binary';
import { sealKindOf } from './seal-rules';

/** What lies in a bundle, by path in `Contents` or in the version of a framework. */
export type SealedItem =
  | { kind: 'file'; digest(algorithm: 'sha1' | 'sha256'): string; codeHashes(): readonly string[] }
  | { kind: 'symlink'; target: string }
  /** A folder that is a bundle of its own: code hashes of its program. */
  | { kind: 'bundle'; codeHashes(): readonly string[] };

export interface SealRequest {
  /** Bytes of `_CodeSignature/CodeResources`; absent: there is none. */
  codeResources?: Uint8Array | undefined;
  /** All but folders, the main program, and what lies in bundles of its own. */
  items: ReadonlyMap<string, SealedItem>;
}

/** One thing that is not as it was when the bundle was sealed. `path` as in the request. */
export interface SealProblem {
  path?: string;
  message: string;
}

type Entry = { optional: boolean; hash?: string; hash2?: string; symlink?: string; cdhash?: string };

/** Pure. What of a bundle is not as its seal says: changed, added, taken out. Rules that the seal names itself count for nothing: they could leave out anything. */
export function judgeSeal({ codeResources, items }: SealRequest): readonly SealProblem[] {
  if (codeResources === undefined) return [{ message: 'it has no seal (`_CodeSignature/CodeResources`)' }];
  const read = readPropertyList(codeResources);
  if (!read.ok) return [{ message: `its seal is no property list: ${read.refusal.message}` }];
  const files = read.facts instanceof Map ? (read.facts as PropertyListDictionary).get('files2') : undefined;
  if (!(files instanceof Map)) return [{ message: 'its seal has no `files2`, the list that macOS goes by' }];
  const entries = new Map([...(files as PropertyListDictionary)].map(([path, value]) => [path.normalize(), entryOf(value)]));
  const problems: SealProblem[] = [];
  const seen = new Set<string>();
  for (const [path, item] of items) {
    const name = path.normalize();
    seen.add(name);
    const message = problemOfItem(item, entries.get(name), sealKindOf(path));
    if (message !== undefined) problems.push({ path, message });
  }
  for (const [path, { optional }] of entries)
    if (!seen.has(path) && !(optional && sealKindOf(path) === 'optional')) problems.push({ path, message: 'it is sealed, and not there' });
  return problems;
}

function entryOf(value: PropertyListValue): Entry {
  if (value instanceof Uint8Array) return { optional: false, hash: hex(value) };
  const found: PropertyListDictionary = value instanceof Map ? (value as PropertyListDictionary) : new Map<string, PropertyListValue>();
  const bytes = (key: string): string | undefined => {
    const one = found.get(key);
    return one instanceof Uint8Array ? hex(one) : undefined;
  };
  const symlink = found.get('symlink');
  const texts = { hash: bytes('hash'), hash2: bytes('hash2'), cdhash: bytes('cdhash'), symlink: typeof symlink === 'string' ? symlink : undefined };
  return {
    optional: found.get('optional') === true,
    ...(Object.fromEntries(Object.entries(texts).filter(([, text]) => text !== undefined)) as Omit<Entry, 'optional'>),
  };
}

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');

function problemOfItem(item: SealedItem, entry: Entry | undefined, kind: ReturnType<typeof sealKindOf>): string | undefined {
  if (entry === undefined) return kind === 'omitted' ? undefined : 'it is not sealed: it was added later';
  if (item.kind === 'symlink') return entry.symlink === item.target ? undefined : `it is a link to \`${item.target}\`, sealed was ${sealedAs(entry)}`;
  if (entry.cdhash !== undefined) {
    const actual = item.codeHashes();
    if (actual.includes(entry.cdhash)) return undefined;
    return `its code directory is ${actual.join(', ') || 'none'}, sealed was ${entry.cdhash}`;
  }
  if (item.kind === 'bundle' || kind === 'nested') return 'it is code by its place, and sealed as something else';
  const [algorithm, expected] = entry.hash2 === undefined ? (['sha1', entry.hash] as const) : (['sha256', entry.hash2] as const);
  if (expected === undefined) return `it is a file, sealed was ${sealedAs(entry)}`;
  const actual = item.digest(algorithm);
  return actual === expected ? undefined : `its ${algorithm} is ${actual}, sealed was ${expected}`;
}

const sealedAs = ({ symlink, cdhash }: Entry): string =>
  symlink === undefined ? (cdhash === undefined ? 'a file' : 'code') : `a link to \`${symlink}\``;
