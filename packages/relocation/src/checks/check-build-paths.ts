import type { BundleEntry, LeakHit, LeakToken } from '../bundle-facts';
import type { CheckOutcome, StaticCheck } from '../check-result';
import { recordedPaths } from '../metadata/recorded-paths';
import { isGenericPath } from '../policy/generic-paths';
import { FindingList } from './finding-list';

/** Homes of containers in which wheels are built the world over: they name no machine of ours. */
const CONTAINER_HOME_TOKENS: ReadonlySet<LeakToken['id']> = new Set(['home', 'cargo-home']);

const NAMES: Readonly<Record<LeakToken['id'], string>> = {
  'runtime-origin': 'the folder that the runtime was taken from',
  workspace: 'the workspace',
  home: 'the home folder',
  'cargo-home': 'cargo’s home',
  temporary: 'a temporary folder',
  hidden: 'a folder that is hidden during the proof',
};

const WRITTEN: Readonly<Record<LeakHit['encoding'], string>> = { utf8: '', utf16le: ', as UTF-16', utf32le: ', as UTF-32', base64: ', in base64' };

/** Check 7: no path of the building machine in any file. One finding a file and token, with the first place. */
export const checkBuildPaths: StaticCheck = (facts, policy): CheckOutcome => {
  const list = new FindingList('build-paths');
  const recorded = recordedPaths(facts);
  const counts: Record<string, number> = {};
  for (const entry of facts.entries) {
    checkOwnPath(entry, policy.leakTokens, list);
    checkSealed(entry, list);
    const hits = entry.leaks ?? [];
    const excused = recorded.has(entry.path) && hits.every((hit) => CONTAINER_HOME_TOKENS.has(idOf(hit)));
    for (const [token, ofToken] of groupByToken(hits)) {
      counts[token] = (counts[token] ?? 0) + ofToken.length;
      report(entry, ofToken, excused, list);
    }
  }
  return {
    findings: list.findings,
    evidence: {
      tokens: policy.leakTokens.map(({ id }) => id),
      files: facts.entries.filter(({ leaks }) => leaks && leaks.length > 0).length,
      hits: counts,
    },
  };
};

/** What a check did not look into is told; a file of a wheel as its makers packed it cannot hold a path of this machine. */
function checkSealed({ path, sealed, recorded }: BundleEntry, list: FindingList): void {
  if (sealed === undefined) return;
  list.add(
    recorded ? 'info' : 'warning',
    path,
    'The file is packed in a format that is not looked into: a path of this machine in it would not be found',
    {
      expected: 'plain files, or zip and gzip',
      actual: `${sealed[0]}${sealed.length > 1 ? ` and ${sealed.length - 1} more` : ''}`,
      fix: 'look into it yourself; pack it with gzip or zip if it is yours',
    },
  );
}

/** Archives of other tools hold whole paths of the building machine (`python/runtime/home/dev/…`). A path of one part (`/app`) is a usual name of a folder: it tells nothing here. */
function checkOwnPath({ path }: BundleEntry, tokens: readonly LeakToken[], list: FindingList): void {
  const token = tokens.find(
    (candidate) => candidate.path.lastIndexOf('/') > 0 && !isGenericPath(candidate.path) && `/${path}/`.includes(`${candidate.path}/`),
  );
  if (token)
    list.error(path, `The entry’s own path holds ${NAMES[token.id]}`, {
      actual: token.path,
      fix: 'package the folder’s content, not the folder with the path above it',
    });
}

function groupByToken(hits: readonly LeakHit[]): Map<string, LeakHit[]> {
  const groups = new Map<string, LeakHit[]>();
  for (const hit of hits) groups.set(hit.token, [...(groups.get(hit.token) ?? []), hit]);
  return groups;
}

function idOf(hit: LeakHit): LeakToken['id'] {
  return hit.token as LeakToken['id'];
}

function report(entry: BundleEntry, hits: readonly LeakHit[], excused: boolean, list: FindingList): void {
  const first = hits[0]!;
  const place = first.member === undefined ? `at offset ${first.offset}` : `in member \`${first.member}\` at offset ${first.offset}`;
  const more = hits.length > 1 ? ` and ${hits.length - 1} more` : '';
  list.add(
    excused ? 'warning' : 'error',
    entry.path,
    `The file holds ${NAMES[idOf(first)] ?? 'a path of this machine'} ${place}${WRITTEN[first.encoding]}${more}`,
    {
      actual: first.excerpt,
      fix: excused ? 'tell the wheel’s makers; nothing on the user’s machine depends on it' : fixFor(entry, idOf(first)),
    },
  );
}

function fixFor(entry: BundleEntry, token: LeakToken['id']): string {
  if (token === 'cargo-home' || (entry.content === 'elf' && token === 'home'))
    return 'build with `--remap-path-prefix=<path>=.` (RUSTFLAGS), in C with `-ffile-prefix-map=<path>=.`';
  if (entry.content === 'elf') return 'strip debug data and build with `-ffile-prefix-map=<path>=.`, or `--remap-path-prefix` for Rust';
  if (entry.content === 'pyc') return 'compile with `compileall -s <path> -p <prefix>`';
  return 'write the path relative, or leave the file out (`prune.drop`)';
}
