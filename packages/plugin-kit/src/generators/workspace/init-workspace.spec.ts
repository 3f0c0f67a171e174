import { readJson, writeJson, type Tree } from '@nx/devkit';
import { createTreeWithEmptyWorkspace } from '@nx/devkit/testing';
import { NAMED_INPUTS, targetDefaults } from '../../targets/target-defaults';
import { ROOT_PACKAGES, waybillVersion } from './add-packages';
import { initWorkspace } from './init-workspace';
import { defaultsByName } from './target-default-keys';

/** Everything in the tree, by path. */
const contentOf = (tree: Tree): Record<string, string> =>
  Object.fromEntries(tree.listChanges().map(({ path, content }) => [path, content?.toString('utf8') ?? '']));

describe('initWorkspace', () => {
  let tree: Tree;
  beforeEach(() => {
    tree = createTreeWithEmptyWorkspace();
  });

  it('writes packages, plugin, inputs, defaults and ignore lines, and says each', () => {
    const { lines, install } = initWorkspace(tree);
    const nxJson = readJson(tree, 'nx.json');
    expect(nxJson.plugins).toEqual(['@waybill/release']);
    expect(nxJson.namedInputs).toMatchObject(NAMED_INPUTS);
    expect(nxJson.targetDefaults).toMatchObject(targetDefaults());
    expect(readJson(tree, 'package.json').devDependencies).toMatchObject(Object.fromEntries(ROOT_PACKAGES.map((name) => [name, waybillVersion()])));
    expect(tree.read('.gitignore', 'utf8')).toContain('/dist/\n');
    expect(install).toBe(true);
    expect(lines.map((line) => line[0])).toEqual(lines.map(() => '+'));
    expect(lines.join('\n')).toMatch(/package\.json: @waybill\/bundle.*[\s\S]*nx\.json: plugin[\s\S]*\.gitignore: \/dist\//);
  });

  it('run twice changes nothing', () => {
    initWorkspace(tree);
    const before = contentOf(tree);
    expect(initWorkspace(tree)).toEqual({ lines: [], install: false });
    expect(contentOf(tree)).toEqual(before);
  });

  it('keeps every setting of the user, and says what differs', () => {
    const mine = { cache: false, configurations: { ci: {} } };
    const nxJson = {
      $schema: './x',
      plugins: [{ plugin: '@waybill/release', options: {} }, '@nx/js/plugin'],
      namedInputs: { default: ['{projectRoot}/**/*'], waybillSources: ['{projectRoot}/src/**/*'] },
      targetDefaults: { '@waybill/bundle:package-dist': mine, '@waybill/signing:sign': [{ options: {} }], test: { cache: true } },
      affected: { legacy: true },
    };
    writeJson(tree, 'nx.json', nxJson);
    writeJson(tree, 'package.json', { dependencies: { '@waybill/release': '^0.0.1' }, devDependencies: { '@waybill/bundle': 'file:x.tgz' } });
    tree.write('.gitignore', 'node_modules\n dist/\n');
    tree.write('.prettierignore', '/coverage');
    const { lines } = initWorkspace(tree);
    const after = readJson(tree, 'nx.json');
    expect(after).toMatchObject({ ...nxJson, targetDefaults: { ...nxJson.targetDefaults, '@waybill/bundle:package-dist': mine } });
    expect(after.targetDefaults['@waybill/bundle:package-dist'].inputs).toEqual(targetDefaults()['@waybill/bundle:package-dist']!.inputs);
    expect(readJson(tree, 'package.json')).toMatchObject({
      dependencies: { '@waybill/release': '^0.0.1' },
      devDependencies: { '@waybill/bundle': 'file:x.tgz', '@waybill/python': waybillVersion() },
    });
    expect(tree.read('.gitignore', 'utf8')).toBe('node_modules\n dist/\n');
    expect(tree.read('.prettierignore', 'utf8')).toBe('/coverage\n/dist/\n');
    expect(lines).toEqual(
      expect.arrayContaining([
        expect.stringMatching(/^! package\.json: @waybill\/release is \^0\.0\.1, this is /),
        expect.stringMatching(/^= nx\.json: kept your namedInputs\.waybillSources/),
        expect.stringMatching(/^= nx\.json: kept your targetDefaults\["@waybill\/bundle:package-dist"\]\.cache/),
        expect.stringMatching(/^\+ nx\.json: targetDefaults\["@waybill\/bundle:package-dist"\]\.inputs/),
        expect.stringMatching(/^= nx\.json: kept your list targetDefaults\["@waybill\/signing:sign"\]/),
      ]),
    );
  });

  it('reports defaults by target name that the entry of our executor hides', () => {
    writeJson(tree, 'nx.json', { targetDefaults: { checksum: { dependsOn: ['x'] }, 'package-*': {}, release: {}, test: {}, 'nx:noop': {} } });
    const hidden = initWorkspace(tree).lines.filter((line) => line.startsWith('!'));
    expect(hidden.map((line) => /targetDefaults\["(.*?)"\].* of (\S+):/.exec(line)?.slice(1, 3))).toEqual([
      ['checksum', '@waybill/release:checksum'],
      ['package-*', '@waybill/bundle:package-dist'],
    ]);
  });

  it('says what entries by name would have given a target, the exact name last', () => {
    const defaults = { 'package-*': { a: 1, b: 1 }, 'package-linux': { b: 2 }, '@waybill/bundle:package-dist': { c: 3 }, list: [{ d: 4 }] };
    expect(defaultsByName(defaults, 'package-linux')).toEqual({ a: 1, b: 2 });
    expect(defaultsByName(defaults, 'list')).toEqual({});
    expect(defaultsByName(undefined, 'list')).toEqual({});
  });

  it.each([
    ['{ "plugins": [], // mine\n}', /comments or a comma at the end/],
    ['{ "plugins": [', /it is no JSON/],
    ['[]', /no object/],
    ['{ "plugins": {} }', /`plugins` is no list/],
    ['{ "targetDefaults": [] }', /`targetDefaults` is no object/],
  ])('refuses nx.json %j, and changes nothing', (text, reason) => {
    tree.write('nx.json', text);
    const before = contentOf(tree);
    expect(() => initWorkspace(tree)).toThrow(expect.objectContaining({ code: 'FILE_JSON', message: expect.stringMatching(reason) }));
    expect(contentOf(tree)).toEqual(before);
  });

  it('refuses a folder that is no workspace', () => {
    tree.delete('nx.json');
    expect(() => initWorkspace(tree)).toThrow(expect.objectContaining({ code: 'FILE_JSON', message: expect.stringContaining('not there') }));
  });
});
