import { z } from 'zod';
import { commonOptions } from './common-options';
import { nearestName } from './nearest-name';
import { parseOptions } from './parse-options';

const schema = z.strictObject({
  ...commonOptions,
  platform: z.string().optional(),
  launcher: z.enum(['native', 'shell', 'none']).default('native'),
  runtime: z.strictObject({ url: z.url(), sha256: z.string().regex(/^[0-9a-f]{64}$/) }).optional(),
  entry: z.union([z.strictObject({ module: z.string() }), z.strictObject({ script: z.string() })]).optional(),
  allow: z.array(z.strictObject({ check: z.string(), reason: z.string().min(3) })).default([]),
  sizeLimit: z.number().int().min(1).max(100).optional(),
  to: z
    .discriminatedUnion('type', [
      z.strictObject({ type: z.literal('folder') }),
      z.strictObject({ type: z.literal('s3'), bucketEnv: z.string().optional() }),
    ])
    .optional(),
});

const parse = (options: unknown): unknown => parseOptions(schema, options, 'app:package-linux');

interface Coded {
  code: string;
  message: string;
  details: readonly string[];
  fix: string;
}

function refusal(options: unknown): Coded {
  try {
    parse(options);
  } catch (error) {
    return error as Coded;
  }
  throw new Error('nothing was refused');
}

describe('parseOptions', () => {
  it('fills in defaults', () => {
    expect(parse({})).toEqual({ sourceDate: 'constant', timeoutMs: 1_800_000, passEnv: [], dryRun: false, launcher: 'native', allow: [] });
    expect(parse(undefined)).toEqual(parse({}));
  });

  it('lets pass what Nx itself adds', () => {
    expect(parse({ _: [], __overrides_unparsed__: ['--x'], verbose: true })).toEqual(parse({}));
  });

  it('names unknown keys, the one that is probably meant, and all of them at once', () => {
    const { code, message, details, fix } = refusal({
      Platform: 'linux-x86_64',
      lancher: 'none',
      colour: 1,
      runtime: { url: 'https://x/y', sha256: 'a'.repeat(64), md5: 'x' },
    });
    expect(code).toBe('OPTION_UNKNOWN');
    expect(message).toContain('`Platform`');
    expect([...details].sort()).toEqual([
      '`Platform` is no option; is `platform` meant?',
      '`colour` is no option',
      '`lancher` is no option; is `launcher` meant?',
      '`runtime.md5` is no option',
    ]);
    expect(fix).toContain('nx run app:package-linux --help');
  });

  it.each<[object, string]>([
    [{ runtime: { url: 'https://x/y', sha256: 'a'.repeat(64), sha25: 'x' } }, '`runtime.sha25` is no option; is `runtime.sha256` meant?'],
    [{ allow: [{ check: 'rpath', reason: 'long', reson: 'x' }] }, '`allow[0].reson` is no option; is `allow[0].reason` meant?'],
    [{ to: { type: 's3', bucketEvn: 'B' } }, '`to.bucketEvn` is no option; is `to.bucketEnv` meant?'],
    [{ to: { type: 'folder', bucketEnv: 'B' } }, '`to.bucketEnv` is no option'],
    [{ entry: { module: 'a', modul: 'b' } }, '`entry.modul` is no option; is `entry.module` meant?'],
  ])('hints at what is meant inside %j too', (options, detail) => {
    expect(refusal(options)).toMatchObject({ code: 'OPTION_UNKNOWN', details: [detail] });
  });

  it.each<[string, object, string]>([
    ['a wrong type', { platform: 5 }, '`platform`: expected a string; actual `5` (number)'],
    ['a value that is not in the list', { launcher: 'perl' }, '`launcher`: expected one of `native`, `shell`, `none`; actual `"perl"` (string)'],
    [
      'a nested value',
      { runtime: { url: 'https://x/y', sha256: 'zz' } },
      '`runtime.sha256`: expected text that fits `/^[0-9a-f]{64}$/`; actual `"zz"` (string)',
    ],
    ['a URL that is none', { runtime: { url: 'here', sha256: 'a'.repeat(64) } }, '`runtime.url`: expected a valid url; actual `"here"` (string)'],
    ['an item of a list', { allow: [{ check: 'rpath', reason: 'x' }] }, '`allow[0].reason`: expected at least 3 characters; actual `"x"` (string)'],
    ['something missing', { allow: [{ check: 'rpath' }] }, '`allow[0].reason`: expected a string; actual nothing'],
    ['a number that is too small', { sizeLimit: 0 }, '`sizeLimit`: expected at least 1; actual `0` (number)'],
    ['a number that is too big', { sizeLimit: 101 }, '`sizeLimit`: expected at most 100; actual `101` (number)'],
    ['a fraction', { sizeLimit: 1.5 }, '`sizeLimit`: expected a whole number; actual `1.5` (number)'],
    ['the closest branch of a union', { entry: { module: 7 } }, '`entry.module`: expected a string; actual `7` (number)'],
    ['a type that is not known', { to: { type: 's4' } }, '`to.type`: expected one of `folder`, `s3`; actual `"s4"` (string)'],
    ['a type that is missing', { to: {} }, '`to.type`: expected one of `folder`, `s3`; actual nothing'],
    ['a null', { passEnv: null }, '`passEnv`: expected an array; actual `null` (null)'],
    [
      'the name of a variable that is none',
      { passEnv: ['A B'] },
      '`passEnv[0]`: expected text that fits `/^[A-Za-z_][A-Za-z0-9_]*$/`; actual `"A B"` (string)',
    ],
  ])('says what is wrong with %s', (_, options, detail) => {
    const { code, details } = refusal(options);
    expect({ code, details }).toEqual({ code: 'OPTION_INVALID', details: [detail] });
  });

  it('reports every problem in one go', () => {
    expect(refusal({ platform: 5, launcher: 'perl', extra: 1 })).toMatchObject({
      code: 'OPTION_INVALID',
      message: '3 options of `app:package-linux` are wrong',
    });
  });

  it('refuses options that are no object', () => {
    expect(refusal([]).details).toEqual(['`options`: expected an object; actual `[]` (array)']);
  });
});

describe('nearestName', () => {
  it.each([
    ['plaform', 'platform'],
    ['LAUNCHER', 'launcher'],
    ['x', undefined],
    ['formats', undefined],
  ])('%s is probably %s', (name, expected) => expect(nearestName(name, ['platform', 'launcher'])).toBe(expected));
});
