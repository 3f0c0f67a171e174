import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';

/** An interpreter of this machine that has a shared libpython, which an embedding program needs. Paths are absolute. */
export interface TestPython {
  executable: string;
  /** `3.11`. */
  series: string;
  stdlib: string;
  libpython: string;
}

const QUERY = `
import json, os, sys, sysconfig as s
print(json.dumps({
  "executable": os.path.realpath(sys.executable), "series": "%d.%d" % sys.version_info[:2], "stdlib": s.get_path("stdlib"),
  "libpython": os.path.join(s.get_config_var("LIBDIR") or "", s.get_config_var("INSTSONAME") or "-"),
  "shared": bool(s.get_config_var("Py_ENABLE_SHARED")),
}))`;

/** `WAYBILL_TEST_PYTHON`, else the first of PATH and pyenv that fits; `undefined` when there is none. */
export function findPython(): TestPython | undefined {
  const named = process.env['WAYBILL_TEST_PYTHON'];
  for (const command of named ? [named] : candidates()) {
    const python = describePython(command);
    if (python) return python;
  }
  return undefined;
}

/** All that fit, one of each series. */
export function findPythons(): TestPython[] {
  const bySeries = new Map<string, TestPython>();
  for (const python of candidates().map(describePython)) {
    if (python && !bySeries.has(python.series)) bySeries.set(python.series, python);
  }
  return [...bySeries.values()];
}

function candidates(): string[] {
  const pyenv = join(homedir(), '.pyenv', 'versions');
  const versions = existsSync(pyenv) ? readdirSync(pyenv).map((version) => join(pyenv, version, 'bin', 'python3')) : [];
  return ['python3', ...versions, ...[13, 12, 11, 10, 9].map((minor) => `python3.${minor}`)];
}

function describePython(command: string): TestPython | undefined {
  const answer = spawnSync(command, ['-I', '-c', QUERY], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] });
  if (answer.status !== 0) return undefined;
  const facts: TestPython = JSON.parse(answer.stdout);
  const recent = Number(facts.series.split('.')[1]) >= 9;
  return recent && existsSync(facts.libpython) ? facts : undefined;
}
