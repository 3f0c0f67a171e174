import { isDryRun } from './read-dry-run';

describe('isDryRun', () => {
  const run = ['node', 'nx', 'run', 'app:checksum'];

  it.each([
    [['--dry-run']],
    [['--dryRun']],
    [['--dry-run=true']],
    [['--dryRun=true']],
    [['--dry-run=TRUE']],
    [['--dry-run', 'true']],
    [['--dry-run=']],
    [['--dry-run=perhaps']],
    [['-d']],
    [['-d=true']],
    [['--', '--dry-run']],
    [['--no-dry-run', '--dry-run']],
    [['--dry-run=false', '--dryRun']],
    [['--no-dry-run=false']],
    [['--verbose', '--dry-run', '--parallel=2']],
  ])('%p asks for a dry run', (flags) => {
    expect(isDryRun([...run, ...flags], undefined)).toBe(true);
  });

  it.each([
    [[]],
    [['--dry-run=false']],
    [['--dryRun=false']],
    [['--dry-run', 'false']],
    [['--no-dry-run']],
    [['--no-dryRun']],
    [['-d=false']],
    [['--dry-run', '--no-dry-run']],
    [['--dry-run-later']],
    [['--not-dry-run']],
    [['-dv']],
    [['dry-run']],
  ])('%p does not', (flags) => {
    expect(isDryRun([...run, ...flags], undefined)).toBe(false);
  });

  it.each([
    ['true', [], true],
    ['1', [], true],
    ['yes', [], true],
    ['', [], false],
    ['false', [], false],
    ['0', [], false],
    ['true', ['--no-dry-run'], false],
    ['true', ['--dry-run=false'], false],
    ['false', ['--dry-run'], true],
  ])('with NX_DRY_RUN=%p and %p: %p', (variable, flags, expected) => {
    expect(isDryRun([...run, ...flags], variable)).toBe(expected);
  });
});
