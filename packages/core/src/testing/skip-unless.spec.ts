import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { temporaryFolder } from './temporary-folder';

const REPOSITORY = join(__dirname, '../../../..');

describe('skipUnless', () => {
  const folder = temporaryFolder();

  it('runs a test, or skips it so that the runner counts it and the reason is seen', () => {
    mkdirSync(join(folder.path, 'src'));
    const text = readFileSync(join(__dirname, 'skip-unless.ts'), 'utf8');
    writeFileSync(join(folder.path, 'src', 'skip-unless.ts'), text);
    writeFileSync(
      join(folder.path, 'src', 'a.spec.ts'),
      `
      import { skipUnless } from './skip-unless';
      skipUnless(true, 'never said')('runs', async () => { expect(await Promise.resolve(1)).toBe(1); });
      skipUnless(false, 'the moon is down')('waits', async () => { throw new Error(); });`,
    );
    const preset = join(REPOSITORY, 'jest.preset.js');
    const swc = require.resolve('@swc/jest');
    writeFileSync(
      join(folder.path, 'jest.config.js'),
      `
      const preset = require(${JSON.stringify(preset)}); const [pattern, [, options]] = Object.entries(preset.transform)[0];
      module.exports = { ...preset, rootDir: __dirname, transform: { [pattern]: [${JSON.stringify(swc)}, options] } };`,
    );
    const output = join(folder.path, 'out.json');
    const stdout = execFileSync(
      process.execPath,
      [
        join(REPOSITORY, 'node_modules/jest/bin/jest.js'),
        '--config',
        join(folder.path, 'jest.config.js'),
        '--json',
        '--outputFile',
        output,
        '--silent',
      ],
      {
        encoding: 'utf8',
        stdio: ['ignore', 'pipe', 'ignore'],
        cwd: folder.path,
      },
    );
    expect(stdout).toContain('SKIP waits: the moon is down\n');
    expect(stdout).not.toContain('never said');
    expect(JSON.parse(readFileSync(output, 'utf8'))).toMatchObject({ numPassedTests: 1, numPendingTests: 1, numFailedTests: 0 });
  });
});
