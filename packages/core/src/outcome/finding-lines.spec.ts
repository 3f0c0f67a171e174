import type { Finding } from './finding';
import { findingLines, SHOWN_OF_A_KIND } from './finding-lines';

const finding = (path: string, rest: Partial<Finding> = {}): Finding => ({
  check: 'rpath',
  level: 'error',
  path,
  message: `\`${path}\` at offset ${path.length} is absolute`,
  ...rest,
});

it('tells what, where, expected and actual, then the fix', () => {
  expect(findingLines([finding('lib/x.so', { expected: '$ORIGIN', actual: '/opt', fix: 'make it relative' })])).toEqual([
    'error rpath lib/x.so: `lib/x.so` at offset 8 is absolute',
    '  expected $ORIGIN',
    '  actual /opt',
    '  fix: make it relative',
  ]);
  expect(findingLines([{ check: 'identity', level: 'warning', message: 'it is silent' }])).toEqual(['warning identity: it is silent']);
});

it('counts what is alike, and shows what is not', () => {
  const many = Array.from({ length: 1000 }, (_, index) => finding(`lib/${index}.so`));
  const lines = findingLines([...many, finding('bin/app', { message: 'it is empty' }), finding('bin/app', { level: 'warning' })]);
  expect(lines.length).toBe(SHOWN_OF_A_KIND + 3);
  expect(lines[SHOWN_OF_A_KIND]).toBe('error rpath: 995 more of this kind in 995 files, all in the report');
  expect(lines.slice(-2)).toEqual(['error rpath bin/app: it is empty', 'warning rpath bin/app: `bin/app` at offset 7 is absolute']);
});

describe('findings with the same outcome', () => {
  const run = (how: string, actual: string, rest: Partial<Finding> = {}): Finding => ({
    check: 'moved-copy',
    level: 'error',
    message: `the bundle does not run with ${how}`,
    expected: 'exit code 0',
    actual,
    fix: 'start it by hand',
    ...rest,
  });

  it('are told once, and the others named below: their places are no difference', () => {
    const lines = findingLines([
      run('a plain path', 'exit code 1: File "/opt/app/x.py", line 3 · KeyError: \'HOME\''),
      run('spaces', 'exit code 1: le "/mnt/two words/x.py", line 3 · KeyError: \'HOME\''),
      run('quotes', 'exit code 1: File "/b/x.py", line 3 · KeyError: \'HOME\''),
    ]);
    expect(lines).toEqual([
      'error moved-copy: the bundle does not run with a plain path',
      '  expected exit code 0',
      '  actual exit code 1: File "/opt/app/x.py", line 3 · KeyError: \'HOME\'',
      '  fix: start it by hand',
      'error moved-copy: 2 more with the same outcome, all in the report: the bundle does not run with spaces; the bundle does not run with quotes',
    ]);
  });

  it.each<[string, Partial<Finding>]>([
    ['another end', { actual: 'exit code 1: x · TypeError' }],
    ['another check', { check: 'bare-root' }],
    ['another level', { level: 'warning' }],
    ['another file', { path: 'lib/x.so' }],
    ['another fix', { fix: 'carry it' }],
  ])('are those alone: %s is told by itself', (_, rest) => {
    const lines = findingLines([run('a plain path', 'exit code 1: x · KeyError'), run('spaces', 'exit code 1: x · KeyError', rest)]);
    expect(lines.filter((line) => line.includes('actual'))).toHaveLength(2);
  });
});
