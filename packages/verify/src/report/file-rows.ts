import { compareBytewise, type ReleaseDescription } from '@waybill/artifacts';
import type { Finding, TreeItem } from '@waybill/core';
import type { SignedBy } from '../checks/check-signatures';
import type { Expected } from '../checks/check-sums';
import type { SignatureFile } from '../delivery/sort-files';
import type { FileRow } from './verification';

export interface RowSource {
  items: readonly TreeItem[];
  expected: Expected;
  sumsNames: readonly string[];
  signatures: readonly SignatureFile[];
  signed: readonly SignedBy[];
  /** Names of signatures of a form that is not known here. */
  unread: readonly string[];
  releases: readonly ReleaseDescription[];
  releaseNames: readonly string[];
  /** Of archives, which manifests tell of their files. */
  told: ReadonlyMap<string, readonly string[]>;
  findings: readonly Finding[];
}

const STATUS: Readonly<Record<string, FileRow['status']>> = { missing: 'missing', extra: 'extra', changed: 'changed', unsigned: 'unsigned' };

/** One row for each file that is here or should be, sorted by name. */
export function fileRows(source: RowSource): readonly FileRow[] {
  const here = new Map(source.items.filter(({ kind }) => kind !== 'directory').map((item) => [item.path, item]));
  const named = new Set([
    ...here.keys(),
    ...source.expected.keys(),
    ...source.findings.flatMap(({ path }) => (path === undefined || path === '.' ? [] : [path])),
  ]);
  return [...named].sort(compareBytewise).map((name): FileRow => {
    const item = here.get(name);
    const found = source.findings.filter(({ path }) => path === name);
    const status = found.length > 0 ? (STATUS[found[0]!.check] ?? 'refused') : statusOf(name, item, source);
    return {
      name,
      what: kindOf(name, source),
      status,
      ...(item?.kind === 'file' && { size: item.size }),
      detail: found.length > 0 ? '' : detailOf(name, source),
    };
  });
}

/** What is not here and let pass was not checked; a signature of which no expected key made one neither. */
function statusOf(name: string, item: TreeItem | undefined, { signatures, signed }: RowSource): FileRow['status'] {
  if (!item) return 'unchecked';
  const isSignature = signatures.some((one) => one.name === name);
  return isSignature && !signed.some(({ signature }) => signature === name) ? 'unchecked' : 'ok';
}

function kindOf(name: string, { sumsNames, signatures, releaseNames, releases }: RowSource): string {
  if (sumsNames.includes(name)) return 'sums';
  if (releaseNames.includes(name)) return 'release';
  if (signatures.some((signature) => signature.name === name)) return 'signature';
  return releases.flatMap(({ artifacts }) => artifacts).find((artifact) => artifact.name === name)?.kind ?? 'file';
}

function detailOf(name: string, source: RowSource): string {
  const { expected, signed, told, items } = source;
  const sums = Object.keys(expected.get(name) ?? {}).sort();
  const manifests = told.get(name) ?? [];
  const isBareBundle = kindOf(name, source) === 'bundle-archive' && items.some(({ path }) => path === name);
  const by = signed.filter(({ of }) => of === name).map(({ fingerprint }) => fingerprint);
  return [
    ...sums,
    ...(manifests.length === 0 && isBareBundle ? ['no manifest of its files'] : manifests),
    ...(by.length > 0 ? [`signed by ${by.join(', ')}`] : []),
    ...checkedAs(name, source),
  ].join(', ');
}

/** How far a signature was checked; nothing of what is none. */
function checkedAs(name: string, { signed, signatures, unread }: RowSource): readonly string[] {
  const own = signed.find(({ signature }) => signature === name);
  if (own) return [`holds for ${own.of}`];
  if (unread.includes(name)) return ['its form is not known here'];
  return signatures.some((one) => one.name === name) ? ['its form only'] : [];
}
