import { parseEntryPoints } from './parse-entry-points';
import { parseWheelFile } from './parse-wheel-file';

describe('parseWheelFile', () => {
  it('reads what a backend writes', () => {
    const text =
      'Wheel-Version: 1.0\r\nGenerator: maturin (1.16.0)\r\nRoot-Is-Purelib: false\r\nTag: cp39-abi3-manylinux_2_17_x86_64\r\nTag: cp39-abi3-linux_x86_64\r\nBuild: 2\r\n\r\n';
    expect(parseWheelFile(text)).toEqual({
      wheel: {
        wheelVersion: '1.0',
        generator: 'maturin (1.16.0)',
        rootIsPurelib: false,
        tags: ['cp39-abi3-manylinux_2_17_x86_64', 'cp39-abi3-linux_x86_64'],
        build: '2',
      },
      faults: [],
    });
  });

  it('tells a flag that is none', () => {
    expect(parseWheelFile('Root-Is-Purelib: yes\n')).toEqual({ wheel: { tags: [] }, faults: ['`Root-Is-Purelib` is neither `true` nor `false`'] });
  });
});

describe('parseEntryPoints', () => {
  it('reads groups, comments and extras', () => {
    const text = '# c\n[console_scripts]\ndemo = demo.cli:main\ndemo-x=demo:run [extra]  # why\n\n; c\n[demo.plugins]\n a.b = demo\n';
    expect(parseEntryPoints(text)).toEqual({
      entryPoints: [
        { group: 'console_scripts', name: 'demo', target: 'demo.cli:main' },
        { group: 'console_scripts', name: 'demo-x', target: 'demo:run' },
        { group: 'demo.plugins', name: 'a.b', target: 'demo' },
      ],
      faults: [],
    });
  });

  it.each(['a = b', '[g]\nno', '[g]\n= x', '[g]\na =', '[g]\na = two words'])('tells what is none: %j', (text) => {
    expect(parseEntryPoints(text).faults).toHaveLength(1);
  });
});
