import { execFileSync } from 'node:child_process';
import {
  appendFileSync,
  chmodSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmSync,
  symlinkSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { hashBytes } from '@waybill/core';
import { skipUnless } from '@waybill/core/testing';
import { runStaticChecks, type CheckId } from '@waybill/relocation';
import { findLibc } from '../isolation/find-libc';
import type { ProbeContext } from '../probes';
import { selfTest } from '../probes/probe-self-test';
import { readBundleFacts } from '../tree';
import { assembleBundle, type AssembledBundle } from './testing/assemble-bundle';
import { makeRelative } from './testing/patch-elf';
import { errorsOf, PLATFORM, proveFolder, redChecks } from './testing/prove-folder';
import type { ProofRequest } from '../ground/proof-request';

let folder: string;
let good: AssembledBundle;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'waybill-proof-spec-'));
  chmodSync(folder, 0o755);
  good = await assembleBundle(join(folder, 'good'), PLATFORM);
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** A copy with a fault. Its manifest stays as it was: the checks that compare with it are not among those that run. */
async function planted(plant: (bundle: AssembledBundle) => unknown): Promise<AssembledBundle> {
  const root = join(folder, 'planted');
  rmSync(root, { recursive: true, force: true });
  execFileSync('cp', ['-a', '--reflink=auto', good.root, root]);
  const copy = { ...good, root };
  await plant(copy);
  return copy;
}

const at = ({ root }: AssembledBundle, path: string): string => join(root, path);
const stdlib = (bundle: AssembledBundle, name: string): string => join(bundle.root, bundle.layout.stdlib, name);
const dynload = (bundle: AssembledBundle, stem: string): string => {
  const names = readdirSync(stdlib(bundle, 'lib-dynload'));
  return stdlib(bundle, `lib-dynload/${names.find((name) => name.startsWith(`${stem}.`))!}`);
};
const pyc = (bundle: AssembledBundle, module: string): string => {
  const names = readdirSync(stdlib(bundle, '__pycache__'));
  return stdlib(bundle, `__pycache__/${names.find((name) => name.startsWith(`${module}.`))!}`);
};
const launcher = (bundle: AssembledBundle, text: string): void => {
  rmSync(at(bundle, 'demo'));
  writeFileSync(at(bundle, 'demo'), text, { mode: 0o755 });
};
const changeApp = (bundle: AssembledBundle, code: string): void => {
  const file = at(bundle, 'python/vendor/demo.py');
  writeFileSync(file, readFileSync(file, 'utf8').replace('if __name__ == "__main__":', `if __name__ == "__main__":\n    ${code}`));
  rmSync(at(bundle, 'python/vendor/__pycache__'), { recursive: true });
};
/** A shell launcher as people write it; `$d` is its folder. */
const shell = (bundle: AssembledBundle, body: string): string => `#!/bin/sh\nd=\${0%/*}\np="$d/${bundle.layout.python}"\n${body}\n`;
const START = 'exec "$p" -I -X utf8 -m demo "$@"';

interface Fault {
  name: string;
  check: CheckId;
  plant(bundle: AssembledBundle): unknown;
  request?: Partial<ProofRequest>;
  /** Checks that run beside `check`; default none. */
  only?: readonly CheckId[];
  message?: RegExp;
}

