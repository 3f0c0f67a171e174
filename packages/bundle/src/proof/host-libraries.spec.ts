import { execFileSync } from 'node:child_process';
import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { skipUnless } from '@waybill/core/testing';
import { compileC } from '../testing/real-world';
import { assembleBundle, type AssembledBundle } from './testing/assemble-bundle';
import { errorsOf, PLATFORM, proveFolder, redChecks } from './testing/prove-folder';

let folder: string;
let good: AssembledBundle;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'waybill-host-libraries-'));
  chmodSync(folder, 0o755);
  good = await assembleBundle(join(folder, 'good'), PLATFORM);
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** A copy that is changed. */
function planted(plant: (bundle: AssembledBundle) => void): AssembledBundle {
  const root = join(folder, 'planted');
  rmSync(root, { recursive: true, force: true });
  execFileSync('cp', ['-a', '--reflink=auto', good.root, root]);
  const copy = { ...good, root };
  plant(copy);
  return copy;
}

/** Lets the app do more at its start. */
const changeApp = ({ root }: AssembledBundle, code: string): void => {
  const file = join(root, 'python/vendor/demo.py');
  writeFileSync(file, readFileSync(file, 'utf8').replace('if __name__ == "__main__":', `if __name__ == "__main__":\n    ${code}`));
  rmSync(join(root, 'python/vendor/__pycache__'), { recursive: true });
};

describe('a library that the manifest takes from the host', () => {
  const SONAME = 'libwaybill-desktop.so.1';
  const desktop = (fromHost: readonly string[]) =>
    planted((b) => {
      compileC(join(folder, SONAME), 'int open_window(void) { return 1; }', ['-shared', '-fPIC', `-Wl,-soname,${SONAME}`]);
      compileC(join(b.root, 'python/vendor/window.so'), 'extern int open_window(void); int f(void) { return open_window(); }', [
        '-shared',
        '-fPIC',
        join(folder, SONAME),
      ]);
      changeApp(b, 'import window');
      declare(b, fromHost);
    });
  const declare = (b: AssembledBundle, fromHost: readonly string[]): void => {
    const file = join(b.root, 'share/waybill/manifest.json');
    writeFileSync(file, JSON.stringify({ ...(JSON.parse(readFileSync(file, 'utf8')) as object), fromHost }));
  };

  it('is told by name where a bare root lacks it, and is no fault', async () => {
    const bundle = desktop([SONAME]);
    const proof = await proveFolder(bundle.root, { checks: ['needed-libraries', 'bare-root', 'imports'], imports: ['window'] });
    expect(errorsOf(proof)).toEqual([]);
    const told = proof.findings.filter(({ message }) => message.includes(SONAME)).map(({ check, level }) => `${check} ${level}`);
    expect(told).toEqual(['needed-libraries info', 'bare-root warning', 'imports warning']);
    expect(proof.fromHost).toEqual([SONAME]);
  });

  const [ofMachine] = ['libstdc++.so.6', 'libz.so.1', 'libexpat.so.1'].flatMap((name) =>
    ['/lib/x86_64-linux-gnu', '/lib/aarch64-linux-gnu', '/lib64', '/usr/lib'].map((place) => join(place, name)).filter(existsSync),
  );
  skipUnless(ofMachine !== undefined, 'no library of the machine that could be taken')(
    'is there on the bare root where this machine has it',
    async () => {
      const soname = ofMachine!.split('/').at(-1)!;
      const take = async (fromHost: readonly string[]) => {
        const bundle = planted((b) => {
          compileC(join(b.root, 'python/vendor/window.so'), 'int f(void) { return 1; }', ['-shared', '-fPIC', '-Wl,--no-as-needed', ofMachine!]);
          changeApp(b, 'import ctypes; ctypes.CDLL(os.path.join(os.path.dirname(__file__), "window.so"))');
          declare(b, fromHost);
        });
        const proof = await proveFolder(bundle.root, { checks: ['bare-root', 'imports'] });
        return proof.findings.filter(({ message, actual = '' }) => `${message} ${actual}`.includes(soname)).map(({ level }) => level);
      };
      expect(await take([soname])).toEqual([]);
      expect(await take([])).toContain('error');
    },
  );

  it('is red in all of them where the manifest names another', async () => {
    const bundle = desktop(['libGL.so.1']);
    const proof = await proveFolder(bundle.root, { checks: ['needed-libraries', 'bare-root', 'imports'], imports: ['window'] });
    expect(redChecks(proof)).toEqual(['needed-libraries', 'bare-root', 'imports']);
  });

  it('is red where the app cannot be started on this machine either: something must have been tried', async () => {
    const bundle = desktop([SONAME]);
    const [red] = errorsOf(await proveFolder(bundle.root, { checks: ['moved-twice'] }));
    expect(red?.fix).toContain(`install the package that holds \`${SONAME}\``);
  });
});
