import { z } from 'zod';
import { packageDistOptions } from './options';

const MODULE = { entry: { module: 'server' } };
const parse = (options: Record<string, unknown>) => packageDistOptions.safeParse({ ...MODULE, ...options });
const messages = (options: Record<string, unknown>) =>
  parse(options)
    .error?.issues.map(({ path, message }) => `${path.join('.')}: ${message}`)
    .join('\n') ?? '';

describe('options of package-dist', () => {
  it('has the defaults of the contract', () => {
    expect(packageDistOptions.parse(MODULE)).toMatchObject({
      runtime: { provider: 'interpreter' },
      launcher: 'native',
      launcherEnv: {},
      include: [],
      vendorLibraries: { enabled: true, allow: [], deny: [], fromHost: [], licences: {} },
      prune: { preset: 'safe', keep: [], drop: [] },
      strip: true,
      pyc: 'unchecked-hash',
      nameTemplate: '{name}-{version}-{os}-{arch}',
      folder: false,
    });
  });

  it.each([
    ['neither', {}],
    ['both', { binary: 'x', entry: { module: 'y' } }],
    ['two entries', { entry: { module: 'y', script: 'z.py' } }],
    ['an empty entry', { entry: {} }],
  ])('wants exactly one thing to start: %s', (_what, options) => {
    expect(packageDistOptions.safeParse(options).error?.issues[0]?.message).toContain('exactly one of `binary`, `entry.module` and `entry.script`');
  });

  it.each([
    ['an unknown key', { lancher: 'native' }, 'lancher'],
    ['an unknown key inside', { runtime: { provder: 'uv' } }, 'provder'],
    ['an absolute binary', { binary: '/usr/bin/x', entry: undefined }, 'binary'],
    ['a way out', { requirements: '../other/requirements.lock' }, 'requirements'],
    ['a place outside the bundle', { include: [{ from: 'a', to: '../x' }] }, 'include'],
    ['an include that is neither', { include: [{ form: 'a' }] }, 'include'],
    ['no module name', { entry: { module: 'a-b' } }, 'entry.module'],
    ['an unknown format', { formats: ['rar'] }, 'formats'],
    ['no format', { formats: [] }, 'formats'],
    ['no variable', { launcherEnv: { 'A B': 'x' } }, 'launcherEnv'],
    ['no digest', { runtime: { sha256: 'abc' } }, 'runtime.sha256'],
    ['no size', { sizeLimit: 'large' }, 'sizeLimit'],
    ['a size below one', { sizeLimit: 0 }, 'sizeLimit'],
    ['three parts', { glibc: '2.28.1' }, 'glibc'],
  ])('refuses %s', (_what, options, where) => {
    expect(messages(options)).toContain(where);
  });

  it.each([
    ['glibc', { glibc: 2.1 }, '--glibc=glibc2.28'],
    ['runtime.version', { runtime: { version: 3.1 } }, "--runtime.version='==3.10.*'"],
    ['macosMinimum', { macosMinimum: 11 }, '--macosMinimum=macos11.0'],
  ])('refuses %s as a number, with the spelling that the command line keeps', (option, options, hint) => {
    expect(messages(options)).toContain(option);
    expect(messages(options)).toContain(hint);
  });

  it('takes versions with a word before them', () => {
    expect(parse({ glibc: 'glibc2.28', macosMinimum: 'macos11.0' }).data).toMatchObject({ glibc: '2.28', macosMinimum: '11.0' });
  });

  it.each([
    [1000, 1000],
    ['1000', 1000],
    ['1.5 MB', 1_500_000],
    ['2MiB', 2_097_152],
    ['1GB', 1_000_000_000],
  ])('reads the size %j as %d bytes', (text, bytes) => {
    expect(parse({ sizeLimit: text }).data?.sizeLimit).toBe(bytes);
  });

  it('splits lists at commas', () => {
    expect(parse({ formats: 'tar.gz,zip' }).data?.formats).toEqual(['tar.gz', 'zip']);
    expect(parse({ formats: ['tar.gz,zip', 'tar.zst'] }).data?.formats).toEqual(['tar.gz', 'zip', 'tar.zst']);
  });

  it('fills the place of an include', () => {
    expect(parse({ include: ['a', { from: 'b' }, { from: 'c', to: 'python/vendor/c' }] }).data?.include).toEqual([
      'a',
      { from: 'b', to: 'python/app' },
      { from: 'c', to: 'python/vendor/c' },
    ]);
  });

  it('describes every option, with an example or its values', () => {
    const json = z.toJSONSchema(packageDistOptions, { target: 'draft-7', io: 'input', unrepresentable: 'any' }) as {
      properties: Record<string, { description?: string }>;
    };
    for (const [name, { description }] of Object.entries(json.properties)) expect(`${name}: ${description ?? ''}`).toMatch(/: .{20,}/);
  });

  it('lets numbers through schema.json where Nx would refuse them without saying why', () => {
    const json = z.toJSONSchema(packageDistOptions, { target: 'draft-7', io: 'input', unrepresentable: 'any' }) as unknown as {
      properties: Record<string, { type?: unknown; properties: Record<string, { type?: unknown }> }>;
    };
    expect(json.properties['glibc']!.type).toEqual(['string', 'number']);
    expect(json.properties['runtime']!.properties['version']!.type).toEqual(['string', 'number']);
    expect(json.properties['formats']!.type).toBe('array');
  });
});
