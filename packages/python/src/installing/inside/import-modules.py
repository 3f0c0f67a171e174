"""Imports modules and writes what became of each: `import-modules.py OUTPUT MODULE…`, one JSON object a line, flushed as it happens, so that a
module that ends or hangs the process is known by the line that is missing."""

import importlib
import json
import os
import sys

try:
    from importlib import metadata
except ImportError:  # before Python 3.8
    metadata = None


def places_of(module):
    """Where the module came from: its file, or the folders of a namespace package; none for what is built in."""
    file = getattr(module, "__file__", None)
    found = [file] if file else list(getattr(module, "__path__", []))
    return [os.path.realpath(place) for place in found]


def missing_modules(error):
    """Names that could not be found, the first cause first: packages often turn the error into one of their own."""
    names, seen = [], set()
    while error is not None and id(error) not in seen:
        seen.add(id(error))
        if isinstance(error, ModuleNotFoundError) and error.name:
            names.insert(0, error.name)
        error = error.__cause__ or error.__context__
    return names


def attempt(name):
    try:
        return {"module": name, "places": places_of(importlib.import_module(name))}
    except BaseException as error:  # also SystemExit: a module that ends the interpreter is told as such
        message = "%s: %s" % (type(error).__name__, error)
        return {"module": name, "error": message, "missing": missing_modules(error)}


def main(output, names):
    with open(output, "a", encoding="utf-8") as lines:

        def tell(event):
            lines.write(json.dumps(event) + "\n")
            lines.flush()

        found = metadata.distributions() if metadata else []
        installed = sorted("%s %s" % (one.metadata["Name"], one.version) for one in found)
        tell({"prefix": os.path.realpath(sys.prefix), "installed": installed})
        for name in names:
            tell({"begins": name})
            tell(attempt(name))


main(sys.argv[1], sys.argv[2:])
