import { judgeAttempts } from './judge-attempts';

it('tells each call that tried the network, and once that nothing counted', () => {
  const of = (...counts: (number | undefined)[]): string[] =>
    judgeAttempts(
      counts.map((count) => ({ what: 'sdist', count })),
      'demo_backend',
    ).map(({ level, message }) => `${level} ${message}`);
  expect(of(1, 2)).toEqual([expect.stringMatching(/^warning .* tried the network once/), expect.stringMatching(/^warning .* 2 times/)]);
  expect(of(undefined, undefined)).toEqual([expect.stringMatching(/^info .* nothing counted/)]);
  expect(of()).toEqual([]);
});
