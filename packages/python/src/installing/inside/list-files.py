"""Prints as JSON the files of every installed distribution, relative to the environment, with `/`."""

import json
import os
import sys
from importlib import metadata

prefix = os.path.realpath(sys.prefix)
places = [os.path.realpath(str(found.locate_file(file))) for found in metadata.distributions() for file in found.files or ()]
json.dump([os.path.relpath(place, prefix).replace(os.sep, "/") for place in places], sys.stdout)
