import type { NxDependsOn, NxGraph } from '../nx-context';
import { expandDependsOn, idText } from './expand-depends-on';
import { graphOf } from '../testing/graph-of';
import { matchProjects } from './match-names';
import { resolveUpstream } from './resolve-upstream';

const expand = (graph: NxGraph, project: string, target: string, strict = true): string[] =>
  expandDependsOn(graph, { project, target }, strict).map(idText);
const upstream = (graph: NxGraph, project: string, target: string): string[] => resolveUpstream(graph, { project, target }).targets.map(idText);

/** app → b → c, app → d; b has no `build-wheel`. */
const chain = (dependsOn: readonly NxDependsOn[]): NxGraph =>
  graphOf(
    {
      app: { package: dependsOn, 'build-wheel': [], 'build-docs': [], native: [] },
      b: { lint: [] },
      c: { 'build-wheel': [] },
      d: { 'build-wheel': ['^build-wheel'], 'x:y': [] },
    },
    { app: ['b', 'npm:left-pad', 'd'], b: ['c'], c: [] },
  );

describe('expandDependsOn', () => {
  it.each<[NxDependsOn, string[]]>([
    ['build-wheel', ['app:build-wheel']],
    ['^build-wheel', ['d:build-wheel', 'c:build-wheel']],
    ['build-*', ['app:build-wheel', 'app:build-docs']],
    ['^build-*', ['d:build-wheel', 'c:build-wheel']],
    ['c:build-wheel', ['c:build-wheel']],
    ['d:x:y', ['d:x:y']],
    [{ target: 'build-wheel' }, ['app:build-wheel']],
    [{ target: 'build-wheel', projects: 'self' }, ['app:build-wheel']],
    [{ target: 'build-wheel', projects: 'dependencies' }, ['d:build-wheel', 'c:build-wheel']],
    [{ target: 'build-wheel', dependencies: true }, ['d:build-wheel', 'c:build-wheel']],
    [{ target: 'build-wheel', projects: 'c' }, ['c:build-wheel']],
    [{ target: 'build-wheel', projects: ['c', 'd'] }, ['c:build-wheel', 'd:build-wheel']],
    [{ target: 'build-wheel', projects: ['*', '!app'] }, ['c:build-wheel', 'd:build-wheel']],
    [{ target: 'build-*', projects: ['packages/*'] }, ['app:build-wheel', 'app:build-docs', 'c:build-wheel', 'd:build-wheel']],
    ['^never-there', []],
    [{ target: 'never-there', dependencies: true }, []],
  ])('%p is %p', (entry, expected) => {
    expect(expand(chain([entry]), 'app', 'package')).toEqual(expected);
  });

  it.each<[NxDependsOn, string, string]>([
    ['buildwheel', 'there is no such target', '`build-wheel`'],
    ['pakage-*', 'matches no target', ''],
    ['nobody:build-wheel', 'there is no such target', ''],
    ['c:buildwheel', 'project `c` has no target `buildwheel`', '`build-wheel`'],
    ['c:build-wheel:production', 'project `c` has no target', ''],
    [{ target: 'native', projects: ['c'] }, 'project `c` has no target `native`', ''],
    [{ target: 'native', projects: ['app', 'c'] }, 'project `c` has no target `native`', ''],
    [{ target: 'build-wheel', projects: ['nobody'] }, 'no project', ''],
    [{ target: 'build-wheel', projects: ['tag:python'] }, 'no project', ''],
    [{ target: 'no-*', projects: ['*'] }, 'no project', ''],
  ])('%p is refused: %s', (entry, reason, near) => {
    const graph = chain([entry]);
    const error = (() => {
      try {
        return expand(graph, 'app', 'package');
      } catch (cause) {
        return cause;
      }
    })() as { code: string; message: string; details: string[]; fix: string };
    expect(error.code).toBe('GRAPH_DEPENDENCY_UNKNOWN');
    expect(error.message).toContain('`app:package` depends on');
    expect(error.message).toContain(reason);
    expect(error.details.join()).toContain(near);
    expect(error.fix).toContain('packages/app/project.json');
    expect(expand(graph, 'app', 'package', false)).toEqual(
      graph.nodes['app'] && entry instanceof Object && entry.target === 'native' && entry.projects!.includes('app') ? ['app:native'] : [],
    );
  });

  it('takes a name with a colon for the own target first, as Nx does', () => {
    const graph = graphOf({ app: { package: ['c:build'], 'c:build': [] }, c: { build: [] } });
    expect(expand(graph, 'app', 'package')).toEqual(['app:c:build']);
  });

  it('never depends on itself, even by a pattern', () => {
    expect(expand(graphOf({ app: { 'package-a': ['package-*'], 'package-b': [] } }), 'app', 'package-a')).toEqual(['app:package-b']);
  });
});

