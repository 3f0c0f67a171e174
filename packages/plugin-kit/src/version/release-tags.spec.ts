import type { NxGraph, NxRelease } from '../nx-context';
import { fakeProcesses } from '../testing/fake-processes';
import { allTags, tagForms, tagPatternOf, tagsAtHead } from './release-tags';
import type { Git } from './run-git';

const nodes = { app: { name: 'app', data: { root: 'apps/app', tags: ['scope:py'] } }, lib: { name: 'lib', data: { root: 'libs/lib' } } };
const GRAPH: NxGraph = { nodes, dependencies: {} };

it.each<[NxRelease, string]>([
  [{}, 'v{version}'],
  [{ projectsRelationship: 'independent' }, 'app@{version}'],
  [{ releaseTag: { pattern: 'release/{version}' } }, 'release/{version}'],
  [{ groups: { python: { projects: ['app'] } } }, 'python-v{version}'],
  [{ groups: { python: { projects: 'tag:scope:*' } } }, 'python-v{version}'],
  [{ groups: { python: { projects: ['*', '!lib'] } } }, 'python-v{version}'],
  [{ groups: { others: { projects: ['lib'] } } }, 'v{version}'],
  [{ groups: { python: { projects: ['app'], projectsRelationship: 'independent' } } }, 'app@{version}'],
  [{ groups: { python: { projects: ['app'] } }, projectsRelationship: 'independent' }, 'app@{version}'],
  [{ groups: { python: { projects: ['app'], projectsRelationship: 'fixed' } }, projectsRelationship: 'independent' }, 'python-v{version}'],
  [{ groups: { python: { projects: ['app'] } }, releaseTag: { pattern: 'r{version}' } }, 'r{version}'],
  [{ groups: { python: { projects: ['app'] } }, projectsRelationship: 'independent', releaseTag: { pattern: 'r{version}' } }, 'app@{version}'],
  [{ groups: { apps: { projects: ['app'], releaseTag: { pattern: '{releaseGroupName}-{projectName}-{version}' } } } }, 'apps-app-{version}'],
])('names tags as Nx does with %j: %s', (release, expected) => {
  expect(tagPatternOf(release, 'app', GRAPH)).toBe(expected);
});

describe('tags', () => {
  const gitWith = (...tags: string[]): Git => ({
    processes: fakeProcesses(() => ({ stdout: tags.join('\n') })),
    workspaceRoot: '/w',
    environment: {},
  });

  it.each<[string, string, string | undefined]>([
    ['1.4.0', 'v{version}', '1.4.0'],
    ['v1.4.0', 'v{version}', '1.4.0'],
    ['app@1.4.0-rc.1', 'v{version}', '1.4.0rc1'],
    ['my-app/v1.4.0', 'v{version}', '1.4.0'],
    ['python-v1.4.0', 'python-v{version}', '1.4.0'],
    ['release/1.4.0+final', 'release/{version}+final', '1.4.0'],
    ['release/1.4.0', 'release/{version}', '1.4.0'],
    ['python-v1.4.0', 'v{version}', undefined],
    ['python-v', 'python-v{version}', undefined],
  ])('%s with the pattern %s is the version %s', async (tag, pattern, version) => {
    expect((await tagsAtHead(gitWith(tag), tagForms(['app', 'my-app'], pattern)))[0]?.version).toBe(version);
  });

  it('tells the surest first, what it does not understand last, and neither words nor what is another project’s', async () => {
    const git = gitWith('nightly', 'other@1.4.0', 'release/1.4.0', 'v1.4.0', 'wordtally@1.4.0', 'x-3.0');
    expect(await allTags(git, tagForms(['wordtally'], 'release/{version}'))).toEqual([
      { tag: 'release/1.4.0', version: '1.4.0' },
      { tag: 'wordtally@1.4.0', version: '1.4.0' },
      { tag: 'v1.4.0', version: '1.4.0' },
      { tag: 'x-3.0' },
    ]);
  });
});
