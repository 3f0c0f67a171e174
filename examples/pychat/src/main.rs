//! A small program that embeds Python: a REPL, `-c CODE`, and `--smoke-python`, which says as JSON which Python it runs.
use pyo3::exceptions::PySystemExit;
use pyo3::prelude::*;
use pyo3::types::PyList;
use std::env;
use std::ffi::CString;
use std::process::ExitCode;

const PRELUDE: &str = include_str!("prelude.py");

fn main() -> ExitCode {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let code = Python::attach(|py| match run(py, &arguments) {
        Ok(()) => 0,
        Err(error) => exit_code(py, error),
    });
    ExitCode::from(code)
}

/// Runs what the arguments ask for. Python's standard streams are flushed before the program ends.
fn run(py: Python<'_>, arguments: &[String]) -> PyResult<()> {
    let prelude = PyModule::from_code(py, &CString::new(PRELUDE)?, c"prelude.py", c"prelude")?;
    prelude.setattr("loaded_libpython", loaded_libpython())?;
    let argv = PyList::new(py, arguments)?;
    let result = prelude.getattr("main")?.call1((argv,)).map(|_| ());
    prelude.getattr("flush")?.call0()?;
    result
}

/// `SystemExit` keeps its code; any other exception is printed and gives 1, as Python itself does.
fn exit_code(py: Python<'_>, error: PyErr) -> u8 {
    if error.is_instance_of::<PySystemExit>(py) {
        let code = error.value(py).getattr("code").and_then(|code| code.extract::<u8>());
        return code.unwrap_or(1);
    }
    error.print(py);
    1
}

/// The libpython that is mapped into this process.
fn loaded_libpython() -> Option<String> {
    let maps = std::fs::read_to_string("/proc/self/maps").ok()?;
    let line = maps.lines().find(|line| line.contains("/libpython"))?;
    line.find('/').map(|start| line[start..].to_string())
}
