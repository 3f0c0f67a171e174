/**
 * studio packaged by Waybill against PyInstaller onedir (pinned in pyinstaller.lock, in a venv of its own): time to package, start-up, size, same bytes
 * twice. Processor seconds beside those of the clock: on a machine that does other work too they stay what they are.
 * Usage: node tools/bench/bench-pyinstaller.mjs [--workspace=examples]
 */
import { mkdtempSync, readFileSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createHash } from 'node:crypto';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { ROOT } from '../prepare-repository.mjs';
import { mustRun } from '../run-command.mjs';
import { argument, machine, measureCommand, median, ratio } from './measure.mjs';

const workspace = resolve(argument('workspace', join(ROOT, 'examples')));
const folder = mkdtempSync(join(tmpdir(), 'waybill-bench-'));
const digest = (file) => createHash('sha256').update(readFileSync(file)).digest('hex');

async function packageStudio() {
  const args = ['node_modules/nx/dist/bin/nx.js', 'run', 'studio:package-linux', '--skip-nx-cache'];
  const took = await measureCommand(process.execPath, args, { cwd: workspace, env: { NX_DAEMON: 'false' } });
  const record = JSON.parse(readFileSync(join(workspace, 'dist/studio/package-linux/artifacts.json'), 'utf8'));
  const archive = join(workspace, 'dist/studio/package-linux', record.artifacts.find(({ kind }) => kind === 'bundle-archive').path);
  return { archive, ...took };
}

async function installPyInstaller() {
  const venv = join(folder, 'venv');
  await mustRun('python3', ['-m', 'venv', venv], { quiet: true });
  const pip = join(venv, 'bin/pip');
  await mustRun(pip, ['install', '-q', '--require-hashes', '-r', join(workspace, 'studio/requirements.lock')], { quiet: true });
  await mustRun(pip, ['install', '-q', '--require-hashes', '-r', join(ROOT, 'tools/bench/pyinstaller.lock')], { quiet: true });
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
  const built = await measureCommand(pyinstaller, args, { cwd: folder });
  const tar = join(out, 'studio.tar.gz');
  const packed = await measureCommand('tar', ['--sort=name', '--mtime=@0', '-C', join(out, 'dist'), '-czf', tar, 'studio']);
  return { folder: join(out, 'dist/studio'), tar, seconds: built.seconds + packed.seconds, processor: built.processor + packed.processor };
}

/** Medians of several starts of each, in turn, so that a change of the machine's load meets all. */
async function startInTurn(programs, runs = 7) {
  const rows = programs.map(() => []);
  for (let run = 0; run <= runs; run += 1) {
    for (const [index, program] of programs.entries()) {
      const took = await measureCommand(program, ['--smoke-python']);
      if (run > 0) rows[index].push(took);
    }
  }
  return rows.map((row) => ({ seconds: median(row.map(({ seconds }) => seconds)), processor: median(row.map(({ processor }) => processor)) }));
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
  const [ourStart, theirStart] = await startInTurn([join(bundle, 'studio'), join(theirs.folder, 'studio')]);
  const result = {
    machine: machine(),
    ratios: [
      ratio('packaged, seconds, against PyInstaller onedir and tar -z', again.seconds, theirsAgain.seconds, 0.5),
      ratio('the same, processor seconds', again.processor, theirsAgain.processor, 0.5),
      ratio('start-up, seconds', ourStart.seconds, theirStart.seconds, 1),
      ratio('start-up, processor seconds', ourStart.processor, theirStart.processor, 1),
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
