"""Tells every member of an archive, one JSON line each, after reading it to its end: name, kind, mode, size, digest, link target."""
import json
import os
import stat
import sys


def tell(name, kind, mode, **more):
    more.update(path=name, kind=kind, mode=mode & 0o7777)
    lines.append(json.dumps(more))


def digest(stream):
    if stream is None:
        return {}
    total, state = 0, hashlib.sha256()
    for chunk in iter(lambda: stream.read(1 << 20), b""):
        total += len(chunk)
        state.update(chunk)
    return {"size": total, "sha256": state.hexdigest()}


def read_zip(path):
    import zipfile

    with zipfile.ZipFile(path) as archive:
        for info in archive.infolist():
            mode = info.external_attr >> 16
            if info.filename.endswith("/"):
                tell(info.filename, "directory", mode)
            elif stat.S_ISLNK(mode):
                tell(info.filename, "symlink", mode, target=archive.read(info).decode("utf-8", "surrogateescape"))
            else:
                with archive.open(info) as stream:
                    tell(info.filename, "file", mode, **digest(stream))


def read_tar(path):
    import tarfile

    with tarfile.open(path, "r|*") as archive:
        for member in archive:
            if member.isdir():
                tell(member.name, "directory", member.mode)
            elif member.issym():
                tell(member.name, "symlink", member.mode, target=member.linkname)
            elif member.isreg():
                tell(member.name, "file", member.mode, **digest(archive.extractfile(member)))
            else:
                tell(member.name, "special", member.mode)


lines = []
try:
    import hashlib

    (read_zip if sys.argv[1].endswith(".zip") else read_tar)(sys.argv[1])
except (ImportError, AttributeError) as error:
    sys.stderr.write("the Python of the bundle cannot read it: %s\n" % error)
    sys.exit(3)
except Exception as error:
    if type(error).__name__ in ("CompressionError", "ReadError") and sys.argv[1].endswith(".zst"):
        sys.stderr.write("the Python of the bundle cannot read it: %s\n" % error)
        sys.exit(3)
    raise
data = ("\n".join(lines) + "\n").encode("ascii")
while data:
    data = data[os.write(1, data):]
