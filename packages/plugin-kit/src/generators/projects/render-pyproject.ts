import type { NewProject } from './place-project';

/** pyproject.toml of a new project in the src layout, with a range for what builds it. */
export const renderPyproject = ({ name, module, licence }: Pick<NewProject, 'name' | 'module' | 'licence'>): string => `[build-system]
requires = ["hatchling>=1.27,<2"]
build-backend = "hatchling.build"

[project]
name = "${name}"
version = "0.1.0"
description = "Greets by name"
readme = "README.md"
${licence === undefined ? '' : `license = "${licence}"\n`}requires-python = ">=3.9"
dependencies = []

[tool.hatch.build.targets.wheel]
packages = ["src/${module}"]
`;
