/** What every benchmark records, and how it times: ratios in one run, medians of several. */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { cpus, loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { mustRun, runCommand } from '../run-command.mjs';

const versionOf = (file, args) => {
  try {
    return execFileSync(file, args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] })
      .split('\n')[0]
      .trim();
  } catch (error) {
    return error.code === 'ENOENT' ? 'missing' : 'unknown';
  }
};

/** The value of `--name=value` on the command line. */
export const argument = (name, fallback) => process.argv.find((text) => text.startsWith(`--${name}=`))?.slice(name.length + 3) ?? fallback;

/** Cores, load and tool versions. */
export const machine = () => ({
  cores: cpus().length,
  model: cpus()[0]?.model ?? 'unknown',
  load: loadavg().map((value) => Number(value.toFixed(2))),
  node: process.versions.node,
  python: versionOf('python3', ['--version']),
  pigz: versionOf('pigz', ['--version']),
  zstd: versionOf('zstd', ['--version']),
  readelf: versionOf('readelf', ['--version']),
});

export const median = (values) => [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)];

/** Wall seconds of a command, the median of `runs` after one warm-up; a failing command is an error. */
export async function timeCommand(file, args, { runs = 3, warmUp = 1, ...options } = {}) {
  const seconds = [];
  for (let run = 0; run < runs + warmUp; run += 1) {
    const result = await runCommand(file, args, { quiet: true, ...options });
    if (result.exitCode !== 0) throw new Error(`\`${file} ${args.join(' ')}\` ended with ${result.exitCode}\n${result.output}`);
    if (run >= warmUp) seconds.push(result.seconds);
  }
  return { median: median(seconds), minimum: Math.min(...seconds), maximum: Math.max(...seconds) };
}

/** Starts what follows it, then tells the processor time of all that ended below it, in the file that its first argument names (POSIX, `times`). */
const WITH_TIMES = 'file=$0; "$@"; code=$?; times > "$file"; exit $code';

/**
 * Processor seconds, of user and system, of a command and of all that it starts and waits for; wall seconds beside them. On a machine that does other work
 * too the first stay what they are. A failing command is an error.
 */
export async function measureCommand(file, args, options = {}) {
  const folder = mkdtempSync(join(tmpdir(), 'waybill-times-'));
  try {
    const times = join(folder, 'times');
    const { seconds } = await mustRun('/bin/sh', ['-c', WITH_TIMES, times, file, ...args], { quiet: true, ...options });
    const [, ofChildren] = readFileSync(times, 'utf8').split('\n');
    const processor = [...ofChildren.matchAll(/(\d+)m([\d.]+)s/g)].reduce((sum, [, minutes, rest]) => sum + Number(minutes) * 60 + Number(rest), 0);
    return { seconds, processor };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** A ratio with its bound; `holds` is the answer. */
export const ratio = (name, ours, theirs, bound) => ({
  name,
  ours: round(ours),
  theirs: round(theirs),
  ratio: round(ours / theirs),
  bound,
  holds: ours / theirs <= bound,
});

export const round = (value) => Number(value.toFixed(3));
