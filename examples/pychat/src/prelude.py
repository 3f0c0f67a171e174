"""What pychat does in Python: the REPL, -c and the smoke."""

import sys

loaded_libpython = None


def smoke():
    import importlib
    import json
    import platform

    imports = {}
    for name in ("ssl", "sqlite3", "ctypes", "zlib", "bz2", "lzma", "hashlib", "wordtally", "msgpack"):
        try:
            imports[name] = getattr(importlib.import_module(name), "__file__", None) or "built-in"
        except ImportError as error:
            imports[name] = f"missing: {error}"
    print(
        json.dumps(
            {
                "version": platform.python_version(),
                "prefix": sys.prefix,
                "executable": sys.executable,
                "libpython": loaded_libpython,
                "imports": imports,
            }
        )
    )
    if any(value.startswith("missing") for value in imports.values()):
        raise SystemExit(1)


def chat():
    import code

    from wordtally import tally

    code.interact(banner="Python, with tally(text) of wordtally; Ctrl-D ends it", local={"tally": tally}, exitmsg="bye")


def main(arguments):
    if arguments == ["--smoke-python"]:
        return smoke()
    if len(arguments) >= 2 and arguments[0] == "-c":
        sys.argv = ["-c", *arguments[2:]]
        return exec(compile(arguments[1], "<string>", "exec"), {"__name__": "__main__"})
    if arguments:
        print("usage: pychat [-c CODE [ARGUMENT ...] | --smoke-python]", file=sys.stderr)
        raise SystemExit(2)
    return chat()


def flush():
    sys.stdout.flush()
    sys.stderr.flush()
