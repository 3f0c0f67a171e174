import { chmodSync, existsSync, readFileSync, renameSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { drive, type Outcome, type Scenario } from '../testing/drive';
import { EVERY_LAUNCHER, openYard } from '../testing/every-launcher';
import type { BundleYard } from '../testing/test-bundle';

const CONFIGURATION = 'share/waybill/launcher.conf';

let yard: BundleYard;
let counter = 0;
beforeAll(async () => {
  yard = await openYard();
});
afterAll(() => yard.remove());

const run = (root: string, more: Partial<Scenario> = {}) => drive(yard.python, { argv: [join(root, 'probe'), '-c', 'print("started")'], ...more });

/** Exactly one line, and nothing was started. */
function expectOneLine(outcome: Outcome, exit: number, text: string | RegExp): void {
  expect(outcome.stdout).toBe('');
  expect(outcome.stderr).toMatch(/^[^\n]+\n$/);
  expect(outcome.stderr).toMatch(text);
  expect(outcome.exit).toBe(exit);
}

describe.each(EVERY_LAUNCHER)('%s launcher, %s', (kind, behaviour) => {
  const fresh = () => yard.bundle(`bundle-${(counter += 1)}`, kind, behaviour);
  const program = () => yard.config(behaviour).program;

  it('names a program that is missing', async () => {
    const root = fresh();
    rmSync(join(root, program()));
    expectOneLine(await run(root), 127, /^probe: cannot start .*(No such file or directory|there is no such file).*; unpack the bundle again$/m);
  });

  it('names a program that cannot be executed', async () => {
    const root = fresh();
    const file = join(root, program());
    const bytes = readFileSync(file);
    rmSync(file);
    writeFileSync(file, bytes, { mode: 0o644 });
    expectOneLine(await run(root), 126, new RegExp(`^probe: cannot start ${file}`, 'm'));
  });
});

describe('native launcher', () => {
  const fresh = () => yard.bundle(`native-${(counter += 1)}`, 'native', 'become');
  const damage = async (change: (text: string) => string) => {
    const root = fresh();
    const file = join(root, CONFIGURATION);
    writeFileSync(file, change(readFileSync(file, 'utf8')));
    return run(root);
  };

  it('starts with the configuration as it is', async () => {
    expect((await damage((text) => text)).stdout).toBe('started\n');
  });

  it.each<[string, (text: string) => string, string]>([
    ['an empty file', () => '', 'cut short'],
    ['a file cut short', (text) => text.slice(0, -4), 'cut short'],
    ['a file cut in a line', (text) => text.slice(0, text.indexOf('home') + 6), 'cut short'],
    ['another version', (text) => text.replace('waybill-launcher 1', 'waybill-launcher 2'), 'line 1: expected `waybill-launcher 1`'],
    ['CRLF', (text) => text.replaceAll('\n', '\r\n'), 'line 1:'],
    ['an unknown key', (text) => text.replace('name ', 'title '), 'line 3: the key is not known'],
    ['a key twice', (text) => text.replace('end\n', 'name other\nend\n'), 'the key stands there twice'],
    ['a second behaviour', (text) => text.replace('end\n', 'behaviour become\nend\n'), 'the key stands there twice'],
    ['an unknown behaviour', (text) => text.replace('behaviour become', 'behaviour replace'), 'the value is not valid'],
    ['a missing key', (text) => text.replace(/^home .*\n/m, ''), '`home` is missing'],
    ['a missing behaviour', (text) => text.replace(/^behaviour .*\n/m, ''), '`behaviour` is missing'],
    ['a line without value', (text) => text.replace('end\n', 'argument\nend\n'), 'the line has no value'],
    ['an empty line', (text) => text.replace('end\n', '\nend\n'), 'the line has no value'],
    ['an absolute path', (text) => text.replace('program bin', 'program /bin'), 'the value is not valid'],
    ['a path upwards', (text) => text.replace('program bin', 'program ../bin'), 'the value is not valid'],
    ['a path with an empty part', (text) => text.replace('program bin/', 'program bin//'), 'the value is not valid'],
    ['a name that is a path', (text) => text.replace('name probe', 'name a/probe'), 'the value is not valid'],
    ['a bad glibc', (text) => text.replace('end\n', 'glibc two\nend\n'), 'the value is not valid'],
    ['a default without name', (text) => text.replace('end\n', 'default =x\nend\n'), 'the value is not valid'],
    ['an unknown part', (text) => text.replace('end\n', 'carries gtk\nend\n'), 'the value is not valid'],
    ['an unknown escape', (text) => text.replace('end\n', 'argument a\\t\nend\n'), 'the escape is not known'],
    ['an escape at the end', (text) => text.replace('end\n', 'argument a\\\nend\n'), 'the escape is not known'],
    ['text after the end', (text) => `${text}more\n`, 'there is text after `end`'],
    ['a zero byte', (text) => text.replace('name probe', 'name pro\0be'), 'it holds a zero byte'],
    ['too many lines', (text) => text.replace('end\n', `${'argument x\n'.repeat(300)}end\n`), 'too many lines of this key'],
    ['too long', (text) => text.replace('end\n', `argument ${'x'.repeat(70_000)}\nend\n`), 'it is too long'],
  ])('refuses a configuration with %s', async (_what, change, text) => {
    const outcome = await damage(change);
    expectOneLine(outcome, 126, / is damaged: .*; unpack the bundle again/);
    expect(outcome.stderr).toContain(text);
  });

  it('survives any cut of the configuration', async () => {
    const root = fresh();
    const file = join(root, CONFIGURATION);
    const text = readFileSync(file, 'utf8');
    for (let length = 0; length < text.length; length += process.env['WAYBILL_TEST_FULL'] ? 1 : 17) {
      writeFileSync(file, text.slice(0, length));
      expectOneLine(await run(root), 126, 'is damaged');
    }
  });

  it('names a configuration that is missing', async () => {
    const root = fresh();
    rmSync(join(root, CONFIGURATION));
    expectOneLine(await run(root), 127, 'launcher.conf (No such file or directory)');
  });

  it.each(['become', 'supervise'] as const)('names a program that is no program (%s)', async (behaviour) => {
    const root = yard.bundle(`native-${(counter += 1)}`, 'native', behaviour);
    const file = join(root, yard.config(behaviour).program);
    rmSync(file);
    writeFileSync(file, 'no program', { mode: 0o755 });
    expectOneLine(await run(root), 126, /\(Exec format error\)$/m);
  });

  it('names a loader that is not on this system', async () => {
    const root = fresh();
    const file = join(root, 'bin/probe-bin');
    rmSync(file);
    writeFileSync(file, '#!/nonexistent/loader\n', { mode: 0o755 });
    expectOneLine(await run(root), 127, 'the loader that it names is not on this system');
  });

  it.each([
    ['2.999', true],
    ['3.0', true],
    ['2.17', false],
  ])('needs glibc %s: refuses %s', async (glibc, refused) => {
    const root = yard.bundle(`native-${(counter += 1)}`, 'native', 'become', { glibc });
    const outcome = await run(root);
    if (refused) expectOneLine(outcome, 126, new RegExp(`^probe: needs glibc ≥ ${glibc.replace('.', '\\.')}, found (2\\.\\d+|none)$`, 'm'));
    else expect(outcome.stdout).toBe('started\n');
  });

  it('does not run away from a truncated program', async () => {
    const root = fresh();
    const file = join(root, 'bin/probe-bin');
    const copy = `${file}.copy`;
    writeFileSync(copy, readFileSync(file));
    renameSync(copy, file);
    chmodSync(file, 0o755);
    truncateSync(file, 40);
    const outcome = await run(root);
    expect(outcome.exit).toBe(126);
    expect(existsSync(file)).toBe(true);
  });
});
