"""Names every member of an archive, after reading it to its end: `tarfile` checks sums of headers, gzip those of data."""
import os
import sys

try:
    if sys.argv[1].endswith(".zip"):
        import zipfile

        with zipfile.ZipFile(sys.argv[1]) as archive:
            broken = archive.testzip()
            names = archive.namelist() if broken is None else sys.exit("damaged: " + broken)
    else:
        import tarfile

        with tarfile.open(sys.argv[1], "r|*") as archive:
            names = [member.name for member in archive]
except (ImportError, AttributeError) as error:
    sys.stderr.write("the Python of the bundle cannot read it: %s\n" % error)
    sys.exit(3)
except Exception as error:
    if type(error).__name__ in ("CompressionError", "ReadError") and sys.argv[1].endswith(".zst"):
        sys.stderr.write("the Python of the bundle cannot read it: %s\n" % error)
        sys.exit(3)
    raise
os.write(1, "\n".join(names).encode("utf-8", "surrogateescape"))
