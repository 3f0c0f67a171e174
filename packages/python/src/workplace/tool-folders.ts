/** Folders that tools keep for themselves, at any depth of a tree. */
export const TOOL_FOLDERS: readonly string[] = [
  '.git',
  '.hg',
  '.svn',
  '.nx',
  'node_modules',
  '__pycache__',
  '.mypy_cache',
  '.pytest_cache',
  '.ruff_cache',
  '.hypothesis',
  '.tox',
  '.nox',
  '.venv',
  'venv',
  'htmlcov',
];

/** What coverage writes while tests run, a file for each process: `.coverage`, `.coverage.host.4711.x`. Not its settings, `.coveragerc`. */
export const COVERAGE_DATA = /^\.coverage(\.|$)/;
