"""Prints as JSON the files of every installed distribution, relative to the environment, with `/`."""

import csv
import glob
import json
import os
import sys
import sysconfig


def places():
    """Absolute paths, as the RECORD of each distribution has them: `importlib.metadata` came with Python 3.8."""
    for folder in {sysconfig.get_path("purelib"), sysconfig.get_path("platlib")}:
        for record in glob.glob(os.path.join(folder, "*.dist-info", "RECORD")):
            with open(record, encoding="utf-8", newline="") as rows:
                for row in csv.reader(rows):
                    if row:
                        yield os.path.realpath(os.path.join(folder, row[0]))


prefix = os.path.realpath(sys.prefix)
json.dump([os.path.relpath(place, prefix).replace(os.sep, "/") for place in places()], sys.stdout)