describe('matchProjects', () => {
  const graph = graphOf({ shop: {}, 'shop-ui': {}, shop_api: {}, '@acme/tools': {} });
  const tagged: NxGraph = {
    ...graph,
    nodes: { ...graph.nodes, shop: { ...graph.nodes['shop']!, data: { ...graph.nodes['shop']!.data, tags: ['python', 'app:web'] } } },
  };

  it.each([
    [['shop'], ['shop']],
    [['Tools'], ['@acme/tools']],
    [['SHOP'], ['shop', 'shop_api']],
    [['shop*'], ['shop', 'shop-ui', 'shop_api']],
    [['tag:python'], ['shop']],
    [['tag:app:*'], ['shop']],
    [['name:shop-ui'], ['shop-ui']],
    [['directory:packages/shop*'], ['shop', 'shop-ui', 'shop_api']],
    [['packages/shop'], ['shop']],
    [['*', '!shop*'], ['@acme/tools']],
    [['!tag:python'], ['shop-ui', 'shop_api', '@acme/tools']],
    [
      ['!shop', 'shop'],
      ['shop-ui', 'shop_api', '@acme/tools', 'shop'],
    ],
    [[''], []],
    [[], []],
  ])('%p are %p', (patterns, expected) => {
    expect(matchProjects(patterns, tagged)).toEqual(expected);
  });
});

describe('resolveUpstream', () => {
  it('reads all targets before one in its own project, each behind what it depends on', () => {
    const graph = graphOf({
      app: { checksum: ['sign'], sign: ['package', 'smoke'], smoke: ['package'], package: ['build-wheel', 'native'], 'build-wheel': [], native: [] },
    });
    expect(upstream(graph, 'app', 'checksum')).toEqual(['app:native', 'app:build-wheel', 'app:package', 'app:smoke', 'app:sign']);
  });

  it('goes through projects without the target and past those that have it', () => {
    expect(upstream(chain(['^build-wheel']), 'app', 'package')).toEqual(['c:build-wheel', 'd:build-wheel']);
  });

  it('goes through targets without a record, in other projects too', () => {
    const graph = graphOf({
      app: { package: ['lib:release', 'native'], native: ['lib:native-lib'] },
      lib: { release: ['checksum'], checksum: ['package'], package: [], 'native-lib': ['build-wheel'], 'build-wheel': [] },
    });
    expect(upstream(graph, 'app', 'package')).toEqual(['lib:build-wheel', 'lib:native-lib', 'app:native', 'lib:checksum', 'lib:release']);
  });

  it('says which targets owe a record', () => {
    const graph = graphOf({ app: { package: ['native', 'build-wheel', 'release'], native: [], 'build-wheel': [], release: [] } });
    const ours = resolveUpstream(graph, { project: 'app', target: 'package' }).targets.filter((target) => target.ours);
    expect(ours.map(idText)).toEqual(['app:build-wheel']);
  });

  it('finds a misspelt line in aggregates and own targets on the way, and leaves those of foreign ones alone', () => {
    const graph = graphOf({ app: { checksum: ['release'], release: ['sing'] } });
    expect(() => upstream(graph, 'app', 'checksum')).toThrow(
      expect.objectContaining({ code: 'GRAPH_DEPENDENCY_UNKNOWN', message: expect.stringContaining('`app:release` depends on `sing`') }),
    );
    expect(upstream(graphOf({ app: { package: ['native'], native: ['codegen'] } }), 'app', 'package')).toEqual(['app:native']);
  });

  it('survives a circle', () => {
    const graph = graphOf({ app: { a: ['b'], b: ['a', '^b'] }, c: { b: ['^b'] } }, { app: ['c'], c: ['app'] });
    expect(upstream(graph, 'app', 'a')).toEqual(['c:b', 'app:b']);
  });

  it('knows which of two records is later', () => {
    const graph = graphOf(
      {
        app: { checksum: ['sign', 'smoke'], sign: ['package'], smoke: ['package'], package: ['^build-wheel'] },
        b: { 'build-wheel': [] },
        c: { 'build-wheel': [] },
      },
      { app: ['b'], b: ['c'] },
    );
    const { isLater } = resolveUpstream(graph, { project: 'app', target: 'checksum' });
    const id = (text: string): { project: string; target: string } => ({ project: text.split(':')[0]!, target: text.split(':')[1]! });
    const later = (one: string, other: string): boolean => isLater(id(one), id(other));
    expect([later('app:sign', 'app:package'), later('app:package', 'app:sign'), later('app:sign', 'app:smoke')]).toEqual([true, false, false]);
    expect([later('app:package', 'c:build-wheel'), later('b:build-wheel', 'c:build-wheel'), later('c:build-wheel', 'b:build-wheel')]).toEqual([
      true,
      true,
      false,
    ]);
  });
});
