"""`studio [--host H] [--port P] | --smoke-python`."""

import argparse
import importlib
import json
import platform
import sys


def loaded_libpython():
    """The libpython that is mapped into this process, if it is a library of its own."""
    with open("/proc/self/maps", encoding="utf-8") as maps:
        for line in maps:
            if "/libpython" in line:
                return line[line.index("/") :].rstrip("\n")
    return None


def smoke() -> int:
    imports = {}
    for name in ("ssl", "sqlite3", "ctypes", "fastapi", "uvicorn", "pydantic_core", "studio.app"):
        imports[name] = getattr(importlib.import_module(name), "__file__", None) or "built-in"
    facts = {
        "version": platform.python_version(),
        "prefix": sys.prefix,
        "executable": sys.executable,
        "libpython": loaded_libpython(),
        "imports": imports,
    }
    print(json.dumps(facts))
    return 0


def serve(host: str, port: int) -> int:
    import uvicorn

    uvicorn.run("studio.app:app", host=host, port=port, log_level="info", timeout_graceful_shutdown=1)
    return 0


def main() -> int:
    parser = argparse.ArgumentParser(prog="studio")
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=8000)
    parser.add_argument("--smoke-python", action="store_true", help="print which Python runs, as JSON")
    options = parser.parse_args()
    return smoke() if options.smoke_python else serve(options.host, options.port)


if __name__ == "__main__":
    sys.exit(main())
