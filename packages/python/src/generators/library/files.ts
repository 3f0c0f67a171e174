import { renderPyproject, type NewProject } from '@waybill/plugin-kit/generators';

/** A library in the src layout, with a range for what builds it and one test. */
export function libraryFiles(project: NewProject): Readonly<Record<string, string>> {
  const { name, module } = project;
  return {
    'pyproject.toml': `${renderPyproject(project)}
[tool.hatch.build.targets.sdist]
only-include = ["src", "tests"]
`,
    'README.md': `# ${name}

Greets by name:

\`\`\`python
from ${module} import greeting

print(greeting("world"))
\`\`\`
`,
    [`src/${module}/__init__.py`]: `"""Greets by name."""

__all__ = ["greeting"]


def greeting(name: str) -> str:
    """The greeting for somebody."""
    return f"Hello, {name}!"
`,
    [`src/${module}/py.typed`]: '',
    [`tests/test_${module}.py`]: `import unittest

from ${module} import greeting


class GreetingTest(unittest.TestCase):
    def test_greets_by_name(self):
        self.assertEqual(greeting("world"), "Hello, world!")


if __name__ == "__main__":
    unittest.main()
`,
  };
}
