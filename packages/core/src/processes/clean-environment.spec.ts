import { cleanEnvironment } from './clean-environment';

const FIXED = { TZ: 'UTC', LC_ALL: 'C.UTF-8', PYTHONHASHSEED: '0' };

describe('cleanEnvironment', () => {
  it.each(['PATH', 'HOME', 'TMPDIR', 'https_proxy', 'NO_PROXY', 'SSL_CERT_FILE', 'PIP_INDEX_URL', 'UV_INDEX', 'UV_INDEX_INTERNAL_PASSWORD'])(
    'keeps %s',
    (name) => {
      expect(cleanEnvironment({ [name]: 'x' }, [])).toEqual({ ...FIXED, [name]: 'x' });
    },
  );

  it.each([
    'PYTHONPATH',
    'PYTHONHOME',
    'LD_PRELOAD',
    'LD_LIBRARY_PATH',
    'LANG',
    'NODE_OPTIONS',
    'PIP_TARGET',
    'PIP_USER',
    'UV_PYTHON',
    'VIRTUAL_ENV',
    'SOURCE_DATE_EPOCH',
    'GITHUB_TOKEN',
    'CC',
  ])('drops %s', (name) => {
    expect(cleanEnvironment({ [name]: 'x' }, [])).toEqual(FIXED);
  });

  it.each([
    ['XDG_DATA_HOME', ''],
    ['XDG_CACHE_HOME', 'cache'],
    ['UV_CACHE_DIR', ''],
    ['TMPDIR', ''],
  ])('drops %s where it is `%s`: that names no folder', (name, value) => {
    expect(cleanEnvironment({ [name]: value }, [])).toEqual(FIXED);
  });

  it('keeps a folder that is named', () => {
    expect(cleanEnvironment({ XDG_DATA_HOME: '/data', UV_CACHE_DIR: 'cache' }, [])).toEqual({
      ...FIXED,
      XDG_DATA_HOME: '/data',
      UV_CACHE_DIR: 'cache',
    });
  });

  it('passes what `passEnv` names, even in place of a fixed value', () => {
    expect(cleanEnvironment({ CC: 'clang', TZ: 'Europe/Berlin', LC_ALL: 'de_DE' }, ['CC', 'TZ', 'UNSET'])).toEqual({
      ...FIXED,
      CC: 'clang',
      TZ: 'Europe/Berlin',
    });
  });

  it('keeps a fixed value whose variable `passEnv` names in vain', () => {
    expect(cleanEnvironment({ TZ: undefined }, ['TZ'])).toEqual(FIXED);
  });

  it('lets `extra` win', () => {
    expect(cleanEnvironment({ PATH: '/bin' }, [], { PATH: '/opt', TZ: 'x' })).toEqual({ ...FIXED, PATH: '/opt', TZ: 'x' });
  });
});
