import type { NewProject } from '@waybill/plugin-kit/generators';
import type { NxTarget } from '@waybill/plugin-kit';

const MAIN = `//! A native program that embeds Python: what it does stands in app.py.
use pyo3::exceptions::PySystemExit;
use pyo3::prelude::*;
use pyo3::types::PyList;
use std::env;
use std::ffi::CString;
use std::process::ExitCode;

const APP: &str = include_str!("app.py");

fn main() -> ExitCode {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let code = Python::attach(|py| match run(py, &arguments) {
        Ok(()) => 0,
        Err(error) => exit_code(py, error),
    });
    ExitCode::from(code)
}

/// Standard streams of Python are flushed before the program ends.
fn run(py: Python<'_>, arguments: &[String]) -> PyResult<()> {
    let app = PyModule::from_code(py, &CString::new(APP)?, c"app.py", c"app")?;
    let result = app.getattr("main")?.call1((PyList::new(py, arguments)?,)).map(|_| ());
    app.getattr("flush")?.call0()?;
    result
}

/// \`SystemExit\` keeps its code; any other exception is printed and gives 1, as Python itself does.
fn exit_code(py: Python<'_>, error: PyErr) -> u8 {
    if error.is_instance_of::<PySystemExit>(py) {
        let code = error.value(py).getattr("code").and_then(|code| code.extract::<u8>());
        return code.unwrap_or(1);
    }
    error.print(py);
    1
}
`;

const appModule = (name: string): string => `"""What ${name} does in Python."""

import json
import platform
import sys


def greeting(name):
    return f"Hello, {name}!"


def smoke():
    """Which Python runs, as JSON."""
    return json.dumps({"version": platform.python_version(), "prefix": sys.prefix, "executable": sys.executable})


def main(arguments):
    if arguments == ["--smoke-python"]:
        print(smoke())
    elif len(arguments) <= 1:
        print(greeting(arguments[0] if arguments else "world"))
    else:
        print("usage: ${name} [NAME] | --smoke-python", file=sys.stderr)
        raise SystemExit(2)


def flush():
    sys.stdout.flush()
    sys.stderr.flush()
`;

const TEST = `import json
import unittest

import app


class ProgramTest(unittest.TestCase):
    def test_greets_by_name(self):
        self.assertEqual(app.greeting("world"), "Hello, world!")

    def test_says_which_python_runs(self):
        self.assertIn("prefix", json.loads(app.smoke()))


if __name__ == "__main__":
    unittest.main()
`;

/** Crates have no dots in their names. */
const crateOf = (name: string): string => name.replaceAll('.', '-');

/** A Rust program that embeds Python with PyO3, answers the proof's `--smoke-python`, and has one test. */
export function embeddedAppFiles({ name, root }: NewProject): Readonly<Record<string, string>> {
  return {
    'Cargo.toml': `[package]
name = "${crateOf(name)}"
version = "0.1.0"
edition = "2021"
publish = false

[dependencies]
pyo3 = { version = "0.30.1", features = ["auto-initialize"] }

[profile.release]
debug = "line-tables-only"
`,
    '.gitignore': '__pycache__/\n.venv/\ntarget/\n',
    'README.md': `# ${name}

A native program that embeds Python: \`${name} NAME\` greets by name, \`${name} --smoke-python\` prints as JSON which Python it runs on; the
proof of the release reads it. What it does stands in \`src/app.py\`. Commit \`Cargo.lock\`: every build is made of the crates that it names.

When it needs packages of the index, lock them by hash, and name the file in \`package-linux\`: \`"requirements": "${root}/requirements.lock"\`.

\`\`\`sh
echo 'msgpack>=1.1' | uv pip compile --universal --generate-hashes --output-file ${root}/requirements.lock -
\`\`\`
`,
    'src/main.rs': MAIN,
    'src/app.py': appModule(name),
    'tests/test_app.py': TEST,
  };
}

/** Paths of the building machine stay out of the program, so that its bytes are the same everywhere. */
export function cargoTarget({ name, root }: NewProject): NxTarget {
  const remap = `--remap-path-prefix=\${CARGO_HOME:-$HOME/.cargo}=/cargo --remap-path-prefix=$PWD=/${name}`;
  return {
    executor: 'nx:run-commands',
    cache: true,
    inputs: ['waybillSources', 'waybillTools', { runtime: 'rustc --version --verbose' }, { externalDependencies: [] }],
    outputs: [`{projectRoot}/target/release/${crateOf(name)}`],
    options: { cwd: root, command: `RUSTFLAGS="${remap}" cargo build --release` },
  };
}