const FAULTS: readonly Fault[] = [
  {
    name: 'a launcher with the absolute path of the build',
    check: 'moved-copy',
    plant: (b) => launcher(b, `#!/bin/sh\nexec ${good.root}/${b.layout.python} -I -m demo "$@"\n`),
  },
  {
    name: 'a launcher that needs its own folder as working folder',
    check: 'moved-copy',
    plant: (b) => launcher(b, `#!/bin/sh\nexec ./${b.layout.python} -I -m demo "$@"\n`),
  },
  {
    name: 'no landmark zip',
    check: 'moved-copy',
    plant: (b) => rmSync(at(b, `python/runtime/lib/python${good.python.series.replace('.', '')}.zip`)),
    message: /empty Python zip/,
  },
  { name: 'an app that ends well and says nothing', check: 'moved-copy', plant: (b) => launcher(b, '#!/bin/sh\nexit 0\n'), message: /says nothing/ },
  {
    name: 'an app that answers with another prefix',
    check: 'moved-copy',
    plant: (b) => launcher(b, '#!/bin/sh\necho \'{"version": "3.11.7", "prefix": "/usr"}\'\n'),
    message: /outside the bundle/,
  },
  {
    name: 'a launcher that remembers where it ran first',
    check: 'moved-twice',
    plant: (b) =>
      launcher(
        b,
        shell(
          b,
          `[ -f "$d/.home" ] || echo "$d" 2>/dev/null > "$d/.home"\nif [ -f "$d/.home" ]; then read -r h < "$d/.home"; else h=$d; fi\nexec "$h/${b.layout.python}" -I -X utf8 -m demo "$@"`,
        ),
      ),
  },
  {
    name: 'a carried library that only the machine has',
    check: 'bare-root',
    plant: (b) => rmSync(at(b, 'python/runtime/lib/libssl.so.3'), { force: true }),
  },
  {
    name: 'an app that writes into its bundle',
    check: 'read-only',
    plant: (b) => changeApp(b, `\n    try: open(os.path.join(os.path.dirname(__file__), "cache"), "w").close()\n    except OSError: pass\n`),
    message: /changes it/,
  },
  { name: 'an app that needs a home', check: 'read-only', plant: (b) => changeApp(b, 'os.environ["HOME"]') },
  {
    name: 'an app that asks for the name of its user (T22)',
    check: 'read-only',
    plant: (b) => changeApp(b, 'import getpass; getpass.getuser()'),
    message: /KeyError|getpwuid|No username/,
  },
  {
    name: 'an app that looks for a library of the machine (T22)',
    check: 'bare-root',
    plant: (b) => changeApp(b, 'import ctypes.util; assert ctypes.util.find_library("z"), "no libz"'),
    message: /no libz/,
  },
  {
    name: 'RUNPATH in place of RPATH',
    check: 'hostile-environment',
    plant: (b) => makeRelative(at(b, b.layout.python), '$ORIGIN/../lib', '/x', 'runpath'),
    message: /LD_LIBRARY_PATH/,
  },
  {
    name: 'a launcher that honours PYTHONPATH',
    check: 'hostile-environment',
    plant: (b) => launcher(b, shell(b, 'exec "$p" -m demo "$@"')),
    message: /PYTHON/,
  },
  {
    name: 'a launcher that calls `dirname`',
    check: 'hostile-environment',
    plant: (b) => launcher(b, `#!/bin/sh\nd=$(dirname "$0")\nexec "$d/${b.layout.python}" -I -X utf8 -m demo "$@"\n`),
    message: /PATH/,
  },
  {
    name: 'a launcher that prints a fixed answer',
    check: 'identity',
    plant: (b) => launcher(b, '#!/bin/sh\necho \'{"ok": true}\'\n'),
    message: /without having opened/,
  },
  {
    name: 'an app that asks for a file of the building machine',
    check: 'file-trace',
    plant: (b) => changeApp(b, `os.path.exists("/opt/build-machine/data/x")`),
    request: { hide: ['/opt/build-machine/data'] },
    message: /ENOENT/,
  },
  { name: 'an extension module that is cut off', check: 'imports', plant: (b) => truncateSync(dynload(b, '_json'), 6000), message: /_json/ },
  { name: 'a standard library without json', check: 'imports', plant: (b) => rmSync(stdlib(b, 'json'), { recursive: true }) },
  {
    name: 'a declared module that is not there',
    check: 'imports',
    plant: () => undefined,
    request: { imports: ['numpy_is_not_here'] },
    message: /numpy_is_not_here/,
  },
  {
    name: 'a launcher that splits arguments',
    check: 'launcher',
    plant: (b) => launcher(b, shell(b, 'exec "$p" -I -X utf8 -m demo $*')),
    message: /arguments/,
  },
  {
    name: 'a launcher that swallows exit codes',
    check: 'launcher',
    plant: (b) => launcher(b, shell(b, '"$p" -I -X utf8 -m demo "$@"\nexit 0')),
    message: /exit-code/,
  },
  {
    name: 'a launcher that keeps signals to itself',
    check: 'launcher',
    plant: (b) => launcher(b, shell(b, 'trap : TERM INT HUP\n"$p" -I -X utf8 -m demo "$@"')),
    message: /signal/,
  },
  {
    name: 'a launcher without `#!`',
    check: 'launcher',
    plant: (b) => launcher(b, shell(b, START).replace('#!/bin/sh\n', '')),
    message: /from a shell alone/,
  },
  { name: 'byte code that is older than its source', check: 'start-up', plant: (b) => makeStale(b), message: /stale/ },
  { name: 'a start beyond its budget', check: 'start-up', plant: () => undefined, request: { startBudgetMs: 1 }, message: /ms to start/ },
];

