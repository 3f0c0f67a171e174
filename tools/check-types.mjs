/** Types of every package, specs included. The argument is the path of tsc. */
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from './prepare-repository.mjs';
import { runCommand } from './run-command.mjs';

const [, , tsc] = process.argv;
for (const name of readdirSync(join(ROOT, 'packages'))) {
  const { exitCode } = await runCommand(process.execPath, [tsc, '-p', join('packages', name, 'tsconfig.json')], { cwd: ROOT });
  if (exitCode !== 0) process.exitCode = 1;
}
