import type { Finding } from '@waybill/core';
import { tagPatternOf, type NxGraph, type NxRelease } from '@waybill/plugin-kit';
import type { WorkflowFile } from './publishing-jobs';

export interface GitFacts {
  isRepository: boolean;
  isShallow: boolean;
  hasTags: boolean;
}

export function judgeGit({ isRepository, isShallow, hasTags }: GitFacts): readonly Finding[] {
  if (!isRepository) {
    const message = 'the workspace is no git repository: releases have no commit, and nothing can be affected';
    return [{ check: 'git', level: 'warning', message, fix: 'run `git init` and commit' }];
  }
  if (isShallow) {
    const message = 'the clone is shallow: tags, `nx affected` and dates of commits are wrong or missing';
    return [{ check: 'git-depth', level: 'error', message, fix: 'run `git fetch --unshallow --tags`; in a workflow set `fetch-depth: 0`' }];
  }
  return hasTags
    ? []
    : [{ check: 'git-tags', level: 'info', message: 'there is no tag yet: remote destinations are skipped until a commit has a release tag' }];
}

/** Below these a remote cache could write outside of the workspace (CVE-2026-71476). */
const SAFE_NX: readonly (readonly [major: number, minor: number, patch: number])[] = [
  [22, 7, 7],
  [23, 0, 2],
];

export function judgeVersions(nx: string | undefined, packages: Readonly<Record<string, string>>): readonly Finding[] {
  const findings: Finding[] = [];
  const floor = SAFE_NX.find(([major]) => nx?.startsWith(`${major}.`)) ?? SAFE_NX[0]!;
  const parts = (nx ?? '').split('.').map((part) => Number.parseInt(part, 10));
  const difference = floor.map((number, index) => (parts[index] ?? 0) - number).find((value) => value !== 0) ?? 0;
  if (nx === undefined || difference < 0) {
    findings.push({
      check: 'nx-version',
      level: 'error',
      message: 'this Nx does not work with Waybill, or has a hole that a remote cache can use to write anywhere (CVE-2026-71476)',
      expected: '22.7.7, 23.0.2 or newer',
      actual: nx ?? 'none',
      fix: 'run `npx nx migrate latest`',
    });
  }
  const versions = [...new Set(Object.values(packages))];
  if (versions.length > 1) {
    const actual = Object.entries(packages)
      .map(([name, version]) => `${name} ${version}`)
      .join(', ');
    findings.push({
      check: 'waybill-versions',
      level: 'error',
      message: 'the packages of Waybill have different versions',
      expected: 'one version',
      actual,
      fix: 'run `npx nx add @waybill/release`',
    });
  }
  return findings;
}

const WRITE_TOKEN = /NX_SELF_HOSTED_REMOTE_CACHE_ACCESS_TOKEN|NX_CLOUD_ACCESS_TOKEN|nxCloudAccessToken/;

/** A secret that is named after reading is one that cannot write: ours is NX_CACHE_READ_TOKEN. */
function writesCache(line: string): boolean {
  if (!WRITE_TOKEN.test(line)) return false;
  const secrets = [...line.matchAll(/secrets\.(\w+)/g)].map(([, name]) => name!);
  return secrets.length === 0 || !secrets.every((name) => /(^|_)READ(_|$)/.test(name));
}

/** What a pipeline of GitLab sets the token to: a variable that is named after reading is one that cannot write. `unset` sets nothing. */
function writesCacheOfGitlab(line: string): boolean {
  const [, value] = new RegExp(`(?:${WRITE_TOKEN.source})["']?\\s*[:=]\\s*["']?([^\\s"']+)`).exec(line) ?? [];
  return value !== undefined && !/^\$\{?\w*(^|_|\$|\{)READ(_|\W|$)/.test(value);
}

const writes = ({ path, text }: WorkflowFile): boolean =>
  path.endsWith('.gitlab-ci.yml')
    ? /merge_request_event|CI_MERGE_REQUEST/.test(text) && text.split('\n').some(writesCacheOfGitlab)
    : /\bpull_request(_target)?\b/.test(text) && text.split('\n').some(writesCache);

/** Who may write to the cache decides what a release is made of: a pull request must not (CVE-2025-36852). */
export function judgeWorkflows(workflows: readonly WorkflowFile[]): readonly Finding[] {
  return workflows.filter(writes).map(({ path, text }) => ({
    check: 'writable-remote-cache',
    level: 'error' as const,
    path,
    message: `the workflow runs for pull requests (merge requests) and names \`${WRITE_TOKEN.exec(text)![0]}\`: what a pull request writes there, a release takes`,
    expected: 'a token that only reads, or none, for pull requests',
    fix: 'give the token that writes to protected branches alone, in a workflow of their own',
  }));
}

/** GitHub makes no event for tags when more than these are pushed at once (GitHub's documents, "Events that trigger workflows", push). */
const MOST_TAGS_AT_ONCE = 3;

/** `nx release` pushes the tags of all projects at once: with many of their own no workflow starts, and nothing says so. */
export function judgeTagsAtOnce(workflows: readonly WorkflowFile[], release: NxRelease, graph: NxGraph): readonly Finding[] {
  const onTags = workflows.find(({ path, text }) => path.startsWith('.github/') && /^\s+tags:/m.test(text));
  const publishing = Object.values(graph.nodes).filter(({ data }) => data.targets?.['publish']?.executor === '@waybill/release:publish');
  const tags = new Set(publishing.map(({ name }) => tagPatternOf(release, name, graph)));
  if (onTags === undefined || tags.size <= MOST_TAGS_AT_ONCE) return [];
  return [
    {
      check: 'tags-at-once',
      level: 'warning',
      path: onTags.path,
      message: `a release of all ${tags.size} projects that have tags of their own starts no workflow: GitHub passes over a push of more than ${MOST_TAGS_AT_ONCE} tags`,
      fix: `release at most ${MOST_TAGS_AT_ONCE} at once (\`nx release --projects=…\`), or push the tags one after the other (\`git push origin <tag>\`)`,
    },
  ];
}
