import { closeSync, openSync, readSync, realpathSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { type AnswerMemory, statesOf } from './answer-memory';
import type { ToolProbe } from './tool-probes';

const TIMEOUT_MS = 10_000;
const LONGEST_LINE = 200;
const CHUNK_BYTES = 1 << 20;
const ELF = Buffer.from([0x7f, 0x45, 0x4c, 0x46]);
/** Decide which libraries a program loads, with the folders that they name. */
export const LOADER_FILES = ['/etc/ld.so.cache', '/etc/ld.so.preload'];
/** With one of these a program may answer otherwise than by itself. */
const TURNING = /^(LD_\w+|CCC_OVERRIDE_OPTIONS|RUSTC_OVERRIDE_VERSION_STRING)$/;
const VERSION = /\d+(?:\.\d+)+/;

type Variables = Readonly<Record<string, string | undefined>>;

export const mayRemember = (variables: Variables): boolean => !Object.keys(variables).some((name) => variables[name] && TURNING.test(name));

/**
 * Version (or whole first line) of a program; `missing` when it cannot be started, `unusable` when it says nothing. A program that holds its
 * answer in its own bytes is asked once; what starts another (a script, a stand-in) may answer otherwise in another folder, and is asked each time.
 */
export async function askProgram(probe: ToolProbe, file: string, variables: Variables, memory: AnswerMemory): Promise<string> {
  const key = `${probe.id} ${resolve(file)}`;
  const remembers = mayRemember(variables);
  const known = remembers ? memory.recall(key) : undefined;
  if (known !== undefined) return known;
  // what cannot be read is asked
  const files = remembers ? await filesBehind(probe, resolve(file)).catch(() => undefined) : undefined;
  const before = files && statesOf([...files, ...LOADER_FILES, join(dirname(realpathSync(file)), '../lib')]);
  const answer = await ask(file, probe, { env: { ...variables } });
  if (before && (await isOwnAnswer(probe, files, answer))) memory.remember(key, answer, before);
  return answer;
}

interface Surroundings {
  env: Record<string, string | undefined>;
  cwd?: string;
}

async function ask(file: string, probe: ToolProbe, surroundings: Surroundings): Promise<string> {
  const { failure, output } = await start(file, probe.args, surroundings);
  if (failure !== undefined && ['ENOENT', 'ENOTDIR', 'EACCES'].includes(failure)) return 'missing';
  const line = output.split('\n', 1)[0]!.trim().slice(0, LONGEST_LINE);
  return (probe.wholeLine ? line || undefined : VERSION.exec(line)?.[0]) ?? 'unusable';
}

/** Core's Processes would cost the fingerprint twice the time of the tools that it asks; Node's own are loaded only where one is asked. */
function start(file: string, args: readonly string[], { env, cwd }: Surroundings): Promise<{ failure?: string; output: string }> {
  const { execFile } = process.getBuiltinModule('node:child_process');
  const settings = { env, timeout: TIMEOUT_MS, windowsHide: true, ...(cwd !== undefined && { cwd }) };
  return new Promise((done) => {
    execFile(file, [...args], settings, (error, output) => done({ output, ...(error && { failure: String(error.code) }) })).stdin?.end();
  });
}

/** A program of glibc's world, with the libraries that it loads; `undefined` for everything else, and for what is named like a stand-in. */
async function filesBehind(probe: ToolProbe, file: string): Promise<readonly string[] | undefined> {
  if (!probe.program?.test(basename(realpathSync(file))) || !isElf(file)) return undefined;
  const { output } = await start(file, probe.args, { env: { LD_TRACE_LOADED_OBJECTS: '1' }, cwd: '/' });
  const lines = output.split('\n').filter((line) => line.trim() !== '' && !line.includes('linux-vdso'));
  const libraries = lines.map((line) => /^\t(?:\S+ => )?(\/.+) \(0x[\da-f]+\)$/.exec(line)?.[1]);
  const isWhole = lines.some((line) => line.includes('libc.so.6 => ')) && libraries.every((library) => library !== undefined);
  return isWhole ? [file, ...(libraries as string[])] : undefined;
}

/** Tries it: the same answer where no variable, no home and no folder says anything, and its version stands in the program or its libraries. */
async function isOwnAnswer(probe: ToolProbe, files: readonly string[], answer: string): Promise<boolean> {
  const version = VERSION.exec(answer)?.[0];
  if (version === undefined || !files.some((path) => holds(path, version))) return false;
  return (await ask(files[0]!, probe, { env: { PATH: '/nonexistent', HOME: '/nonexistent' }, cwd: '/' })) === answer;
}

const isElf = (file: string): boolean => chunksOf(file, ELF.length, 0, (chunk) => chunk.equals(ELF));

const holds = (file: string, text: string): boolean => chunksOf(file, CHUNK_BYTES, text.length, (chunk) => chunk.includes(text));

/** Whether a chunk fits, before the end of the file or, for a chunk of the head alone (`overlap` 0), at once. */
function chunksOf(file: string, bytes: number, overlap: number, fits: (chunk: Buffer) => boolean): boolean {
  const descriptor = openSync(file, 'r');
  const buffer = Buffer.alloc(bytes);
  try {
    for (let position = 0; ; position += bytes - overlap) {
      const read = readSync(descriptor, buffer, 0, bytes, position);
      if (fits(buffer.subarray(0, read))) return true;
      if (read < bytes || overlap === 0) return false;
    }
  } finally {
    closeSync(descriptor);
  }
}
