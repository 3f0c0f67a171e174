import { copyFile, mkdir, mkdtemp, readFile, rename, rm, symlink, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { openMemory, type AnswerMemory } from './answer-memory';
import { askProgram } from './ask-program';
import { behindRustup } from './behind-rustup';
import { fingerprintLines } from './fingerprint';
import type { ToolProbe } from './tool-probes';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'waybill-answers-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const file = (): string => join(folder, 'answers.json');
const settled = (): AnswerMemory => openMemory(file(), () => Date.now() + 10_000);

/** `cat` of coreutils stands for a tool: a small program that holds its version, and is on every Linux. */
const PROBE: ToolProbe = { id: 'tool', command: 'tool', variable: 'TOOL', args: ['--version'], program: /^tool$/ };
const WRITTEN = new Date('2026-01-01T00:00:00Z');
const place = async (from = '/bin/cat', name = 'tool'): Promise<string> => {
  const path = join(folder, name);
  await copyFile(from, path);
  await utimes(path, WRITTEN, WRITTEN);
  return path;
};

async function ask(path: string, { probe = PROBE, variables = {}, memory = settled() } = {}): Promise<string> {
  const answer = await askProgram(probe, path, variables, memory);
  memory.save();
  return answer;
}

/** Puts a lie into the memory: who answers with it did not ask. */
async function lie(answer: string): Promise<void> {
  const text = await readFile(file(), 'utf8');
  await writeFile(file(), text.replaceAll(`"answer":"${answer}"`, '"answer":"0.0"'));
}

describe('an answer that a program holds itself', () => {
  it('is asked for once', async () => {
    const tool = await place();
    const answer = await ask(tool);
    expect(answer).toMatch(/^\d+\.\d+/);
    await lie(answer);
    expect(await ask(tool)).toBe('0.0');
  });

  it.each<[string, (tool: string) => Promise<unknown>]>([
    [
      'written again in its place, with its size and time',
      async (tool) => {
        await writeFile(tool, await readFile(tool));
        await utimes(tool, WRITTEN, WRITTEN);
      },
    ],
    [
      'replaced by its like',
      async (tool) => {
        await rename(await place('/bin/cat', 'beside'), tool);
      },
    ],
    ['gone, and put there again', async (tool) => (await rm(tool), place())],
    [
      'a link, which names another now',
      async (tool) => {
        await mkdir(join(folder, 'other'));
        await place('/bin/cat', 'other/tool');
        await rm(tool);
        await symlink('other/tool', tool);
      },
    ],
  ])('is asked for again when the program is %s', async (_, change) => {
    const tool = await place();
    const answer = await ask(tool);
    await lie(answer);
    await change(tool);
    expect(await ask(tool)).toBe(answer);
  });

  it.each<[string, string | ((text: string) => string)]>([
    ['cut', (text) => text.slice(0, -9)],
    ['no JSON', 'waybill'],
    ['of another schema', (text) => text.replace('answers 1', 'answers 0')],
    ['without the files', (text) => text.replace(/"files":\{[^}]*\}/, '"files":{}')],
    ['of another shape', '{"schema":"waybill answers 1","entries":{"tool":null}}'],
    ['that says null', 'null'],
  ])('is asked for again when the memory is %s', async (_, damage) => {
    const tool = await place();
    const answer = await ask(tool);
    await lie(answer);
    await writeFile(file(), typeof damage === 'string' ? damage : damage(await readFile(file(), 'utf8')));
    expect(await ask(tool)).toBe(answer);
  });

  it('is asked for where a variable may turn it', async () => {
    const tool = await place();
    const answer = await ask(tool);
    await lie(answer);
    expect(await ask(tool, { variables: { LD_LIBRARY_PATH: folder } })).toBe(answer);
  });

  it('is not kept of a program that was written just now: it may be written again within the same tick', async () => {
    const tool = await place();
    await ask(tool, { memory: openMemory(file()) });
    await expect(readFile(file())).rejects.toThrow('ENOENT');
  });

  it('is not kept of a file that changed while it was asked', () => {
    const memory = settled();
    memory.remember('x', '1.0', { [folder]: '1 2 3 4 5 6' });
    expect(memory.recall('x')).toBeUndefined();
  });

  it('costs time alone where nothing can be written', async () => {
    await writeFile(join(folder, 'no-folder'), '');
    const memory = openMemory(join(folder, 'no-folder/answers.json'), () => Date.now() + 10_000);
    expect(await ask(await place(), { memory })).toMatch(/^\d/);
  });
});

