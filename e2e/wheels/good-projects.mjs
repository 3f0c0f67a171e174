/** One small project for each build backend and each layout that is easily got wrong. */
import { COMMON, MODULE, pyproject } from './project-files.mjs';

const script = (target) => `[project.scripts]\nsmall = "${target}:main"\n`;

/**
 * @typedef {object} Project
 * @property {Record<string, string>} files path → text
 * @property {string} [folder] of the project in what is written, when git's folder is above it
 * @property {string} [tag] the files are committed to a git repository of their own, with this tag
 * @property {string} [needs] a command without which the project cannot be built
 * @property {object} [options] of the target
 * @property {RegExp} wheel name of the wheel
 * @property {readonly string[]} imports what the installation test must have imported
 * @property {readonly string[]} [commands] what it must have started
 */

/** @type {Record<string, Project>} */
export const GOOD_PROJECTS = {
  'setuptools-pyproject': {
    files: {
      ...COMMON,
      'pyproject.toml': pyproject({
        name: 'small-setuptools',
        requires: ['setuptools>=77'],
        backend: 'setuptools.build_meta',
        project: script('small_setuptools'),
        tables: '[tool.setuptools.packages.find]\nwhere = ["src"]\n',
      }),
      'src/small_setuptools/__init__.py': MODULE,
    },
    wheel: /^small_setuptools-1\.2\.0-py3-none-any\.whl$/,
    imports: ['small_setuptools'],
    commands: ['small --help'],
  },
  'setuptools-cfg': {
    files: {
      ...COMMON,
      'setup.cfg': `[metadata]\nname = small-cfg\nversion = 1.2.0\ndescription = A small project\nlicense = MIT\nlicense_files = LICENSE\nlong_description = file: README.md\nlong_description_content_type = text/markdown\n
[options]\npy_modules = small_cfg\npython_requires = >=3.9\n\n[options.entry_points]\nconsole_scripts =\n    small-cfg = small_cfg:main\n`,
      'small_cfg.py': MODULE,
    },
    wheel: /^small_cfg-1\.2\.0-py3-none-any\.whl$/,
    imports: ['small_cfg'],
    commands: ['small-cfg --help'],
  },
  'setuptools-py': {
    files: {
      ...COMMON,
      'setup.py': `from setuptools import setup\n\nsetup(name="small-py", version="1.2.0", description="A small project", license="MIT", long_description=open("README.md").read(), long_description_content_type="text/markdown", py_modules=["small_py"])\n`,
      'small_py.py': MODULE,
    },
    wheel: /^small_py-1\.2\.0-py3-none-any\.whl$/,
    imports: ['small_py'],
  },
  'setuptools-scm': {
    files: {
      ...COMMON,
      'pyproject.toml': pyproject({
        name: 'small-scm',
        version: null,
        requires: ['setuptools>=77', 'setuptools-scm>=8'],
        backend: 'setuptools.build_meta',
        tables: '[tool.setuptools]\npy-modules = ["small_scm"]\n\n[tool.setuptools_scm]\n',
      }),
      'small_scm.py': MODULE,
    },
    tag: 'v1.4.0',
    wheel: /^small_scm-1\.4\.0-py3-none-any\.whl$/,
    imports: ['small_scm'],
  },
  'setuptools-scm-monorepo': {
    folder: 'packages/small',
    files: {
      ...Object.fromEntries(Object.entries(COMMON).map(([path, text]) => [`packages/small/${path}`, text])),
      'packages/small/pyproject.toml': pyproject({
        name: 'small-mono',
        version: null,
        requires: ['setuptools>=77', 'setuptools-scm>=8'],
        backend: 'setuptools.build_meta',
        tables: '[tool.setuptools]\npy-modules = ["small_mono"]\n\n[tool.setuptools_scm]\nroot = "../.."\n',
      }),
      'packages/small/small_mono.py': MODULE,
      'notes.txt': 'beside the project\n',
    },
    tag: 'v2.0.1',
    wheel: /^small_mono-2\.0\.1-py3-none-any\.whl$/,
    imports: ['small_mono'],
  },
  hatchling: {
    files: {
      ...COMMON,
      'pyproject.toml': pyproject({
        name: 'small-hatch',
        requires: ['hatchling>=1.27'],
        backend: 'hatchling.build',
        project: script('small_hatch'),
        tables: '[tool.hatch.build.targets.wheel]\npackages = ["src/small_hatch"]\n',
      }),
      'src/small_hatch/__init__.py': MODULE,
    },
    wheel: /^small_hatch-1\.2\.0-py3-none-any\.whl$/,
    imports: ['small_hatch'],
    commands: ['small --help'],
  },
  'hatch-vcs': {
    files: {
      ...COMMON,
      'pyproject.toml': pyproject({
        name: 'small-vcs',
        version: null,
        requires: ['hatchling>=1.27', 'hatch-vcs'],
        backend: 'hatchling.build',
        tables: '[tool.hatch.version]\nsource = "vcs"\n\n[tool.hatch.build.targets.wheel]\nonly-include = ["small_vcs.py"]\n',
      }),
      'small_vcs.py': MODULE,
    },
    tag: 'v1.4.0',
    wheel: /^small_vcs-1\.4\.0-py3-none-any\.whl$/,
    imports: ['small_vcs'],
  },
  flit: {
    files: {
      ...COMMON,
      'pyproject.toml': pyproject({
        name: 'small-flit',
        requires: ['flit_core>=3.12'],
        backend: 'flit_core.buildapi',
        project: script('small_flit'),
      }),
      'small_flit.py': MODULE,
    },
    wheel: /^small_flit-1\.2\.0-py3-none-any\.whl$/,
    imports: ['small_flit'],
    commands: ['small --help'],
  },
  'poetry-core': {
    files: {
      ...COMMON,
      'pyproject.toml': `[build-system]\nrequires = ["poetry-core>=2"]\nbuild-backend = "poetry.core.masonry.api"\n
[tool.poetry]\nname = "small-poetry"\nversion = "1.2.0"\ndescription = "A small project"\nauthors = ["Nobody <nobody@example.org>"]\nlicense = "MIT"
readme = "README.md"\npackages = [{ include = "small_poetry.py" }]\n
[tool.poetry.dependencies]\npython = ">=3.9"\n\n[tool.poetry.scripts]\nsmall-poetry = "small_poetry:main"\n`,
      'small_poetry.py': MODULE,
    },
    wheel: /^small_poetry-1\.2\.0-py3-none-any\.whl$/,
    imports: ['small_poetry'],
    commands: ['small-poetry --help'],
  },
  'pdm-backend': {
    files: {
      ...COMMON,
      'pyproject.toml': pyproject({ name: 'small-pdm', requires: ['pdm-backend>=2.4'], backend: 'pdm.backend', project: script('small_pdm') }),
      'src/small_pdm/__init__.py': MODULE,
    },
    wheel: /^small_pdm-1\.2\.0-py3-none-any\.whl$/,
    imports: ['small_pdm'],
    commands: ['small --help'],
  },
  'uv-build': {
    files: {
      ...COMMON,
      'pyproject.toml': pyproject({ name: 'small-uv', requires: ['uv_build>=0.8'], backend: 'uv_build', project: script('small_uv') }),
      'src/small_uv/__init__.py': MODULE,
    },
    wheel: /^small_uv-1\.2\.0-py3-none-any\.whl$/,
    imports: ['small_uv'],
    commands: ['small --help'],
  },
  maturin: {
    files: {
      ...COMMON,
      'pyproject.toml': pyproject({
        name: 'small-rust',
        requires: ['maturin>=1.9,<2'],
        backend: 'maturin',
        tables: '[tool.maturin]\nbindings = "bin"\n',
      }),
      'Cargo.toml': '[package]\nname = "small-rust"\nversion = "1.2.0"\nedition = "2021"\n',
      'src/main.rs': 'fn main() {\n    println!("small");\n}\n',
    },
    needs: 'cargo',
    options: { install: { commands: [['small-rust']] } },
    commands: ['small-rust'],
    wheel: /^small_rust-1\.2\.0-py3-none-(linux|manylinux|macosx)\S+\.whl$/,
    imports: [],
  },
  'meson-python': {
    files: {
      ...COMMON,
      'pyproject.toml': pyproject({ name: 'small-meson', requires: ['meson-python>=0.18'], backend: 'mesonpy' }),
      'meson.build': `project('small-meson', 'c', version: '1.2.0')\npy = import('python').find_installation(pure: false)
py.extension_module('small_meson', 'small_meson.c', install: true)\n`,
      'small_meson.c': `#include <Python.h>\nstatic struct PyModuleDef definition = {PyModuleDef_HEAD_INIT, .m_name = "small_meson"};
PyMODINIT_FUNC PyInit_small_meson(void) { return PyModuleDef_Init(&definition); }\n`,
    },
    needs: 'cc',
    wheel: /^small_meson-1\.2\.0-cp3\d+-cp3\d+-\S+\.whl$/,
    imports: ['small_meson'],
  },
  'namespace-package': {
    files: {
      ...COMMON,
      'pyproject.toml': pyproject({
        name: 'acme-small',
        requires: ['hatchling>=1.27'],
        backend: 'hatchling.build',
        tables: '[tool.hatch.build.targets.wheel]\npackages = ["src/acme"]\n',
      }),
      'src/acme/small/__init__.py': MODULE,
    },
    wheel: /^acme_small-1\.2\.0-py3-none-any\.whl$/,
    imports: ['acme.small'],
  },
  'named-otherwise': {
    files: {
      ...COMMON,
      'pyproject.toml': pyproject({
        name: 'Small.Other-Name',
        requires: ['flit_core>=3.12'],
        backend: 'flit_core.buildapi',
        tables: '[tool.flit.module]\nname = "quite_different"\n',
      }),
      'quite_different.py': MODULE,
    },
    wheel: /^small_other_name-1\.2\.0-py3-none-any\.whl$/,
    imports: ['quite_different'],
  },
};
