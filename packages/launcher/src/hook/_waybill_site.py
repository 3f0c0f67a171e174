"""Start hook of the Python in a Waybill bundle: runs at the end of every interpreter start, before any code of the application.

It gives the environment back as the user had it (an embedding program gets PYTHONHOME and, in the C locale, a UTF-8 locale from the
launcher), makes `sys.executable` the bundle's own interpreter, and puts the bundle's packages on `sys.path`. Imported by
`_waybill.pth` beside it. Outside a bundle (a folder with `share/waybill`) it does nothing. Python 3.9 to 3.15; loads no module that the start has not loaded already.
"""

import os
import sys


def _bundle_folder():
    """The folder above `python/runtime`, found by where this file lies; None outside a bundle."""
    folder = os.path.dirname(os.path.abspath(__file__))
    for _ in range(4):
        folder, name = os.path.split(folder)
        if name == "runtime" and os.path.basename(folder) == "python":
            bundle = os.path.dirname(folder)
            return bundle if os.path.isdir(os.path.join(bundle, "share", "waybill")) else None
    return None


def _restore_environment():
    """Undoes what the launcher set for the start only. Deleting from `os.environ` also tells the C library."""
    names = os.environ.pop("WAYBILL_PRIVATE", None)
    for name in names.split(":") if names else ():
        former = os.environ.pop("WAYBILL_WAS_" + name, None)
        if former is None:
            os.environ.pop(name, None)
        else:
            os.environ[name] = former


def _interpreter(runtime):
    if os.name == "nt":
        return os.path.join(runtime, "python.exe")
    return os.path.join(runtime, "bin", "python%d.%d" % sys.version_info[:2])


def _set_executable(runtime):
    """An embedding program has none, or the first `python3` on PATH. The interpreter itself and its environments stay as they are."""
    if sys.prefix != sys.base_prefix:
        return
    python = _interpreter(runtime)
    if os.path.dirname(sys.executable or "") != os.path.dirname(python) and os.path.exists(python):
        sys.executable = sys._base_executable = python


def _drop_user_site(runtime):
    """A plain child (`[sys.executable, "-c", …]`) has put the user's own packages before the bundle's."""
    import site

    if not site.ENABLE_USER_SITE or site.USER_SITE not in sys.path:
        return
    first = sys.path.index(site.USER_SITE)
    after = first + 1
    while after < len(sys.path) and not sys.path[after].startswith(runtime + os.sep):
        after += 1
    del sys.path[first:after]
    site.ENABLE_USER_SITE = False


def _add_packages(bundle):
    packages = os.path.join(bundle, "python", "vendor")
    if packages not in sys.path and os.path.isdir(packages):
        import site

        site.addsitedir(packages)


def _start():
    _restore_environment()
    bundle = _bundle_folder()
    if bundle is None:
        return
    runtime = os.path.join(bundle, "python", "runtime")
    _set_executable(runtime)
    _drop_user_site(runtime)
    _add_packages(bundle)


_start()