function makeStale(bundle: AssembledBundle): void {
  for (const module of ['enum', 'functools', 'types']) {
    const file = pyc(bundle, module);
    const bytes = readFileSync(file);
    bytes.fill(0, 4, 16);
    writeFileSync(file, bytes);
    utimesSync(stdlib(bundle, `${module}.py`), 1_700_000_000, 1_700_000_000);
  }
}

it('is green on a good bundle, by every check', async () => {
  const proof = await proveFolder(good.root, { imports: ['json', 'demo'] });
  expect(errorsOf(proof)).toEqual([]);
  expect(proof.verdict).toBe('passed');
  expect(proof.checks.filter(({ status }) => status === 'skipped').map(({ check }) => check)).toEqual(['archive-round-trip']);
  expect(proof.isolation.canaries).toBeGreaterThan(0);
  const said = proof.findings.map(({ check, message }) => `${check} ${message}`).join('\n');
  for (const missing of ['imports TLS knows no', 'imports time zones are not there', 'file-trace the OpenSSL of the bundle'])
    expect(said).toContain(missing);
});

describe('is red', () => {
  it.each(FAULTS.map((fault) => [fault.name, fault] as const))('%s', async (_, { check, plant, request, message }) => {
    const bundle = await planted(plant);
    const proof = await proveFolder(bundle.root, { checks: [check], ...request });
    expect(redChecks(proof)).toContain(check);
    if (message)
      expect(
        errorsOf(proof)
          .map((finding) => `${finding.message} ${finding.actual ?? ''}`)
          .join('\n'),
      ).toMatch(message);
  });

  it('a libpython that is not the one of the manifest', async () => {
    const bundle = await planted((b) => {
      const file = at(b, 'share/waybill/manifest.json');
      writeFileSync(file, readFileSync(file, 'utf8').replace(/"buildId": "[0-9a-f]{8}/, '"buildId": "00000000'));
    });
    expect(
      errorsOf(await proveFolder(bundle.root, { checks: ['identity'] }))
        .map(({ message }) => message)
        .join(),
    ).toMatch(/not the one that was packaged/);
  });

  it('a file that changed after the manifest was written', async () => {
    const bundle = await planted((b) => appendFileSync(stdlib(b, 'abc.py'), '# x\n'));
    const [finding] = errorsOf(await proveFolder(bundle.root, { checks: ['tree-entries'] }));
    expect(finding).toMatchObject({ check: 'tree-entries', path: expect.stringContaining('abc.py') });
  });

  it('an expected Python that is another', async () => {
    const proof = await proveFolder(good.root, { checks: ['moved-copy'], expect: { python: '3.99' } });
    expect(errorsOf(proof)[0]).toMatchObject({ check: 'moved-copy', expected: '3.99', actual: good.python.version });
  });

  it('isolation below what was asked for', async () => {
    const proof = await proveFolder(good.root, { checks: ['moved-twice'], isolation: 'copy' });
    expect(errorsOf(proof)[0]).toMatchObject({ check: 'moved-copy', expected: 'namespace', actual: 'copy' });
  });

  it('a bundle for another machine, unless only its facts are checked', async () => {
    const other = PLATFORM === 'linux-aarch64' ? 'linux-x86_64' : 'linux-aarch64';
    const proof = await proveFolder(good.root, { checks: ['moved-copy'], platform: other });
    expect(errorsOf(proof)[0]!.message).toContain(other);
    expect(proof.checks[0]).toMatchObject({ status: 'failed', reason: expect.stringContaining(other) });
  });
});

describe('archives', () => {
  const pack = (bundle: string, name: string): { file: string; sha256: string } => {
    const file = join(folder, name);
    execFileSync('tar', ['-cf', file, '--mtime=@0', '--sort=name', '-C', join(bundle, '..'), bundle.split('/').at(-1)!]);
    return { file, sha256: hashBytes(readFileSync(file)) };
  };

  it('other tools read the same tree, or it is red', async () => {
    const same = await proveFolder(good.root, { checks: ['archive-round-trip'], archive: pack(good.root, 'same.tar') });
    expect(errorsOf(same)).toEqual([]);
    expect(same.checks[0]!.evidence['tools']).toContainEqual({ tool: 'GNU tar', outcome: 'same tree' });
    const other = join(folder, 'other', 'good');
    execFileSync('mkdir', ['-p', join(folder, 'other')]);
    execFileSync('cp', ['-a', good.root, other]);
    appendFileSync(join(other, 'demo'), '\n');
    rmSync(join(other, 'python/vendor/demo.py'));
    chmodSync(join(other, 'share/waybill/manifest.json'), 0o600);
    const proof = await proveFolder(good.root, { checks: ['archive-round-trip'], archive: pack(other, 'other.tar') });
    expect(errorsOf(proof).map(({ message }) => message)).toEqual(
      expect.arrayContaining([expect.stringContaining('GNU tar'), expect.stringContaining('Python')]),
    );
    const python = errorsOf(proof).find(({ message }) => message.startsWith('Python'))!.actual;
    expect(python).toMatch(/demo: \d+ bytes, not \d+ · demo: other content/);
    expect(python).toContain('manifest.json: mode 0600, not 0644');
    expect(python).toContain('python/vendor/demo.py: missing');
    const second = await proveFolder(good.root, {
      checks: ['reproducible'],
      archive: pack(good.root, 'one.tar'),
      secondArchive: join(folder, 'other.tar'),
    });
    expect(errorsOf(second)[0]).toMatchObject({ check: 'reproducible', actual: 'demo, python/vendor/demo.py, share/waybill/manifest.json' });
    const equal = await proveFolder(good.root, {
      archive: pack(good.root, 'one.tar'),
      secondArchive: join(folder, 'one.tar'),
      checks: ['reproducible'],
    });
    expect(equal.verdict).toBe('passed');
  });
});

it('runs on the C libraries of `glibcMatrix`, and is red where one lacks what it needs', async () => {
  const libc = await findLibc(PLATFORM);
  const copy = (name: string, keep: (path: string) => boolean): string => {
    const root = join(folder, name);
    for (const { path, source } of libc!.files.filter((file) => keep(file.path))) {
      mkdirSync(join(root, path, '..'), { recursive: true });
      copyFileSync(source, join(root, path));
    }
    return root;
  };
  const whole = copy('libc-whole', () => true);
  const cut = copy('libc-without-libm', (path) => !path.includes('/libm.so'));
  const proof = await proveFolder(good.root, { checks: ['bare-root'], glibcMatrix: [whole, cut] });
  expect(errorsOf(proof)).toEqual([
    expect.objectContaining({
      check: 'bare-root',
      message: expect.stringContaining('libc-without-libm'),
      actual: expect.stringContaining('libm.so.6'),
    }),
  ]);
  expect(proof.checks[0]!.evidence['glibcMatrix']).toEqual([
    { source: 'libc-whole', outcome: 'passed' },
    { source: 'libc-without-libm', outcome: 'failed' },
  ]);
});

it('a C library of `glibcMatrix` that cannot be tried is red', async () => {
  const none = join(folder, 'no-libc');
  mkdirSync(none, { recursive: true });
  writeFileSync(join(folder, 'broken.deb'), 'no archive');
  const glibcMatrix = [none, join(folder, 'broken.deb')];
  const expected = ['no-libc', 'broken.deb'].map((name) =>
    expect.objectContaining({ check: 'bare-root', message: expect.stringContaining(name), expected: expect.stringContaining('glibcMatrix') }),
  );
  expect(errorsOf(await proveFolder(good.root, { checks: ['bare-root'], glibcMatrix }))).toEqual(expected);
  const copied = await proveFolder(good.root, { checks: ['bare-root'], glibcMatrix, isolation: 'copy', minIsolation: 'copy' });
  expect(errorsOf(copied)).toEqual(expected);
  expect(copied.verdict).toBe('failed');
});

it('a check that is blind is found out by the self-test', async () => {
  const facts = await readBundleFacts(good.root, { platform: PLATFORM, leakTokens: [] });
  const context = {
    facts: () => Promise.resolve(facts),
    policy: { platform: PLATFORM, leakTokens: [] },
    traced: () => Promise.resolve('no strace'),
    request: {},
    layout: facts.layout,
    launcher: 'demo',
    hidden: [],
  };
  const blind: typeof runStaticChecks = (...args) => runStaticChecks(...args).filter(({ check }) => check !== 'rpath');
  const { findings } = await selfTest(blind).run(context as unknown as ProbeContext);
  expect(findings.map(({ message }) => message)).toEqual([expect.stringContaining('`rpath` does not catch')]);
  expect((await selfTest(runStaticChecks).run(context as unknown as ProbeContext)).findings).toEqual([]);
});

skipUnless(process.getuid?.() === 0, 'only root can give a program another user’s rights')(
  'a setuid program loses its search path when others run it',
  async () => {
    const bundle = await planted((b) => chmodSync(at(b, b.layout.python), 0o4755));
    expect(redChecks(await proveFolder(bundle.root, { checks: ['moved-copy', 'elf-hygiene'] }))).toEqual(['elf-hygiene', 'moved-copy']);
  },
);

it('the recipe that everybody uses is red: copied interpreter, wrapper with PYTHONHOME, unpatched program', async () => {
  const bundle = await planted((b) => {
    mkdirSync(at(b, 'bin'));
    copyFileSync(realpathSync(good.python.executable), at(b, 'bin/demo-bin'));
    launcher(b, `#!/bin/sh\nd=\${0%/*}\nexport PYTHONHOME="$d/python/runtime" PYTHONNOUSERSITE=1\nexec "$d/bin/demo-bin" -m demo "$@"\n`);
    rmSync(at(b, 'share'), { recursive: true });
  });
  const proof = await proveFolder(bundle.root, { hide: [good.python.prefix] });
  expect(proof.verdict).toBe('failed');
  expect(redChecks(proof)).toEqual(expect.arrayContaining(['hostile-environment']));
});

describe('allow', () => {
  const only = { checks: ['imports'] as const, imports: ['not_here'] };

  it('lets a finding pass, with its reason', async () => {
    const proof = await proveFolder(good.root, { ...only, allow: [{ check: 'imports', path: '**', reason: 'installed later by the user' }] });
    expect(proof.verdict).toBe('passed');
    expect(proof.findings.find(({ message }) => message.includes('not_here'))).toMatchObject({
      level: 'info',
      message: expect.stringContaining('installed later by the user'),
    });
  });

  it('never lets isolation pass that is below what was asked for, nor a machine that cannot run the bundle', async () => {
    const allow = ['moved-twice', 'moved-copy'].map((check) => ({ check, path: '**', reason: 'planted' }));
    const proof = await proveFolder(good.root, { checks: ['moved-twice'], isolation: 'copy', allow });
    expect(proof.verdict).toBe('failed');
    expect(errorsOf(proof)[0]).toMatchObject({ check: 'moved-copy', expected: 'namespace', actual: 'copy' });
    const other = PLATFORM === 'linux-aarch64' ? 'linux-x86_64' : 'linux-aarch64';
    expect((await proveFolder(good.root, { checks: ['moved-copy'], platform: other, allow })).verdict).toBe('failed');
  });

  it('is a finding itself when it matches nothing', async () => {
    const proof = await proveFolder(good.root, { checks: ['shebangs'], allow: [{ check: 'shebangs', path: 'bin/gone', reason: 'was needed once' }] });
    expect(errorsOf(proof)[0]).toMatchObject({ check: 'shebangs', message: expect.stringContaining('bin/gone') });
  });
});

it.each(['copy', 'rename'] as const)(
  'every check runs with isolation `%s` where that is what was asked for',
  async (isolation) => {
    const hide = join(folder, 'hidden');
    mkdirSync(hide, { recursive: true });
    writeFileSync(join(hide, 'canary'), 'sings');
    const proof = await proveFolder(good.root, { isolation, minIsolation: isolation, hide: [hide] });
    expect(errorsOf(proof)).toEqual([]);
    expect(proof.isolation.tier).toBe(isolation);
    expect(proof.checks.filter(({ status }) => status === 'skipped').map(({ check }) => check)).toEqual(['bare-root', 'archive-round-trip']);
    expect(readFileSync(join(hide, 'canary'), 'utf8')).toBe('sings');
  },
  60_000,
);

it.each([
  ['hostile-environment', (b: AssembledBundle) => launcher(b, shell(b, 'exec "$p" -m demo "$@"'))],
  ['moved-copy', (b: AssembledBundle) => launcher(b, `#!/bin/sh\nexec ./${b.layout.python} -I -m demo "$@"\n`)],
  ['launcher', (b: AssembledBundle) => launcher(b, shell(b, '"$p" -I -X utf8 -m demo "$@"\nexit 0'))],
] as const)('copies show a fault of `%s` too', async (check, plant) => {
  const bundle = await planted(plant);
  expect(redChecks(await proveFolder(bundle.root, { checks: [check], isolation: 'copy', minIsolation: 'copy' }))).toEqual([check]);
});

it('a launcher that is the interpreter itself answers through a script of ours', async () => {
  const bundle = await planted((b) => {
    const runtime = at(b, 'python/runtime');
    const plain = join(folder, 'plain');
    rmSync(plain, { recursive: true, force: true });
    renameSync(runtime, plain);
  });
  expect(existsSync(bundle.root)).toBe(true);
  const plain = join(folder, 'plain');
  const interpreter = readdirSync(join(plain, 'bin')).find((name) => /^python3\.\d+$/.test(name))!;
  symlinkSync(interpreter, join(plain, 'bin/linked'));
  for (const launcher of [`bin/${interpreter}`, 'bin/linked']) {
    const proof = await proveFolder(plain, { launcher, checks: ['moved-copy', 'identity', 'imports', 'bare-root'] });
    expect(errorsOf(proof)).toEqual([]);
  }
});

it('a launcher that refuses a colon in its own words, and one that dies of a variable that nothing on Linux sets, are not red', async () => {
  const told = async (check: CheckId, line: string): Promise<string[]> => {
    const bundle = await planted((b) => launcher(b, shell(b, `${line}\n${START}`)));
    const { findings } = await proveFolder(bundle.root, { checks: [check] });
    return findings.filter(({ message }) => /colon|PYTHONEXECUTABLE/.test(message)).map(({ level }) => level);
  };
  expect(await told('moved-copy', 'case $d in *:*) echo "a colon in the path will not do" >&2; exit 1 ;; esac')).toEqual([]);
  expect(await told('hostile-environment', '[ -z "$PYTHONEXECUTABLE" ] || exit 9')).toEqual(['warning']);
});
