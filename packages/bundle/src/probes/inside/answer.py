"""What an application's `--smoke-python` prints, for bundles whose launcher is the interpreter itself."""
import importlib
import json
import platform
import sys


def loaded_libpython():
    with open("/proc/self/maps", encoding="utf-8") as maps:
        for line in maps:
            if "/libpython" in line:
                return line[line.index("/"):].rstrip("\n")
    return None


imports = {}
for name in ("encodings", "json", "os"):
    imports[name] = getattr(importlib.import_module(name), "__file__", None) or "built-in"
print(json.dumps({
    "version": platform.python_version(),
    "prefix": sys.prefix,
    "executable": sys.executable,
    "libpython": loaded_libpython(),
    "imports": imports,
}))
