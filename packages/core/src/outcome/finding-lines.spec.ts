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
