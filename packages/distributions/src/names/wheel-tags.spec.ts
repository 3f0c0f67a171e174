import { parseWheelName, type WheelTarget } from './wheel-name';
import { chooseWheels, fitWheel } from './wheel-tags';

const LINUX: WheelTarget = { series: '3.11', abiFlags: '', platform: 'linux-x86_64' };
const fits = (tags: string, target: WheelTarget) => fitWheel(parseWheelName(`demo-1.0-${tags}.whl`)!, target) !== undefined;

describe('parseWheelName', () => {
  it('takes a name apart', () => {
    expect(parseWheelName('My_Pkg.x-1.0+l-2a-py2.py3-none-any.whl')).toEqual({
      fileName: 'My_Pkg.x-1.0+l-2a-py2.py3-none-any.whl',
      distribution: 'my-pkg-x',
      version: '1.0+l',
      build: '2a',
      pythonTags: ['py2', 'py3'],
      abiTags: ['none'],
      platformTags: ['any'],
    });
  });

  it.each(['demo.whl', 'demo-1.0.tar.gz', 'demo-1.0-py3-none.whl', 'demo-1.0-x-py3-none-any-more.whl'])('knows that %s is none', (name) => {
    expect(parseWheelName(name)).toBeUndefined();
  });
});

describe('fitWheel', () => {
  it.each<[string, Partial<WheelTarget>, boolean]>([
    ['py3-none-any', {}, true],
    ['py2.py3-none-any', {}, true],
    ['py39-none-any', {}, true],
    ['py312-none-any', {}, false],
    ['py2-none-any', {}, false],
    ['cp311-cp311-manylinux_2_17_x86_64.manylinux2014_x86_64', {}, true],
    ['cp311-cp311-linux_x86_64', {}, true],
    ['cp310-cp310-manylinux_2_17_x86_64', {}, false],
    ['cp38-abi3-manylinux2010_x86_64', {}, true],
    ['cp312-abi3-manylinux_2_28_x86_64', {}, false],
    ['cp38-none-manylinux_2_28_x86_64', {}, false],
    ['cp311-cp311-manylinux_2_17_aarch64', {}, false],
    ['cp311-cp311-manylinux_2_17_aarch64', { platform: 'linux-aarch64' }, true],
    ['cp311-cp311-musllinux_1_2_x86_64', {}, false],
    ['cp311-cp311-musllinux_1_2_x86_64', { platform: 'linux-x86_64-musl' }, true],
    ['cp311-cp311-manylinux_2_17_x86_64', { platform: 'linux-x86_64-musl' }, false],
    ['cp311-cp311-macosx_11_0_arm64', {}, false],
    ['cp311-cp311-macosx_11_0_arm64', { platform: 'macos-aarch64' }, true],
    ['cp311-cp311-macosx_10_9_universal2', { platform: 'macos-aarch64' }, true],
    ['cp311-cp311-win_amd64', {}, false],
    ['cp311-cp311-win_amd64', { platform: 'windows-x86_64' }, true],
    ['cp313-cp313t-manylinux_2_28_x86_64', { series: '3.13', abiFlags: 't' }, true],
    ['cp313-cp313-manylinux_2_28_x86_64', { series: '3.13', abiFlags: 't' }, false],
    ['cp38-abi3-manylinux_2_28_x86_64', { series: '3.13', abiFlags: 't' }, false],
    ['cp315-abi3t-manylinux_2_28_x86_64', { series: '3.15', abiFlags: 't' }, true],
    ['cp315-abi3t-manylinux_2_28_x86_64', { series: '3.16', abiFlags: 't' }, true],
    ['cp315-abi3.abi3t-manylinux_2_28_x86_64', { series: '3.15' }, true],
    ['cp315-abi3t-manylinux_2_28_x86_64', { series: '3.15' }, false],
    ['cp313-cp313t-manylinux_2_28_x86_64', { series: '3.13' }, false],
    ['pp39-pypy39_pp73-manylinux_2_28_x86_64', {}, false],
  ])('%s on %o: %s', (tags, target, expected) => {
    expect(fits(tags, { ...LINUX, ...target })).toBe(expected);
  });
});

describe('chooseWheels', () => {
  const named = (...names: string[]) => names.map((name) => ({ name }));

  it('takes the most specific of each distribution', () => {
    const wheels = named(
      'b-1-py3-none-any.whl',
      'a-1-py3-none-any.whl',
      'a-1-cp38-abi3-linux_x86_64.whl',
      'a-1-cp311-cp311-linux_x86_64.whl',
      'a-1-cp311-cp311-win_amd64.whl',
    );
    expect(chooseWheels(wheels, LINUX).map(({ name }) => name)).toEqual(['a-1-cp311-cp311-linux_x86_64.whl', 'b-1-py3-none-any.whl']);
  });

  it('WHEEL_PLATFORM: a distribution of which none fits is an error that names what there is', () => {
    expect(() => chooseWheels(named('a-1-cp311-cp311-win_amd64.whl'), LINUX)).toThrow(expect.objectContaining({ code: 'WHEEL_PLATFORM' }));
    try {
      chooseWheels(named('a-1-cp311-cp311-win_amd64.whl'), LINUX);
    } catch (error) {
      expect((error as { details: string[] }).details.join('\n')).toContain('win_amd64');
    }
  });

  it('WHEEL_NAME: a record that calls something else a wheel', () => {
    expect(() => chooseWheels(named('a.zip'), LINUX)).toThrow(expect.objectContaining({ code: 'WHEEL_NAME' }));
  });
});
