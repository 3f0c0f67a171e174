/**
 * studio packaged by Waybill against PyInstaller onedir (newest from PyPI, in a venv of its own): time to package, start-up, size, same bytes twice.
 * Usage: node tools/bench/bench-pyinstaller.mjs [--workspace=examples]
 */
import { mkdtempSync, readFileSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createHash } from 'node:crypto';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { ROOT } from '../prepare-repository.mjs';
import { mustRun, runCommand } from '../run-command.mjs';
import { argument, machine, ratio, timeCommand } from './measure.mjs';

const workspace = resolve(argument('workspace', join(ROOT, 'examples')));
const folder = mkdtempSync(join(tmpdir(), 'waybill-bench-'));
const digest = (file) => createHash('sha256').update(readFileSync(file)).digest('hex');

async function packageStudio() {
  const { exitCode, output, seconds } = await runCommand(
    process.execPath,
    ['node_modules/nx/dist/bin/nx.js', 'run', 'studio:package-linux', '--skip-nx-cache'],
    { cwd: workspace, env: { NX_DAEMON: 'false' }, quiet: true },
  );
  if (exitCode !== 0) throw new Error(output);
  const record = JSON.parse(readFileSync(join(workspace, 'dist/studio/package-linux/artifacts.json'), 'utf8'));
  const archive = join(workspace, 'dist/studio/package-linux', record.artifacts.find(({ kind }) => kind === 'bundle-archive').path);
  return { archive, seconds };
}

async function installPyInstaller() {
  const venv = join(folder, 'venv');
  await mustRun('python3', ['-m', 'venv', venv], { quiet: true });
  const pip = join(venv, 'bin/pip');
  await mustRun(pip, ['install', '-q', '--require-hashes', '-r', join(workspace, 'studio/requirements.lock')], { quiet: true });
  await mustRun(pip, ['install', '-q', 'pyinstaller'], { quiet: true });
  return join(venv, 'bin/pyinstaller');
}

async function runPyInstaller(pyinstaller, name) {
  const out = join(folder, name);
  const entry = join(folder, 'entry.py');
  writeFileSync(entry, 'import sys\nfrom studio.__main__ import main\nsys.exit(main())\n');
  const args = [
    '--noconfirm',
    '--clean',
    '--onedir',
    '--name',
    'studio',
    '--paths',
    join(workspace, 'studio/src'),
    '--collect-submodules',
    'studio',
    // What the answer to `--smoke-python` imports by name is not seen in the code.
    ...['studio.app', 'fastapi', 'uvicorn', 'pydantic_core', 'ssl', 'sqlite3', 'ctypes'].flatMap((module) => ['--hidden-import', module]),
    '--distpath',
    join(out, 'dist'),
    '--workpath',
    join(out, 'work'),
    '--specpath',
    out,
    entry,
  ];
  const { seconds } = await mustRun(pyinstaller, args, { quiet: true, cwd: folder });
  const tar = join(out, 'studio.tar.gz');
  const packed = await mustRun('tar', ['--sort=name', '--mtime=@0', '-C', join(out, 'dist'), '-czf', tar, 'studio'], { quiet: true });
  return { folder: join(out, 'dist/studio'), tar, seconds: seconds + packed.seconds };
}

try {
  const ours = await packageStudio();
  const firstBytes = digest(ours.archive);
  const again = await packageStudio();
  const pyinstaller = await installPyInstaller();
  const theirs = await runPyInstaller(pyinstaller, 'one');
  const theirsAgain = await runPyInstaller(pyinstaller, 'two');
  await mustRun('tar', ['-xzf', ours.archive, '-C', folder]);
  const bundle = join(
    folder,
    readdirSync(folder).find((name) => name.startsWith('studio-')),
  );
  const start = (file) => timeCommand(file, ['--smoke-python'], { runs: 7 });
  const [ourStart, theirStart] = [await start(join(bundle, 'studio')), await start(join(theirs.folder, 'studio'))];
  const result = {
    machine: machine(),
    ratios: [
      ratio('packaged, seconds, against PyInstaller onedir and tar -z', again.seconds, theirsAgain.seconds, 0.5),
      ratio('start-up, seconds', ourStart.median, theirStart.median, 1),
      ratio('archive, bytes', statSync(ours.archive).size, statSync(theirs.tar).size, 1.2),
    ],
    sameBytesTwice: {
      waybill: firstBytes === digest(again.archive),
      pyinstaller: digest(theirs.tar) === digest(theirsAgain.tar),
    },
  };
  console.log(JSON.stringify(result, null, 2));
  const output = argument('output');
  if (output) writeFileSync(output, `${JSON.stringify(result, null, 2)}\n`);
} finally {
  rmSync(folder, { recursive: true, force: true });
}
