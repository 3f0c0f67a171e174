"""Gives what folders hold in the opposite order: whatever a build takes from there must be sorted by it. Loaded by every Python of the second build."""

import os

_listdir, _scandir = os.listdir, os.scandir


class _Listdir:
    """No function: `pathlib` of Python 3.9 and 3.10 has `os.listdir` as an attribute of a class, which would make a method of it."""

    def __call__(self, *args, **kwargs):
        return list(reversed(_listdir(*args, **kwargs)))


class _Scandir:
    """No function, as above."""

    def __call__(self, *args, **kwargs):
        return _Scan(*args, **kwargs)


class _Scan:
    """Like what `os.scandir` gives: an iterator that can be closed."""

    def __init__(self, *args, **kwargs):
        with _scandir(*args, **kwargs) as entries:
            self._entries = reversed(list(entries))

    def __iter__(self):
        return self

    def __next__(self):
        return next(self._entries)

    def __enter__(self):
        return self

    def __exit__(self, *ending):
        self.close()

    def close(self):
        self._entries = iter(())


os.listdir, os.scandir = _Listdir(), _Scandir()
