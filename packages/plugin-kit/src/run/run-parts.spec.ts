import { WaybillError } from '@waybill/core';
import { asWaybillError, errorLines } from './describe-error';
import { findSecrets } from './find-secrets';
import { createProgress } from './progress';
import { renderReport, resultReport } from './report';

describe('errors of a run', () => {
  it('keeps ours, even from another copy of core', () => {
    const ours = new WaybillError('TOOL_MISSING', { message: 'no patchelf', fix: 'install it' });
    expect(asWaybillError(ours, 'app:x')).toBe(ours);
    const copy = Object.assign(new Error('m'), { name: 'WaybillError', code: 'TOOL_MISSING', fix: 'f', details: [] });
    expect(asWaybillError(copy, 'app:x')).toBe(copy);
  });

  it.each(['ENOSPC', 'EDQUOT', 'EROFS', 'EACCES', 'EPERM', 'EMFILE', 'EEXIST', 'ENOTDIR', 'ENAMETOOLONG'])('says what %s means', (code) => {
    const cause = Object.assign(new Error(code), { code, path: 'dist/x', syscall: 'write' });
    const error = asWaybillError(cause, 'app:x');
    expect(error).toMatchObject({ code: 'FILE_SYSTEM', message: expect.stringContaining('`dist/x`'), cause });
  });

  it.each([
    [new TypeError('x is undefined\nat y'), 'x is undefined'],
    ['a word', 'a word'],
    [undefined, 'undefined'],
  ])('admits that %p is our fault', (cause, reason) => {
    const error = asWaybillError(cause, 'app:x');
    expect(error).toMatchObject({ code: 'PROCESS_INTERNAL', message: expect.stringContaining(reason), fix: expect.stringContaining('report') });
  });

  it('prints code, details and fix, and the stack only when asked', () => {
    const error = new WaybillError('A_B', { message: 'm', details: ['expected 1', 'tool said\nno'], fix: 'do' }, { cause: new Error('inner') });
    expect(errorLines(error, false)).toEqual(['A_B m', '  expected 1', '  tool said', '  no', 'fix: do']);
    expect(errorLines(error, true).join('\n')).toMatch(/at .*run-parts\.spec[\s\S]*caused by\nError: inner/);
  });
});

