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
