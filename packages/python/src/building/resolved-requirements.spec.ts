import { resolvedRequirements } from './resolved-requirements';

const OUTPUT = `* Installing packages in isolated environment:
  - hatchling>=1.27
* Getting build dependencies for sdist...
* Installed build dependency versions:
  - hatchling==1.33.0
  - Hatch_VCS[x]==0.5.0
* Building sdist...
`;

it('reads what `build` says that it installed', () => {
  expect([...resolvedRequirements(OUTPUT, [])]).toEqual([
    ['hatchling', '1.33.0'],
    ['hatch-vcs', '0.5.0'],
  ]);
});

it.each([
  ['hatchling 1.33.0', 'hatchling', '1.33.0'],
  ['setuptools (84.2.0)', 'setuptools', '84.2.0'],
  ['flit 3.12.0', 'flit-core', '3.12.0'],
  ['uv 0.13.8', 'uv-build', '0.13.8'],
  ['poetry-core 2.5.0', 'poetry-core', '2.5.0'],
  ['maturin (1.16.0)', 'maturin', '1.16.0'],
])('reads who signed a wheel: %s', (text, name, version) => {
  expect([...resolvedRequirements('', [text])]).toEqual([[name, version]]);
});

it('knows nothing where nobody says anything', () => {
  expect(resolvedRequirements('Building wheel...\n', ['in-tree']).size).toBe(0);
});