describe('findSecrets', () => {
  it('takes telling names and passwords in URLs, and leaves short values and paths alone', () => {
    const secrets = findSecrets({
      TWINE_PASSWORD: 'hunter2hunter2',
      PYPI_TOKEN: 'pypi-abcdef',
      AWS_SECRET_ACCESS_KEY: 'wJalrXUt',
      DEBUG_TOKEN: '1',
      APPLE_API_KEY: '/home/ada/key.p8',
      MACOS_CERT_PASSWORD: '/w0rd/but-no-path\nx',
      PIP_INDEX_URL: 'https://ada:s3cr3tpw@pypi.example/simple',
      VERSION: '0.3.0',
      EMPTY_SECRET: '',
      NONE: undefined,
    });
    expect([...secrets].sort()).toEqual(['/w0rd/but-no-path\nx', 'hunter2hunter2', 'pypi-abcdef', 's3cr3tpw', 'wJalrXUt']);
  });

  it.each([
    ['DEPLOY_KEY', 'MC4CAQAwBQYDK2Vw'],
    ['SIGNING_KEY_BASE64', 'TUM0Q0FRQXdCUVlESzJW'],
    ['GH_PAT', 'a1b2c3d4e5f6a7b8c9d0'],
    ['PAT', 'Zz9-plural-Z-Alpha'],
    ['NPM_CONFIG__AUTH', 'YWRhOmh1bnRlcjI='],
    ['MACOS_CERT_P12', 'MIIKcQIBAzCCCjcGCSqG'],
    ['DB_PASS', 'correct horse 7'],
    ['AWS_SECRET_ACCESS_KEY', '/abcdEFGH+ijkl/MNOP0'],
    ['HOMEBREW_THING', 'ghp_0123456789abcdefABCDEF0123456789'],
  ])('takes the value of %s', (name, value) => {
    expect(findSecrets({ [name]: value })).toEqual([value]);
  });

  it.each([
    ['https://0123456789abcdef0123456789@pypi.example/simple', ['0123456789abcdef0123456789']],
    ['https://0123456789abcdef0123456789:x-oauth-basic@git.example/x', ['0123456789abcdef0123456789']],
    ['https://ada:p%40ss-w0rd@pypi.example/simple', ['p%40ss-w0rd', 'p@ss-w0rd']],
    ['https://ada:p?ss#w0rd@pypi.example/simple', ['p?ss#w0rd']],
    ['https://one:first-pw@a.example/ https://two:second-pw@b.example/', ['first-pw', 'second-pw']],
  ])('takes what stands before the host of %s', (url, expected) => {
    expect(findSecrets({ PIP_EXTRA_INDEX_URL: url })).toEqual(expected);
  });

  it.each([
    ['PATH', '/usr/local/bin:/usr/bin'],
    ['OLDPWD', '/home/ada/project1'],
    ['PATTERN', 'x86_64-v3-and-more'],
    ['KEYBOARD', 'pc105-de-nodeadkeys'],
    ['MONKEY', 'bananas-2026'],
    ['SSH_AUTH_SOCK', '/tmp/ssh-x/agent.12'],
    ['AUTH', 'disabled'],
    ['SORT_KEY', 'created_at_2'],
    ['SSH_PUBLIC_KEY', 'ssh-ed25519 AAAAC3Nz'],
    ['KEY_ALGORITHM', 'rsa4096-sha512'],
    ['HOST_KEY', 'ed25519'],
    ['AUTHOR', 'Ada Lovelace 1815'],
    ['PASSTHROUGH', 'x86-64-linux'],
    ['DEPLOY_KEY', './keys/deploy.pem'],
    ['INDEX', 'https://jenkins-ci-01@git.example/x'],
    ['REMOTE', 'ssh://git@git.example/x'],
    ['MAIL', 'https://pypi.example/?from=ada@example.com'],
  ])('leaves %s=%s alone', (name, value) => {
    expect(findSecrets({ [name]: value })).toEqual([]);
  });
});

describe('progress', () => {
  it('prints a line for each step with its seconds, good or bad, and knows which one is open', async () => {
    const lines: string[] = [];
    let now = 0;
    const progress = createProgress(
      (line) => lines.push(line),
      () => now,
    );
    await progress.step('outer', async () => {
      await progress.step('inner', async () => {
        expect(progress.current()).toBe('inner');
        now += 1_234;
      });
      expect(progress.current()).toBe('outer');
    });
    const failing = progress.step('bad', async () => {
      now += 10;
      throw new Error('no');
    });
    await expect(failing).rejects.toThrow('no');
    progress.warn('careful');
    expect(lines).toEqual(['inner: 1.23 s', 'outer: 1.23 s', 'bad: 0.01 s', 'warning: careful']);
    expect(progress.steps).toEqual([
      { name: 'inner', seconds: 1.234 },
      { name: 'outer', seconds: 1.234 },
      { name: 'bad', seconds: 0.01 },
    ]);
    expect(progress.current()).toBeUndefined();
  });
});

describe('report', () => {
  it('is redacted in every string', () => {
    const result = {
      outcome: 'success' as const,
      verdict: 'relocatable',
      artifacts: [],
      facts: {},
      findings: [{ check: 'x', level: 'info' as const, message: 'saw hunter2' }],
      report: { deep: ['hunter2'] },
      summary: [],
    };
    const text = renderReport(
      resultReport({ project: 'app', target: 't', stage: 'smoke', warnings: ['hunter2'], steps: [], seconds: 1 }, result),
      (value) => value.replaceAll('hunter2', '******'),
    );
    expect(text).not.toContain('hunter2');
    expect(JSON.parse(text)).toMatchObject({ schema: 'waybill/report/1', outcome: 'success', verdict: 'relocatable', report: { deep: ['******'] } });
  });
});
