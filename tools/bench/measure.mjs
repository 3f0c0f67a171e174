/** What every benchmark records, and how it times: ratios in one run, medians of several. */
import { execFileSync } from 'node:child_process';
import { cpus, loadavg } from 'node:os';
import { runCommand } from '../run-command.mjs';

const versionOf = (file, args) => {
  try {
    return execFileSync(file, args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] })
      .split('\n')[0]
      .trim();
  } catch (error) {
    return error.code === 'ENOENT' ? 'missing' : 'unknown';
  }
};

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
