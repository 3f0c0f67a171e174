import { copyFileSync, existsSync, mkdirSync, symlinkSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { BundleYard } from '../testing/test-bundle';
import { drive } from '../testing/drive';
import { EVERY_LAUNCHER, openYard } from '../testing/every-launcher';

const ARGUMENTS: readonly (string | Buffer)[] = [
  '',
  'plain',
  'two words',
  'line\nfeed\n',
  `quote ' " \` $HOME $(id) \\ *`,
  '-u',
  '--',
  'ünïcode 漢',
  Buffer.from([0x66, 0xff, 0xfe, 0x80, 0x20]),
  '',
];
const PRINT = 'import sys; sys.stdout.buffer.write(repr(ARGV).encode() + b"\\n"); sys.stdout.flush()';
const asPython = (argument: string | Buffer) => Buffer.from(argument as string).toString('hex');
const PRINT_HEX = 'print(*["<" + a.hex() + ">" for a in ARGV])';

let yard: BundleYard;
beforeAll(async () => {
  yard = await openYard();
});
afterAll(() => yard.remove());

describe.each(EVERY_LAUNCHER)('%s launcher, %s', (kind, behaviour) => {
  const name = `${kind}-${behaviour}`;
  let root: string;
  let launcher: string;
  beforeAll(() => {
    root = yard.bundle(`arguments-${name}/app`, kind, behaviour);
    launcher = join(root, 'probe');
  });
  const python = () => yard.python;

  it('hands on arguments byte for byte', async () => {
    const outcome = await drive(python(), { argv: [launcher, '-c', PRINT_HEX, ...ARGUMENTS] });
    expect(outcome.stderr).toBe('');
    expect(outcome.stdout.trim()).toBe(ARGUMENTS.map((argument) => `<${asPython(argument)}>`).join(' '));
  });

  it('ends with the exit code of the program', async () => {
    const codes = process.env['WAYBILL_TEST_FULL'] ? [...Array(256).keys()] : [0, 1, 2, 9, 64, 99, 125, 126, 127, 128, 129, 130, 137, 143, 254, 255];
    for (const code of codes) {
      const outcome = await drive(python(), { argv: [launcher, '--exit', String(code)] });
      expect([outcome.exit, outcome.signal]).toEqual([code, null]);
    }
  });

  it.each(['TERM', 'KILL', 'SEGV', 'ABRT', 'INT', 'HUP'])('dies of SIG%s when the program does', async (signal) => {
    const code = `import os, signal; signal.signal(signal.SIG${signal}, signal.SIG_DFL) if "${signal}" != "KILL" else 0; os.kill(os.getpid(), signal.SIG${signal})`;
    const outcome = await drive(python(), { argv: [launcher, '-c', code] });
    expect([outcome.exit, outcome.signal]).toEqual([null, `SIG${signal}`]);
  });

  it('lets the program read standard input to its end', async () => {
    const code = 'import sys; data = sys.stdin.buffer.read(); print(len(data), data[-4:])';
    const outcome = await drive(python(), { argv: [launcher, '-c', code], stdin: 'x'.repeat(3000) + 'end\n' });
    expect(outcome.stdout).toBe("3004 b'end\\n'\n");
  });

  it('keeps no end of a pipe that the program has closed', async () => {
    const code = 'import os, time; os.close(1); os.write(2, b"closed"); time.sleep(100)';
    const watcher =
      'import os, subprocess, sys\n' +
      'p = subprocess.Popen(sys.argv[1:], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)\n' +
      'print(p.stdout.read(), p.poll()); p.kill()';
    const outcome = await drive(python(), { argv: [python().executable, '-c', watcher, launcher, '-c', code] });
    // The pipe came to its end while the program was running.
    expect(outcome.stdout).toBe("b'' None\n");
  });

  describe('is found', () => {
    const where = 'import sys; print(sys.prefix)';
    const expectHome = async (scenario: Parameters<typeof drive>[1], bundle = root) => {
      const outcome = await drive(python(), scenario);
      expect(outcome.stderr).toBe('');
      expect(outcome.stdout).toBe(`${bundle}/python/runtime\n`);
    };

    it('through symbolic links on PATH', async () => {
      const bin = join(dirname(root), 'bin');
      mkdirSync(bin);
      symlinkSync('../app/probe', join(bin, 'relative'));
      symlinkSync(join(bin, 'relative'), join(bin, 'probe'));
      await expectHome({ argv: ['probe', '-c', where], file: join(bin, 'probe'), env: { PATH: `${bin}:/usr/bin:/bin` } });
      await expectHome({ argv: ['env', 'probe', '-c', where], file: '/usr/bin/env', env: { PATH: `${bin}:/usr/bin:/bin` } });
      await expectHome({ argv: ['./relative', '-c', where], cwd: bin });
    });

    it('by relative calls', async () => {
      await expectHome({ argv: ['./probe', '-c', where], cwd: root });
      await expectHome({ argv: ['../bin/../probe', '-c', where], cwd: join(root, 'python') });
    });

    it('without PATH and without any variable', async () => {
      await expectHome({ argv: [launcher, '-c', where], env: {} });
      await expectHome({ argv: [launcher, '-c', where], env: { PATH: '' } });
    });

    it.each([
      ['spaces', 'a b  c'],
      ['unicode', 'ünï 漢字'],
      ['quotes and shell characters', `q'"$HOME\`id\`*%;&`],
      ['a line feed', 'line\nfeed\n'],
      ['a leading minus', '-n'],
      ['a backslash', 'back\\slash\\n'],
    ])('in a folder with %s', async (_what, folder) => {
      const bundle = yard.bundle(`${folder}-/${name}/${folder}`, kind, behaviour);
      await expectHome({ argv: [join(bundle, 'probe'), '-c', where] }, bundle);
      await expectHome({ argv: [`${folder}/probe`, '-c', where], cwd: dirname(bundle) }, bundle);
    });

    it('under a linked folder', async () => {
      const link = join(dirname(root), 'linked');
      symlinkSync(root, link);
      await expectHome({ argv: [join(link, 'probe'), '-c', where] });
    });

    it('at a deep place', async () => {
      const folder = Array.from({ length: 18 }, () => 'd'.repeat(60)).join('/');
      const bundle = yard.bundle(`${name}/${folder}`, kind, behaviour);
      await expectHome({ argv: [join(bundle, 'probe'), '-c', where] }, bundle);
    });
  });

  it('says in one line that a folder with `:` cannot be', async () => {
    const bundle = yard.bundle(`colon-${name}/a:b`, kind, behaviour);
    const outcome = await drive(python(), { argv: [join(bundle, 'probe'), '-c', PRINT] });
    expect(outcome.exit).toBe(64);
    expect(outcome.stderr).toMatch(/^(probe|launcher): the folder name contains `:` \(.*a:b\), which Python takes .*; move the folder\n$/);
  });
});

describe.each(['/bin/sh', '/bin/dash', '/bin/bash'].filter((shell) => existsSync(shell)))('shell launcher under %s', (shell) => {
  const code = 'import os, sys; sys.stdout.buffer.write(b"|".join([os.fsencode(sys.prefix), *ARGV]))';

  it('can be given by name and by path', async () => {
    const root = yard.bundle(`by-name-${basename(shell)}`, 'shell', 'become');
    for (const [called, cwd] of [
      [join(root, 'probe'), '/'],
      ['probe', root],
      ['./probe', root],
    ] as const) {
      const outcome = await drive(yard.python, { argv: [shell, called, '-c', code, '', 'ü\n'], cwd });
      expect([outcome.stdout, outcome.stderr]).toEqual([`${root}/python/runtime||ü\n`, '']);
    }
    if (!shell.endsWith('bash')) return; // dash looks in the working folder only
    const onPath = { argv: [shell, 'probe', '-c', code], cwd: '/', env: { PATH: `/nonexistent::${root}:/usr/bin` } };
    expect((await drive(yard.python, onPath)).stdout).toBe(`${root}/python/runtime`);
  });

  it('drops hostile variables and keeps the rest', async () => {
    const root = yard.bundle(`variables-${basename(shell)}`, 'shell', 'become', { environment: { MORE: '{bundle}' } });
    const env = { PYTHONHOME: '/x', PYTHONNEW: "a'b\nexport PATH", LC_ALL: 'C', OTHER: `"q' $x \\ \n=`, PATH: '' };
    const list = 'import json, os; print(json.dumps({k: v for k, v in os.environ.items() if k not in ("PWD", "OLDPWD", "SHLVL", "_")}))';
    const outcome = await drive(yard.python, { argv: [shell, join(root, 'probe'), '-c', list], env });
    expect([JSON.parse(outcome.stdout), outcome.stderr]).toEqual([{ LC_ALL: 'C', OTHER: env.OTHER, PATH: '', MORE: root }, '']);
  });
});

describe('native launcher', () => {
  it('refuses to work as a copy outside its bundle', async () => {
    const root = yard.bundle('copied/app', 'native', 'become');
    copyFileSync(join(root, 'probe'), join(root, '..', 'probe'));
    const outcome = await drive(yard.python, { argv: [join(root, '..', 'probe'), '-c', PRINT] });
    expect(outcome.exit).toBe(127);
    expect(outcome.stderr).toContain('make a symbolic link to it instead of a copy');
  });
});
