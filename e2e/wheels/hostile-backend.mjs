/** A build backend in the project's own tree that does what it is told, good or bad: no download, no time. */

const BACKEND = `"""A backend that needs nothing. The end of the file plays the tricks."""
import base64
import gzip
import hashlib
import io
import os
import tarfile
import time
import zipfile

NAME, VERSION, TAG = "hostile", "1.0", "py3-none-any"
WHEEL_TAG, PURE = None, True
HEADERS = "Metadata-Version: 2.1\\nName: hostile\\nVersion: 1.0\\nSummary: A small project\\nLicense: MIT\\n"
METADATA = HEADERS + "Description-Content-Type: text/markdown\\n\\n# A small project\\n\\nWith a README.\\n"


def before(what):
    """Called before anything is made."""


def wheel_files():
    return {"hostile.py": open("hostile.py", "rb").read()}


def member_order(paths):
    return sorted(paths)


def member_time(path):
    return (2020, 2, 2, 0, 0, 0)


def member_mode(path):
    return 0o644


def gzip_time():
    return 0


def record_line(path, content):
    digest = base64.urlsafe_b64encode(hashlib.sha256(content).digest()).rstrip(b"=").decode()
    return f"{path},sha256={digest},{len(content)}\\n"


def write_wheel(directory, tag):
    info = f"{NAME}-{VERSION}.dist-info"
    files = dict(wheel_files())
    files[f"{info}/METADATA"] = METADATA.encode()
    files[f"{info}/WHEEL"] = f"Wheel-Version: 1.0\\nGenerator: hostile\\nRoot-Is-Purelib: {str(PURE).lower()}\\nTag: {WHEEL_TAG or tag}\\n".encode()
    record = "".join(record_line(path, content) for path, content in files.items()) + f"{info}/RECORD,,\\n"
    files[f"{info}/RECORD"] = record.encode()
    name = f"{NAME}-{VERSION}-{tag}.whl"
    with zipfile.ZipFile(os.path.join(directory, name), "w") as archive:
        for path in member_order(files):
            member = zipfile.ZipInfo(path, member_time(path))
            member.external_attr = (0o100000 | member_mode(path)) << 16
            archive.writestr(member, files[path])
    return name


def build_wheel(directory, config_settings=None, metadata_directory=None):
    before("wheel")
    return write_wheel(directory, TAG)


def build_sdist(directory, config_settings=None):
    before("sdist")
    top = f"{NAME}-{VERSION}"
    files = {name: open(name, "rb").read() for name in os.listdir(".") if os.path.isfile(name)}
    files["PKG-INFO"] = METADATA.encode()
    content = io.BytesIO()
    with tarfile.open(fileobj=content, mode="w") as archive:
        for name in sorted(files):
            member = tarfile.TarInfo(f"{top}/{name}")
            member.size, member.mtime = len(files[name]), 1580601600
            archive.addfile(member, io.BytesIO(files[name]))
    with open(os.path.join(directory, f"{top}.tar.gz"), "wb") as raw, gzip.GzipFile("", "wb", 9, raw, gzip_time()) as packed:
        packed.write(content.getvalue())
    return f"{top}.tar.gz"


`;

/** Files of a project whose backend is the above with `tricks` behind it. */
export const hostile = (tricks = '', more = {}) => ({
  'pyproject.toml': `[build-system]\nrequires = []\nbuild-backend = "backend"\nbackend-path = ["."]\n\n[project]\nname = "hostile"\nversion = "1.0"\n`,
  'backend.py': BACKEND + tricks,
  'hostile.py': 'value = 1\n',
  ...more,
});
