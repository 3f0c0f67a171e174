"""Runs in the bundle's own interpreter: says who it is, imports every extension module in a process of its own, tries the usual services.

drive-imports.py NONCE WORKERS BUNDLE SECONDS SERVICE,… MODULE…   SECONDS: what each process may take. One JSON line a fact on standard output, each with the nonce.
"""
import marshal
import os
import sys

NONCE, WORKERS, BUNDLE, SECONDS = sys.argv[1], int(sys.argv[2]), sys.argv[3], int(sys.argv[4])
SERVICES = [name for name in sys.argv[5].split(",") if name]
DECLARED = sys.argv[6:]

def quote(text):
    out = []
    for character in text:
        code = ord(character)
        if character in '"\\':
            out.append("\\" + character)
        elif 32 <= code < 127:
            out.append(character)
        elif code > 0xFFFF:
            code -= 0x10000
            out.append("\\u%04x\\u%04x" % (0xD800 + (code >> 10), 0xDC00 + (code & 0x3FF)))
        else:
            out.append("\\u%04x" % code)
    return '"' + "".join(out) + '"'


def encode(value):
    """JSON without the module `json`, which is among what is tried: a damaged `_json` would end this process."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (int, float)):
        return repr(value)
    if isinstance(value, dict):
        return "{" + ", ".join(quote(str(key)) + ": " + encode(item) for key, item in value.items()) + "}"
    if isinstance(value, (list, tuple)):
        return "[" + ", ".join(encode(item) for item in value) + "]"
    return quote(str(value))


def emit(kind, **facts):
    facts.update(nonce=NONCE, kind=kind)
    os.write(1, (encode(facts) + "\n").encode())


def mapped_files():
    files = set()
    with open("/proc/self/maps", encoding="utf-8", errors="surrogateescape") as maps:
        for line in maps:
            at = line.find("/")
            if at != -1:
                files.add(line[at:].rstrip("\n"))
    return sorted(files)


def emit_identity():
    emit(
        "identity",
        version=sys.version.split()[0].rstrip("+"),
        prefix=sys.prefix,
        base_prefix=sys.base_prefix,
        executable=sys.executable,
        os_file=os.__file__,
        path=[entry for entry in sys.path],
        maps=mapped_files(),
        cache_tag=sys.implementation.cache_tag,
    )


def extension_modules():
    """(module, file) of every extension module below sys.path, each once."""
    from importlib.machinery import EXTENSION_SUFFIXES

    suffixes = sorted(EXTENSION_SUFFIXES, key=len, reverse=True)
    roots = [os.path.realpath(entry) for entry in sys.path if entry and os.path.isdir(entry)]
    seen = set()
    for root in sorted(roots, key=len, reverse=True):
        for folder, folders, names in os.walk(root):
            folders[:] = sorted(name for name in folders if name.isidentifier() and name != "__pycache__")
            for name in sorted(names):
                suffix = next((end for end in suffixes if name.endswith(end)), None)
                path = os.path.join(folder, name)
                if suffix is None or path in seen:
                    continue
                seen.add(path)
                stem = name[: -len(suffix)]
                parts = [] if folder == root else os.path.relpath(folder, root).split(os.sep)
                if parts and parts[-1] == "lib-dynload":
                    parts = []
                if stem.isidentifier():
                    yield ".".join(parts + [stem]), path


def describe(error):
    text = "%s: %s" % (type(error).__name__, error)
    missing = isinstance(error, ModuleNotFoundError)
    return {"error": text[:400], "missing": getattr(error, "name", None) if missing else None}


def in_child(work):
    """Starts `work` in a fork; what it returns (a dict) comes back through a pipe. Returns what waits for it."""
    reader, writer = os.pipe()
    pid = os.fork()
    if pid == 0:
        import _signal

        _signal.alarm(SECONDS)
        os.close(reader)
        null = os.open(os.devnull, os.O_RDWR)
        for descriptor in (0, 1, 2):
            os.dup2(null, descriptor)
        try:
            result = work(writer)
        except BaseException as error:
            result = describe(error)
        if result is not None:
            os.write(writer, marshal.dumps(result))
        os._exit(0)
    os.close(writer)

    def wait():
        chunks = []
        while True:
            chunk = os.read(reader, 65536)
            if not chunk:
                break
            chunks.append(chunk)
        os.close(reader)
        _, status = os.waitpid(pid, 0)
        data = b"".join(chunks)
        if os.WIFSIGNALED(status):
            return {"signal": os.WTERMSIG(status)}
        return marshal.loads(data) if data else {"error": "the process ended without a result", "missing": None}

    return wait


def try_import(name):
    import importlib

    module = importlib.import_module(name)
    return {"file": getattr(module, "__file__", None)}


class Unfound:
    """The last finder: notes what no other finder found."""

    def __init__(self):
        self.names = []

    def find_spec(self, name, path=None, target=None):
        self.names.append(name)
        return None


def try_extension(name, path):
    """A module that refuses to come before another package, and names it (psycopg_binary), is tried again behind that one."""
    result = load_extension(name, path)
    before = packages_named(result.get("error"), name)
    if not before:
        return result
    for package in before:
        try:
            try_import(package)
        except Exception:
            pass
    again = load_extension(name, path)
    return result if "error" in again else again


def packages_named(text, name):
    """Third-party packages, beside its own, that the words of an error name."""
    library = os.path.dirname(os.__file__)
    folders = [entry for entry in sys.path if entry and entry != library and os.path.dirname(entry) != library]
    words = set((text or "").replace("'", " ").replace("`", " ").replace('"', " ").split()) - {name.partition(".")[0]}
    return sorted(word for word in words if any(os.path.isfile(os.path.join(folder, word, "__init__.py")) for folder in folders))


def loaded_by_another_name(name, path):
    """Has its package made a module of the file already, under a name that suits it (cv2)."""
    import gc

    others = [item for item in gc.get_objects() if isinstance(item, type(os)) and item.__dict__.get("__name__") != name]
    return any(os.path.realpath(item.__dict__.get("__file__") or "") == os.path.realpath(path) for item in others)


def load_extension(name, path):
    unfound = Unfound()
    try:
        # What its packages look for is not what it looks for.
        if "." in name:
            try_import(name.rpartition(".")[0])
        sys.meta_path.append(unfound)
        return try_import(name)
    except ImportError as error:
        # It was loaded and ran: what it imports needs it, and only another module can come first.
        if "partially initialized module" in str(error) and os.path.realpath(path) in mapped_files():
            return {"file": path, "circle": describe(error)["error"]}
        if loaded_by_another_name(name, path):
            return {"file": path}
        if "does not define module export function" not in str(error):
            return dict(describe(error), sought=unfound.names[-1] if unfound.names else None)
    finally:
        if unfound in sys.meta_path:
            sys.meta_path.remove(unfound)
    import ctypes

    ctypes.CDLL(path)
    return {"file": path, "library": True}


def try_group(package, modules):
    """Imports a package once, then each of its modules and packages in a fork: what the package loads is loaded once. Returns the result of each module."""
    try:
        try_import(package)
    except Exception:
        pass
    # From here on only children run, and each has a limit of its own.
    import _signal

    _signal.alarm(0)
    results, groups = {}, {}
    for name, path in modules:
        head, dot, _ = name[len(package) + 1 :].partition(".")
        if dot:
            groups.setdefault(package + "." + head, []).append((name, path))
        else:
            results[name] = in_child(lambda _writer: try_extension(name, path))()
    for inner, members in groups.items():
        results.update(results_of_group(inner, members))
    return results


def results_of_group(package, modules):
    if len(modules) > 1:
        results = in_child(lambda _writer: try_group(package, modules))()
        if "signal" not in results and "error" not in results:
            return results
    return {name: in_child(lambda _writer: try_extension(name, path))() for name, path in modules}


def run_all(jobs):
    """jobs: (label, work, deliver). At most WORKERS at a time, results in order."""
    waiting = []
    for work, deliver in jobs:
        if len(waiting) >= WORKERS:
            wait, done = waiting.pop(0)
            done(wait())
        waiting.append((in_child(work), deliver))
    for wait, done in waiting:
        done(wait())


def import_jobs():
    groups = {}
    for name, path in extension_modules():
        groups.setdefault(name.partition(".")[0] if "." in name else "", []).append((name, path))

    def deliver_one(name, path):
        return lambda result: emit("extension", module=name, path=path, **result)

    def deliver_group(modules):
        def deliver(results):
            if "signal" in results or "error" in results:
                run_all([(lambda _w, n=n, p=p: try_extension(n, p), deliver_one(n, p)) for n, p in modules])
                return
            for name, path in modules:
                emit("extension", module=name, path=path, **results[name])

        return deliver

    for package, modules in sorted(groups.items(), key=lambda item: -len(item[1])):
        if package == "" or len(modules) == 1:
            for name, path in modules:
                yield (lambda _w, n=name, p=path: try_extension(n, p)), deliver_one(name, path)
        else:
            yield (lambda _w, g=package, m=modules: try_group(g, m)), deliver_group(modules)
    for name in DECLARED:
        yield (lambda _w, n=name: try_import(n)), (lambda result, n=name: emit("declared", module=n, **result))


def standard_library():
    missing = {}
    for name in (
        "json re subprocess threading logging datetime decimal fractions collections functools itertools pathlib tempfile shutil argparse "
        "importlib.metadata importlib.resources email.message http.client urllib.request asyncio concurrent.futures hashlib hmac base64 struct "
        "zipfile tarfile csv configparser xml.etree.ElementTree html textwrap string traceback typing dataclasses enum inspect pickle copy random "
        "secrets uuid time calendar locale gettext codecs encodings.idna encodings.latin_1 socket select selectors signal queue weakref contextlib"
    ).split():
        try:
            try_import(name)
        except Exception as error:
            missing[name] = describe(error)
    return {"missing": missing}


def tls():
    import ssl

    context = ssl.create_default_context()
    return {"certificates": context.cert_store_stats()["x509_ca"], "library": ssl.OPENSSL_VERSION}


def sqlite():
    import sqlite3

    connection = sqlite3.connect(":memory:")
    return {"answer": connection.execute("select 6 * 7").fetchone()[0], "library": sqlite3.sqlite_version}


def zones():
    import datetime
    import zoneinfo

    zone = zoneinfo.ZoneInfo("Europe/Zurich")
    return {"answer": str(datetime.datetime(2020, 2, 2, tzinfo=zone).utcoffset())}


def terminals():
    import curses

    curses.setupterm("xterm", 1)
    return {"answer": True}


def tcl():
    import tkinter

    return {"answer": True, "library": tkinter.Tcl().eval("info patchlevel")}


def foreign_call():
    import ctypes

    return {"answer": ctypes.CDLL(None).getpid() == os.getpid()}


def child_python():
    import subprocess

    code = "import json, os, sys; print(json.dumps([sys.version, sys.prefix, os.__file__]))"
    import json

    result = subprocess.run([sys.executable, "-c", code], stdout=subprocess.PIPE, stderr=subprocess.PIPE, stdin=subprocess.DEVNULL)
    if result.returncode != 0:
        return {"error": result.stderr.decode("utf-8", "replace")[-300:], "missing": None}
    version, prefix, os_file = json.loads(result.stdout.decode())
    return {"answer": version == sys.version and prefix == sys.prefix, "executable": sys.executable, "prefix": prefix, "os_file": os_file}


def spawned():
    import multiprocessing

    context = multiprocessing.get_context("spawn")
    receiver, sender = context.Pipe(False)
    process = context.Process(target=send_version, args=(sender,))
    process.start()
    answer = receiver.recv() if receiver.poll(max(1, SECONDS - 5)) else None
    process.join(2)
    return {"answer": answer == [sys.version, sys.prefix], "exit": process.exitcode}


def send_version(sender):
    sender.send([sys.version, sys.prefix])


ALL = {"stdlib": standard_library, "tls": tls, "sqlite": sqlite, "zones": zones, "terminals": terminals, "tcl": tcl, "ctypes": foreign_call, "child": child_python, "spawn": spawned}


def service_jobs():
    for name in SERVICES:
        yield (lambda _w, n=name: ALL[n]()), (lambda result, n=name: emit("service", service=n, **result))


if __name__ == "__main__":
    emit_identity()
    run_all(list(service_jobs()) + list(import_jobs()))
    emit("end")
