import { versionFits } from './version-request';

it('fits as PEP 440 says', () => {
  expect(versionFits('3.11.7', '>=3.10,<3.13')).toBe(true);
});

it.each(['', 'latest', '3.11.', '>=', '3.11 3.12', 'pypy3.9'])('OPTION_RUNTIME_VERSION: refuses %j', (wanted) => {
  expect(() => versionFits('3.11.7', wanted)).toThrow(expect.objectContaining({ code: 'OPTION_RUNTIME_VERSION' }));
});
