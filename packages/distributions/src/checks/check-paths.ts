import { collisionKey, nameFault, partsOfPath } from '@waybill/core';
import type { MemberFacts } from '../distribution-facts';
import type { DistributionCheck, FindingList } from './finding-list';

const plain = (path: string): string => path.replace(/\/+$/, '');

/**
 * Paths of members: none leads out, none comes twice, no two are one for macOS or Windows, none is a name that Windows keeps for itself. `everywhere` says that
 * the distribution is for all systems; elsewhere names that only other systems cannot hold are warnings.
 */
export function checkPaths(members: readonly MemberFacts[], check: DistributionCheck, everywhere: boolean, list: FindingList): void {
  for (const { path } of members) {
    const parts = partsOfPath(path);
    if ('reason' in parts) list.error(check, path, `The path ${parts.reason}`, { fix: 'leave the file out, or correct the settings of the backend' });
  }
  checkTwice(members, check, list);
  const level = everywhere ? 'error' : 'warning';
  const shown = new Set<string>();
  for (const { path } of members) {
    const parts = partsOfPath(path);
    const part = 'parts' in parts ? parts.parts.find((name) => nameFault(name) !== undefined) : undefined;
    if (part === undefined || shown.has(part)) continue;
    shown.add(part);
    list.add(level, check, plain(path), `The name \`${part}\` ${nameFault(part)!}`, {
      fix: 'give the file another name: it cannot be installed on Windows',
    });
  }
  for (const [one, other] of collisions(members)) {
    list.add(level, check, one, `The path differs from \`${other}\` only in case or in the form of its letters`, {
      expected: 'names that stay different on macOS and Windows',
      actual: `\`${one}\` and \`${other}\``,
      fix: 'rename one of the two',
    });
  }
}

function checkTwice(members: readonly MemberFacts[], check: DistributionCheck, list: FindingList): void {
  const seen = new Set<string>();
  for (const { path, kind } of members) {
    if (seen.has(plain(path)) && kind !== 'directory') {
      list.error(check, path, 'The path comes twice: what is installed depends on the installer', { fix: 'correct the settings of the backend' });
    }
    seen.add(plain(path));
  }
}

/** Pairs of the shortest paths that collide: a folder `A` beside `a` is told once, not with every file in it. */
function collisions(members: readonly MemberFacts[]): [string, string][] {
  const known = new Map<string, string>();
  const pairs = new Map<string, [string, string]>();
  for (const { path } of members) {
    const parts = plain(path).split('/');
    for (let count = 1; count <= parts.length; count += 1) {
      const prefix = parts.slice(0, count).join('/');
      const key = collisionKey(prefix);
      const first = known.get(key) ?? prefix;
      known.set(key, first);
      if (first === prefix) continue;
      pairs.set(key, [prefix, first]);
      break;
    }
  }
  return [...pairs.values()];
}
