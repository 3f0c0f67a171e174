import { collisionKey, nameFault } from '@waybill/core';
import type { BundleEntry } from '../bundle-facts';
import type { CheckOutcome, StaticCheck } from '../check-result';
import { baseName, TreeIndex } from '../linkage/tree-index';
import { auditLeftovers } from '../metadata/audit-leftovers';
import { auditManifest } from '../metadata/audit-manifest';
import { auditModes } from '../metadata/audit-modes';
import { PATH_BUDGET_BYTES } from '../policy/path-budget';
import { FindingList } from './finding-list';

/** The terminal database files its entries below the first letter of their names, which differ by case (terminfo(5)); only ncurses on a case-sensitive system reads it. */
const TERMINFO = /(^|\/)terminfo\/[^/]+\//;

const SPECIAL_NAMES: Readonly<Record<string, string>> = { fifo: 'FIFO', block: 'block device', character: 'character device' };

/** Check 8: links stay inside, no special files, names that every system can hold; the manifest says what is there. */
export const checkTreeEntries: StaticCheck = (facts, policy): CheckOutcome => {
  const list = new FindingList('tree-entries');
  const index = new TreeIndex(facts.entries);
  const os = policy.platform.split('-')[0] ?? '';
  for (const entry of facts.entries) {
    if (entry.kind === 'symlink') checkLink(entry, index, list);
    if (entry.kind === 'special')
      list.error(entry.path, `The entry is a ${SPECIAL_NAMES[entry.special ?? ''] ?? entry.special ?? 'special file'}`, {
        expected: 'files, folders and links',
        fix: 'remove it',
      });
    checkName(entry, os, list);
  }
  if (os !== 'windows') auditModes(facts.entries, list);
  auditLeftovers(facts.entries, list);
  checkHardLinks(facts.entries, list);
  checkCollisions(facts.entries, list);
  const manifest = auditManifest(facts, index, list);
  const count = (kind: BundleEntry['kind']): number => facts.entries.filter((entry) => entry.kind === kind).length;
  const longest = facts.entries.reduce((most, { path }) => Math.max(most, Buffer.byteLength(path)), 0);
  return {
    findings: list.findings,
    evidence: {
      files: count('file'),
      folders: count('directory'),
      links: count('symlink'),
      longestPathBytes: longest,
      manifestEntries: manifest ?? null,
    },
  };
};

function checkLink({ path, linkTarget = '' }: BundleEntry, index: TreeIndex, list: FindingList): void {
  const actual = linkTarget;
  if (linkTarget.startsWith('/')) {
    list.error(path, 'The link is absolute: on another machine it leads to a file of that machine', {
      expected: 'a relative target in the bundle',
      actual,
      fix: 'remove the link, or copy its target into the bundle',
    });
    return;
  }
  const walk = index.walk(path);
  if (walk.kind === 'outside' || leavesLexically(path, linkTarget))
    list.error(path, 'The link leaves the bundle', {
      expected: 'a target in the bundle',
      actual,
      fix: 'remove the link, or copy its target into the bundle',
    });
  else if (walk.kind === 'loop') list.error(path, 'The link leads round in a circle', { actual, fix: 'remove the link' });
  else if (walk.kind === 'missing')
    list.error(path, 'The link leads to nothing', { expected: `\`${walk.path}\``, actual: 'no such file', fix: 'remove the link' });
}

/** A target that leaves and comes back in by the name of the bundle’s folder breaks with that name. */
function leavesLexically(path: string, target: string): boolean {
  let depth = path.split('/').length - 1;
  for (const part of target.split('/')) {
    if (part === '..') depth -= 1;
    else if (part !== '' && part !== '.') depth += 1;
    if (depth < 0) return true;
  }
  return false;
}

function checkName({ path }: BundleEntry, os: string, list: FindingList): void {
  const fault = nameFault(baseName(path));
  if (fault !== undefined) list.error(path, `The name \`${baseName(path)}\` ${fault}`, { fix: 'rename or leave out the file' });
  const bytes = Buffer.byteLength(path);
  const budget = PATH_BUDGET_BYTES[os] ?? PATH_BUDGET_BYTES['linux']!;
  if (bytes > budget)
    list.error(path, 'The path is too long for archives and systems', {
      expected: `at most ${budget} bytes`,
      actual: `${bytes}`,
      fix: 'shorten folder names, or leave the file out',
    });
}

function checkHardLinks(entries: readonly BundleEntry[], list: FindingList): void {
  const groups = new Map<string, BundleEntry[]>();
  for (const entry of entries)
    if (entry.kind === 'file' && entry.hardLinkGroup !== undefined)
      groups.set(entry.hardLinkGroup, [...(groups.get(entry.hardLinkGroup) ?? []), entry]);
  for (const [first, ...others] of groups.values()) {
    if (others.length === 0) list.info(first!.path, 'The file has a second name outside of the bundle; a change there changes the bundle');
    for (const other of others)
      list.error(other.path, `The file is a hard link of \`${first!.path}\`: archives keep or break such groups as they like`, {
        fix: 'copy the file, or make it a relative link',
      });
  }
}

/** Files whose paths are one path on a file system that ignores case or normal form. Folders that collide are merged there, which harms only if files in them collide. */
function checkCollisions(entries: readonly BundleEntry[], list: FindingList): void {
  const seen = new Map<string, BundleEntry>();
  for (const entry of entries) {
    const key = collisionKey(entry.path);
    const other = seen.get(key);
    if (!other) seen.set(key, entry);
    else reportCollision(entry, other, list);
  }
}

function reportCollision(entry: BundleEntry, other: BundleEntry, list: FindingList): void {
  const how = entry.path.normalize('NFC') === other.path.normalize('NFC') ? 'Unicode normal form' : 'case';
  const message = `The path differs from \`${other.path}\` by ${how} alone`;
  const folders = entry.kind === 'directory' && other.kind === 'directory';
  const level = TERMINFO.test(entry.path) ? 'info' : folders ? (how === 'case' ? 'info' : 'warning') : 'error';
  list.add(level, entry.path, message, { fix: 'rename one of them' });
}
