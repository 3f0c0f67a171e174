/** One broken or hostile project for each fault that a build can have, and how it must be told. */
import { copyFileSync, symlinkSync } from 'node:fs';
import { hostile } from './hostile-backend.mjs';
import { COMMON, MODULE, pyproject } from './project-files.mjs';

/**
 * @typedef {object} BadProject
 * @property {Record<string, string>} files
 * @property {string} [tag]
 * @property {object} [options] of the target
 * @property {RegExp} [code] the error's code
 * @property {RegExp} [check] the check of a finding that is an error
 * @property {(place: {folder: string, root: string}) => void | Promise<void>} [prepare]
 */

const flit = (more = {}) => pyproject({ name: 'bad-flit', requires: ['flit_core>=3.12'], backend: 'flit_core.buildapi', ...more });
const FLIT = { ...COMMON, 'bad_flit.py': MODULE };

/** @param {{marks: string, library: string}} places `marks`: a folder that hostile projects may try to write to; `library`: a shared object */
export const badProjects = ({ marks, library }) => ({
  'no backend': { files: { 'pyproject.toml': '[project]\nname = "bad"\nversion = "1.0"\n', 'bad.py': '' }, code: /^WHEEL_BACKEND_MISSING$/ },
  'no manifest at all': { files: { 'main.py': 'print("hello")\n' }, code: /^WHEEL_BACKEND_MISSING$/ },
  'a pyproject.toml that is no TOML': { files: { 'pyproject.toml': '[project\nname = "bad"\n' }, code: /^(WHEEL_PYPROJECT|VERSION_MANIFEST)$/ },
  'a version from a tag that is not there': {
    files: {
      ...COMMON,
      'pyproject.toml': pyproject({
        name: 'bad-scm',
        version: null,
        requires: ['setuptools>=77', 'setuptools-scm>=8'],
        backend: 'setuptools.build_meta',
        tables: '[tool.setuptools]\npy-modules = ["bad_scm"]\n\n[tool.setuptools_scm]\n',
      }),
      'bad_scm.py': MODULE,
    },
    tag: '',
    code: /^VERSION_/,
  },
  'versions that disagree': {
    files: {
      ...COMMON,
      'pyproject.toml': pyproject({ name: 'bad-rust', version: '1.0.0', requires: ['maturin>=1.9,<2'], backend: 'maturin' }),
      'Cargo.toml': '[package]\nname = "bad-rust"\nversion = "1.1.0"\nedition = "2021"\n',
      'src/main.rs': 'fn main() {}\n',
    },
    code: /^VERSION_DISAGREES$/,
  },
  'a file that the sdist lacks': {
    files: {
      ...COMMON,
      'pyproject.toml': pyproject({
        name: 'bad-hatch',
        requires: ['hatchling>=1.27'],
        backend: 'hatchling.build',
        tables: '[tool.hatch.build.targets.sdist]\nexclude = ["bad_hatch/table.txt"]\n\n[tool.hatch.build.targets.wheel]\npackages = ["bad_hatch"]\n',
      }),
      'bad_hatch/__init__.py': MODULE,
      'bad_hatch/table.txt': 'a table that the package reads\n',
    },
    check: /^sdist-completeness$/,
    names: /bad_hatch\/table\.txt/,
  },
  'a file that the build needs and the sdist lacks': {
    files: {
      'setup.py': `from setuptools import setup\n\nsetup(name="bad-setup", version=open("VERSION").read().strip(), py_modules=["bad_setup"])\n`,
      VERSION: '1.0\n',
      'bad_setup.py': MODULE,
    },
    options: { releaseVersion: '1.0' },
    code: /^WHEEL_BUILD_FAILED$/,
    names: /the sdist lacks `VERSION`/,
  },
  'a backend that fails': {
    files: hostile('def before(what):\n    raise SystemExit("the glue is dry")\n'),
    code: /^WHEEL_BUILD_FAILED$/,
    names: /the glue is dry/,
  },
  'a pure wheel with native code': {
    files: hostile('def wheel_files():\n    return {"hostile.py": b"", "fast.so": open("fast.so", "rb").read()}\n'),
    prepare: ({ folder }) => copyFileSync(library, `${folder}/fast.so`),
    check: /^(native-code|tags)$/,
    names: /fast\.so/,
  },
  'a tag that its content does not keep': {
    files: hostile(
      'TAG, PURE = "cp39-abi3-manylinux_2_5_x86_64", False\ndef wheel_files():\n    return {"hostile.py": b"", "fast.abi3.so": open("fast.so", "rb").read()}\n',
    ),
    prepare: ({ folder }) => copyFileSync(library, `${folder}/fast.so`),
    check: /^(native-code|tags)$/,
    names: /GLIBC|glibc/,
  },
  'a tag in the name that WHEEL does not have': { files: hostile('WHEEL_TAG = "py2-none-any"\n'), check: /^(tags|names)$/ },
  'a RECORD that is wrong': { files: hostile('def record_line(path, content):\n    return f"{path},sha256=AAAA,1\\n"\n'), check: /^record$/ },
  'a path that leads out of the wheel': {
    files: hostile('def wheel_files():\n    return {"hostile.py": b"", "../evil.py": b""}\n'),
    check: /^record$/,
    names: /evil\.py/,
  },
  'names that differ in case only': {
    files: hostile('def wheel_files():\n    return {"hostile.py": b"", "pack/one.py": b"", "pack/One.py": b""}\n'),
    check: /^(record|contents)$/,
    names: /One\.py/,
  },
  'a name that Windows reserves': {
    files: hostile('def wheel_files():\n    return {"hostile.py": b"", "pack/aux.py": b""}\n'),
    check: /^(record|contents)$/,
    names: /aux\.py/,
  },
  'a README that does not render': {
    files: {
      ...FLIT,
      'pyproject.toml': flit().replace('README.md', 'README.rst'),
      'README.rst': 'A title\n=====\n\n.. image::\n\n`broken <\n',
    },
    check: /^description$/,
  },
  'metadata of another version': { files: hostile('METADATA = METADATA.replace("Version: 1.0", "Version: 1.1")\n'), check: /^(version|names)$/ },
  'two wheels': {
    files: hostile(
      'def build_wheel(directory, config_settings=None, metadata_directory=None):\n    write_wheel(directory, "py2-none-any")\n    return write_wheel(directory, TAG)\n',
    ),
    code: /^WHEEL_OUTPUT_SET$/,
  },
  'no wheel': {
    files: hostile('def build_wheel(directory, config_settings=None, metadata_directory=None):\n    return "hostile-1.0-py3-none-any.whl"\n'),
    code: /^WHEEL_(NOTHING_BUILT|BUILD_FAILED)$/,
  },
  'a backend that writes beside its folder': {
    files: hostile('def before(what):\n    open("../beside.txt", "w").close()\n'),
    code: /^WHEEL_WROTE_OUTSIDE$/,
    names: /beside\.txt/,
  },
  'a backend that changes the sources': {
    files: hostile('def before(what):\n    open("hostile.py", "a").write("value = 2\\n")\n'),
    code: /^WHEEL_SOURCE_CHANGED$/,
    names: /hostile\.py/,
  },
  "a backend that changes the user's files": {
    files: hostile('def before(what):\n    open(os.environ["USERS_PLACE"] + "/new.py", "w").close()\n'),
    options: { passEnv: ['USERS_PLACE'] },
    env: ({ folder }) => ({ USERS_PLACE: folder }),
    code: /^WHEEL_TREE_CHANGED$/,
    names: /new\.py/,
  },
  'a backend that hangs, with a child': {
    files: hostile(
      `def before(what):\n    import subprocess, time\n    subprocess.Popen(["sh", "-c", "touch ${marks}/child; sleep 600; true"])\n    while not __import__('os').path.exists("${marks}/child"): time.sleep(0.05)\n    time.sleep(600)\n`,
    ),
    options: { timeoutMs: 15_000 },
    code: /^(WHEEL_TIMEOUT|PROCESS_TIMEOUT(_STAGE)?)$/,
  },
  'a backend that prints a secret': {
    files: hostile('def before(what):\n    raise SystemExit("token is " + os.environ["HOSTILE_TOKEN"])\n'),
    options: { passEnv: ['HOSTILE_TOKEN'] },
    env: () => ({ HOSTILE_TOKEN: SECRET }),
    code: /^WHEEL_BUILD_FAILED$/,
    names: /token is \*{6}/,
  },
  'a link that leads out of the project': {
    files: hostile(),
    prepare: ({ folder }) => symlinkSync('/etc/hostname', `${folder}/host.txt`),
    code: /^WHEEL_LINK_OUTSIDE$/,
    names: /host\.txt/,
  },
  'an interpreter that is not there': { files: hostile(), options: { python: 'python3.99' }, code: /^WHEEL_PYTHON_MISSING$/ },
  'an interpreter that is too old': {
    files: { ...FLIT, 'pyproject.toml': flit().replace('>=3.9', '>=3.99') },
    code: /^WHEEL_PYTHON_VERSION$/,
  },
  'a lock file without hashes': {
    files: { ...FLIT, 'pyproject.toml': flit(), 'build.lock': 'flit_core==3.12.0\n' },
    options: { buildRequirements: ({ project }) => `${project}/build.lock` },
    code: /^WHEEL_REQUIREMENT_HASH$/,
  },
  'a build requirement that the wheelhouse lacks': {
    files: { ...FLIT, 'pyproject.toml': flit(), 'house/note.txt': '' },
    options: { wheelhouse: ({ project }) => `${project}/house` },
    code: /^WHEEL_WHEELHOUSE_LACKS$/,
    names: /flit/,
  },
  'a backend that goes to the network when it must not': {
    files: hostile('def before(what):\n    import socket\n    socket.create_connection(("192.0.2.1", 80), timeout=5)\n', { 'house/note.txt': '' }),
    options: { wheelhouse: ({ project }) => `${project}/house` },
    code: /^WHEEL_NETWORK$/,
  },
  'a module that cannot be imported': { files: hostile('', { 'hostile.py': '1 / 0\n' }), check: /^install$/, names: /ZeroDivisionError/ },
  'a data file that the package reads and the wheel lacks': {
    files: {
      ...COMMON,
      'pyproject.toml': pyproject({
        name: 'bad-data',
        requires: ['setuptools>=77'],
        backend: 'setuptools.build_meta',
        tables: '[tool.setuptools]\npackages = ["bad_data"]\ninclude-package-data = false\n',
      }),
      'bad_data/__init__.py': 'from pathlib import Path\n\nTABLE = Path(__file__).with_name("table.json").read_text()\n',
      'bad_data/table.json': '{}\n',
    },
    check: /^install$/,
    names: /it reads `bad_data\/table\.json`, which the wheel lacks/,
  },
  'a module that takes a standard name': {
    files: hostile('def wheel_files():\n    return {"hostile.py": b"", "json.py": b""}\n'),
    check: /^(install|contents)$/,
    names: /json/,
  },
});

/** Must not be seen anywhere. */
export const SECRET = 'hunter2-8f3c0a9d51';
