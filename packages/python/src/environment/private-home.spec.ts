import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { temporaryFolder } from '@waybill/core/testing';
import { homeVariables, isHidden, openHome, strangersIn } from './private-home';

const folder = temporaryFolder();
const put = (path: string, text = 'x'): void => {
  mkdirSync(join(folder.path, path, '..'), { recursive: true });
  writeFileSync(join(folder.path, path), text);
};

describe('the home folder of a build', () => {
  it('holds what tools keep in the user’s, and nothing else of it', async () => {
    for (const path of ['.netrc', '.config/pip/pip.conf', '.config/secret/x', '.cargo/config.toml', '.pydistutils.cfg', 'letter.txt'])
      put(`real/${path}`);
    const home = join(folder.path, 'home');
    await openHome(home, { HOME: join(folder.path, 'real') });
    expect(readdirSync(home).sort()).toEqual(['.cargo', '.config', '.netrc']);
    expect(readFileSync(join(home, '.config/pip/pip.conf'), 'utf8')).toBe('x');
    expect(readdirSync(join(home, '.config'))).toEqual(['pip']);
    expect(strangersIn(home)).toEqual([]);
  });

  it('holds caches and settings of toolchains, and credentials that a keyring has for indexes', async () => {
    const kept = ['go/pkg', '.config/go/env', '.m2/settings.xml', '.local/state/x', '.local/share/python_keyring/x.cfg', 'Library/Keychains/x'];
    for (const path of [...kept, '.config/python_keyring/keyringrc.cfg']) put(`real/${path}`);
    const home = join(folder.path, 'home');
    await openHome(home, { HOME: join(folder.path, 'real') });
    for (const path of kept) expect(readFileSync(join(home, path), 'utf8')).toBe('x');
    expect(readFileSync(join(home, '.config/python_keyring/keyringrc.cfg'), 'utf8')).toBe('x');
    expect(strangersIn(home)).toEqual([]);
  });

  it('holds the same where XDG variables name the folders, and nothing else of these', async () => {
    for (const path of ['xdg/config/pip/pip.conf', 'xdg/config/secret', 'xdg/data/uv/python/x', 'xdg/cache/pip/x', 'real/.cargo/x']) put(path);
    const [home, xdg] = [join(folder.path, 'home'), join(folder.path, 'xdg')];
    const named = { XDG_CONFIG_HOME: join(xdg, 'config'), XDG_DATA_HOME: join(xdg, 'data'), XDG_CACHE_HOME: join(xdg, 'cache') };
    const base = { HOME: join(folder.path, 'real'), ...named };
    await openHome(home, base);
    const variables = homeVariables(home, base, 'linux');
    expect(Object.values(variables).filter((place) => place.startsWith(home))).toHaveLength(4);
    for (const path of ['.config/pip/pip.conf', '.local/share/uv/python/x', '.cache/pip/x']) expect(readFileSync(join(home, path), 'utf8')).toBe('x');
    writeFileSync(join(variables['XDG_CONFIG_HOME']!, 'left'), '');
    writeFileSync(join(variables['XDG_DATA_HOME']!, 'left'), '');
    expect(strangersIn(home)).toEqual(['.config/left', '.local/share/left']);
    expect(readdirSync(named.XDG_CONFIG_HOME).sort()).toEqual(['pip', 'secret']);
  });

  it.each(['', 'relative'])('takes no folder from an XDG variable that is %j, which names none', async (value) => {
    for (const path of ['real/.config/pip/pip.conf', 'real/.cache/pip/x']) put(path);
    const [home, real] = [join(folder.path, 'home'), join(folder.path, 'real')];
    const base = { HOME: real, XDG_CACHE_HOME: value, XDG_CONFIG_HOME: value, XDG_DATA_HOME: value };
    await openHome(home, base);
    for (const path of ['.config/pip/pip.conf', '.cache/pip/x']) expect(readFileSync(join(home, path), 'utf8')).toBe('x');
    const variables = homeVariables(home, base, 'linux');
    expect(Object.keys(variables).filter((name) => name.startsWith('XDG_'))).toEqual([]);
    expect(variables).toMatchObject({ UV_CACHE_DIR: join(real, '.cache/uv'), PIP_CACHE_DIR: join(real, '.cache/pip') });
  });

  it('shows what a build left, and not what tools made for themselves', async () => {
    const home = join(folder.path, 'home');
    await openHome(home, { HOME: join(folder.path, 'nowhere') });
    const left = ['.cache/pip/x', '.config/uv/uv.toml', '.config/demo/a', '.config/demo/b', '.demorc', 'Library/Demo/x', 'go/pkg', 'made/by/build'];
    for (const path of left) put(`home/${path}`);
    expect(strangersIn(home)).toEqual(['.config/demo', '.demorc', 'Library/Demo', 'made']);
    expect(strangersIn(home).filter((path) => !isHidden(path))).toEqual(['made']);
  });

  it('leaves caches and toolchains where they are, and where variables say', () => {
    const base = { HOME: '/home/ada', CARGO_HOME: '/opt/cargo', PATH: '/bin' };
    expect(homeVariables('/w/home', base, 'linux')).toEqual({
      HOME: '/w/home',
      CARGO_HOME: '/opt/cargo',
      RUSTUP_HOME: '/home/ada/.rustup',
      UV_CACHE_DIR: '/home/ada/.cache/uv',
      PIP_CACHE_DIR: '/home/ada/.cache/pip',
    });
    expect(homeVariables('/w/home', { ...base, XDG_CACHE_HOME: '/c' }, 'linux')).toMatchObject({ UV_CACHE_DIR: '/c/uv', PIP_CACHE_DIR: '/c/pip' });
    expect(homeVariables('/w/home', base, 'darwin')).toMatchObject({ PIP_CACHE_DIR: '/home/ada/Library/Caches/pip' });
    expect(homeVariables('/w/home', {}, 'linux')).toEqual({ HOME: '/w/home' });
  });

  it('is what `~` means to Python', () => {
    const env = { ...process.env, ...homeVariables(folder.path, {}, process.platform) };
    const said = execFileSync('python3', ['-c', 'import os; print(os.path.expanduser("~"))'], { env, encoding: 'utf8' });
    expect(said.trim()).toBe(folder.path);
  });
});
