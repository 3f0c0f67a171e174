import { chmod, mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { BundleLayout } from '@waybill/relocation';

export const HOSTILE_INSIDE = '/opt/hostile';
/** What code that must not run prints. */
export const HOSTILE_MARK = 'waybill-hostile-code-ran';

const MODULE = `import os\nos.write(2, b"${HOSTILE_MARK} " + __file__.encode() + b"\\n")\nos._exit(97)\n`;
const DECOY = `#!/bin/sh\necho "${HOSTILE_MARK} $0" >&2\nexit 97\n`;

/** Libraries of wheels carry a hash in their names; nobody has those in LD_LIBRARY_PATH. */
const HASHED = /-[0-9a-f]{8,}\.so/;

/**
 * Everything a caller's environment could offer in the bundle's stead, below `folder`: libraries of the same names that are none, modules
 * that shadow the standard library, a `python3` on PATH, user packages.
 */
export async function writeHostile(folder: string, libraries: readonly string[], { pythonSeries = '3.11' }: BundleLayout): Promise<void> {
  const user = `home/.local/lib/python${pythonSeries}/site-packages`;
  const files: Record<string, string> = {
    'startup.py': MODULE,
    ...Object.fromEntries(
      ['sitecustomize.py', 'usercustomize.py', 'json.py', 'encodings/__init__.py', 'os.py', 'ssl.py'].map((name) => [`modules/${name}`, MODULE]),
    ),
    [`${user}/usercustomize.py`]: MODULE,
    [`${user}/json.py`]: MODULE,
    ...Object.fromEntries(libraries.filter((name) => !HASHED.test(name)).map((name) => [`lib/${name}`, `${HOSTILE_MARK} ${name}\n`])),
  };
  for (const [path, content] of Object.entries(files)) await write(join(folder, path), content, 0o644);
  for (const name of ['python', 'python3', `python${pythonSeries}`, 'dirname', 'readlink', 'realpath', 'basename', 'sed', 'cat'])
    await write(join(folder, 'bin', name), DECOY, 0o755);
}

async function write(file: string, content: string, mode: number): Promise<void> {
  await mkdir(dirname(file), { recursive: true });
  await writeFile(file, content);
  await chmod(file, mode);
}

/** Variables by what they attack, with `folder` as seen inside, so that a red run can be traced to one of them. */
export const hostileVariables = (folder: string): Readonly<Record<string, Readonly<Record<string, string>>>> => ({
  LD_LIBRARY_PATH: { LD_LIBRARY_PATH: `${folder}/lib` },
  PYTHONPATH: { PYTHONPATH: `${folder}/modules` },
  PYTHONHOME: { PYTHONHOME: `${folder}/nowhere` },
  PYTHONPLATLIBDIR: { PYTHONPLATLIBDIR: 'lib64' },
  PYTHONSTARTUP: { PYTHONSTARTUP: `${folder}/startup.py` },
  PYTHONUSERBASE: { PYTHONUSERBASE: `${folder}/home/.local`, HOME: `${folder}/home` },
  PYTHONEXECUTABLE: { PYTHONEXECUTABLE: `${folder}/bin/python3`, PYTHONPYCACHEPREFIX: '/tmp/cache' },
  PATH: { PATH: `${folder}/bin:/usr/bin:/bin` },
});
