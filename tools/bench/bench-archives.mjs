/**
 * Our archive writer against `tar | pigz -p2` and `tar | zstd -T2` at the same level, on a folder: from the folder to the finished file, ours with its
 * sha256, theirs without. Each of our runs is a process of its own, as an executor is; its seconds are those of `writeArchive`. Needs built packages.
 * Usage: node tools/bench/bench-archives.mjs FOLDER [--runs=5] [--only=tar.zst-3] [--output=FILE]
 */
import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { commandWorks, mustRun } from '../run-command.mjs';
import { machine, median, ratio, round, timeCommand } from './measure.mjs';

const THREADS = 2;
const BOUND = 1.1;
const CASES = [
  { format: 'tar.gz', level: 6, rival: 'pigz', args: ['-p', `${THREADS}`, '-6'] },
  { format: 'tar.gz', level: 9, rival: 'pigz', args: ['-p', `${THREADS}`, '-9'] },
  { format: 'tar.zst', level: 3, rival: 'zstd', args: ['-q', `-T${THREADS}`, '-3'] },
  { format: 'tar.zst', level: 10, rival: 'zstd', args: ['-q', `-T${THREADS}`, '-10'] },
];
const PIPE = 'tar --sort=name -cf - -C "$1" "$2" | { out="$3"; shift 3; "$@" > "$out"; }';

async function writeOnce(folder, format, level, output) {
  const { readTree, writeArchive, fileContent, archiveWriterVersion } = await import('@waybill/core');
  const started = performance.now();
  const top = basename(folder);
  const entries = (await readTree(folder)).map(({ path, kind, mode, size, linkTarget }) => {
    const common = { kind, path: `${top}/${path}`, mode };
    return kind === 'file' ? { ...common, size, open: () => fileContent(join(folder, path)) } : { ...common, linkTarget };
  });
  const written = await writeArchive({ format, entries, output, mtimeSeconds: 1580601600, level });
  const seconds = (performance.now() - started) / 1000;
  const residentMib = Math.round(process.resourceUsage().maxRSS / 1024);
  console.log(JSON.stringify({ seconds, residentMib, ...written, writer: archiveWriterVersion(format) }));
}

async function ours({ format, level }, folder, output) {
  const args = [fileURLToPath(import.meta.url), '--once', folder, format, `${level}`, output];
  return JSON.parse((await mustRun(process.execPath, args, { quiet: true })).output);
}

/** The two in turn, so that a change of the machine's load meets both. */
async function compare(pair, folder, scratch, runs) {
  const name = `${pair.format} level ${pair.level} against ${pair.rival} ${pair.args.join(' ')}`;
  if (!(await commandWorks(pair.rival))) return { name, skipped: `${pair.rival} is not installed` };
  const rows = [];
  for (let run = 0; run <= runs; run += 1) {
    const own = await ours(pair, folder, join(scratch, 'ours'));
    const theirOutput = join(scratch, 'theirs');
    const args = ['-c', PIPE, 'sh', dirname(folder), basename(folder), theirOutput, pair.rival, '-c', ...pair.args];
    const { median: seconds } = await timeCommand('sh', args, { runs: 1, warmUp: 0 });
    if (run > 0) rows.push({ own, seconds, size: statSync(theirOutput).size });
  }
  return {
    ...ratio(name, median(rows.map(({ own }) => own.seconds)), median(rows.map(({ seconds }) => seconds)), BOUND),
    pairs: rows.map(({ own, seconds }) => round(own.seconds / seconds)),
    bytes: { ours: rows[0].own.size, theirs: rows[0].size },
    residentMib: Math.max(...rows.map(({ own }) => own.residentMib)),
    sameBytesEachRun: new Set(rows.map(({ own }) => own.sha256)).size === 1,
    writer: rows[0].own.writer,
  };
}

async function main() {
  const options = process.argv.slice(2).filter((text) => text.startsWith('--'));
  const option = (name) => options.find((text) => text.startsWith(`--${name}=`))?.slice(name.length + 3);
  const [given] = process.argv.slice(2).filter((text) => !text.startsWith('--'));
  if (!given) throw new Error('a folder to pack is missing: node tools/bench/bench-archives.mjs FOLDER');
  const folder = resolve(given);
  const scratch = mkdtempSync(join(tmpdir(), 'waybill-bench-'));
  try {
    const before = machine();
    const comparisons = [];
    const cases = CASES.filter(({ format, level }) => [undefined, `${format}-${level}`].includes(option('only')));
    for (const pair of cases) comparisons.push(await compare(pair, folder, scratch, Number(option('runs') ?? 5)));
    const result = { machine: before, loadAfter: machine().load, folder: basename(folder), comparisons };
    console.log(JSON.stringify(result, null, 2));
    if (option('output')) writeFileSync(option('output'), `${JSON.stringify(result, null, 2)}\n`);
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
}

if (process.argv[2] === '--once') {
  const [folder, format, level, output] = process.argv.slice(3);
  await writeOnce(folder, format, Number(level), output);
} else {
  await main();
}
