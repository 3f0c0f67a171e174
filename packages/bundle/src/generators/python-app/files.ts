import { renderPyproject, type NewProject } from '@waybill/plugin-kit/generators';

/** A Python program that ships with its own interpreter, answers the proof's `--smoke-python`, and has one test. */
export function pythonAppFiles(project: NewProject): Readonly<Record<string, string>> {
  const { name, root, module } = project;
  return {
    'pyproject.toml': renderPyproject(project),
    'README.md': `# ${name}

\`${name} NAME\` greets by name. \`${name} --smoke-python\` prints as JSON which Python it runs on; the proof of the release reads it.

When the program needs packages of the index, name them in \`pyproject.toml\`, lock them by hash, and name the file in
\`package-linux\`: \`"requirements": "${root}/requirements.lock"\`.

\`\`\`sh
uv pip compile --universal --generate-hashes --output-file ${root}/requirements.lock ${root}/pyproject.toml
\`\`\`
`,
    [`src/${module}/__init__.py`]: '"""Greets by name."""\n',
    [`src/${module}/__main__.py`]: mainModule(project),
    [`tests/test_${module}.py`]: testModule(project),
  };
}

const mainModule = ({ name }: NewProject): string => `"""\`${name} [NAME] | --smoke-python\`."""

import argparse
import json
import platform
import sys


def greeting(name: str) -> str:
    return f"Hello, {name}!"


def smoke() -> str:
    """Which Python runs, as JSON."""
    return json.dumps({"version": platform.python_version(), "prefix": sys.prefix, "executable": sys.executable})


def main() -> int:
    parser = argparse.ArgumentParser(prog="${name}")
    parser.add_argument("name", nargs="?", default="world")
    parser.add_argument("--smoke-python", action="store_true", help="print which Python runs, as JSON")
    options = parser.parse_args()
    print(smoke() if options.smoke_python else greeting(options.name))
    return 0


if __name__ == "__main__":
    sys.exit(main())
`;

const testModule = ({ module }: NewProject): string => `import json
import unittest

from ${module}.__main__ import greeting, smoke


class ProgramTest(unittest.TestCase):
    def test_greets_by_name(self):
        self.assertEqual(greeting("world"), "Hello, world!")

    def test_says_which_python_runs(self):
        self.assertIn("prefix", json.loads(smoke()))


if __name__ == "__main__":
    unittest.main()
`;