describe('an answer that may come from elsewhere is asked for each time', () => {
  it.each<[string, () => Promise<{ path: string; probe?: ToolProbe; variables?: Record<string, string> }>]>([
    [
      'of a script',
      async () => {
        const path = join(folder, 'tool');
        await writeFile(path, '#!/bin/sh\necho tool 1.2.3\n', { mode: 0o755 });
        return { path };
      },
    ],
    [
      'of a stand-in with a name of its own',
      async () => {
        await symlink(await place('/bin/cat', 'mise'), join(folder, 'tool'));
        return { path: join(folder, 'tool') };
      },
    ],
    ['that is not in the program', async () => ({ path: await place('/bin/date'), probe: { ...PROBE, args: ['-u', '-d@0', '+1.%Y.3'] } })],
    [
      'that a variable gives',
      async () => {
        const own = await ask(await place());
        await rm(file());
        return { path: await place('/usr/bin/printenv'), probe: { ...PROBE, args: ['ANSWER'] }, variables: { ANSWER: own } };
      },
    ],
    ['of a program that is not there', () => Promise.resolve({ path: join(folder, 'none') })],
  ])('%s', async (_, make) => {
    const { path, ...request } = await make();
    await ask(path, request);
    await expect(readFile(file())).rejects.toThrow('ENOENT');
  });
});

describe('behindRustup', () => {
  const make = async (path: string, text = ''): Promise<string> => {
    await mkdir(dirname(join(folder, path)), { recursive: true });
    await writeFile(join(folder, path), text);
    return join(folder, path);
  };
  const SETTINGS = 'version = "12"\ndefault_toolchain = "stable-x86_64-unknown-linux-gnu"\nprofile = "default"\n\n[overrides]\n';
  const find = (variables: Record<string, string> = {}): string =>
    behindRustup(join(folder, 'cargo/rustc'), { RUSTUP_HOME: join(folder, 'rustup'), ...variables }, join(folder, 'work/deep')).slice(folder.length);
  const REAL = '/rustup/toolchains/stable-x86_64-unknown-linux-gnu/bin/rustc';

  beforeEach(async () => {
    for (const path of ['cargo/rustup', 'cargo/rustc', REAL]) await make(path);
    await make('rustup/settings.toml', SETTINGS);
  });

  it('finds the program of the default toolchain', () => {
    expect(find()).toBe(REAL);
  });

  it.each<[string, () => Promise<unknown>]>([
    ['a file above chooses', () => make('work/rust-toolchain.toml')],
    ['an old file chooses', () => make('work/deep/rust-toolchain')],
    ['a folder has its own', () => make('rustup/settings.toml', `${SETTINGS}"/home/x" = "nightly"\n`)],
    ['there is no default', () => make('rustup/settings.toml', 'version = "12"\n')],
    ['there are no settings', () => rm(join(folder, 'rustup/settings.toml'))],
    ['the toolchain is not there', () => rm(join(folder, REAL))],
    ['rustc is a program of its own', () => rm(join(folder, 'cargo/rustup'))],
  ])('leaves it to rustup where %s', async (_, change) => {
    await change();
    expect(find()).toBe('/cargo/rustc');
  });

  it('leaves it to rustup where a variable chooses', () => {
    expect(find({ RUSTUP_TOOLCHAIN: 'nightly' })).toBe('/cargo/rustc');
  });
});

it('the whole fingerprint says the same from memory as without one', async () => {
  const lines = await fingerprintLines(process);
  for (let turn = 0; turn < 2; turn += 1) {
    const memory = settled();
    expect(await fingerprintLines(process, memory)).toEqual(lines);
    memory.save();
  }
});
