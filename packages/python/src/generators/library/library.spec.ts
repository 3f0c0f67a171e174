import { readJson } from '@nx/devkit';
import { createTreeWithEmptyWorkspace } from '@nx/devkit/testing';
import { parse } from 'smol-toml';
import generator from './generator';

it('makes a library whose manifest, module and test fit together, with its release targets', async () => {
  const tree = createTreeWithEmptyWorkspace();
  await generator(tree, { directory: 'libs/word-tally', skipFormat: true });
  const at = (path: string): string => tree.read(`libs/word-tally/${path}`, 'utf8')!;
  expect(parse(at('pyproject.toml'))).toMatchObject({
    project: { name: 'word-tally', 'requires-python': '>=3.9', dependencies: [] },
    'build-system': { requires: ['hatchling>=1.27,<2'] },
    tool: { hatch: { build: { targets: { wheel: { packages: ['src/word_tally'] } } } } },
  });
  expect(at('src/word_tally/__init__.py')).toContain('def greeting');
  expect(at('tests/test_word_tally.py')).toContain('from word_tally import greeting');
  expect(Object.keys(readJson(tree, 'libs/word-tally/project.json').targets)).toEqual([
    'test',
    'build-wheel',
    'checksum',
    'sign-checksums',
    'publish',
    'release',
    'take-back',
    'nx-release-publish',
  ]);
});
