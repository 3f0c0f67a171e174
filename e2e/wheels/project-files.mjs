/** Texts that several projects of the wheel tests share. */

/** A module with a command, as small as it can be. */
export const MODULE = `"""A small module."""


def main():
    import argparse

    argparse.ArgumentParser(description=__doc__).parse_args()
`;

export const LICENCE = 'Do with it what you like.\n';
export const README = '# A small project\n\nWith a *README* in Markdown.\n';

/** `pyproject.toml` of PEP 621. `tables` come behind it as they are. */
export const pyproject = ({ name, version = '1.2.0', requires, backend, project = '', tables = '' }) => `[build-system]
requires = ${JSON.stringify(requires)}
build-backend = "${backend}"

[project]
name = "${name}"
${version === undefined || version === null ? 'dynamic = ["version"]' : `version = "${version}"`}
description = "A small project"
readme = "README.md"
requires-python = ">=3.9"
license = "MIT"
license-files = ["LICENSE"]
${project}

${tables}
`;

export const COMMON = { 'README.md': README, LICENSE: LICENCE };
