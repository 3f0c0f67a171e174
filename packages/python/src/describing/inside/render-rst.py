"""Renders standard input, UTF-8, as package indexes render reStructuredText: no includes, no raw HTML, and a warning is an end.

Argument: the folder of docutils and Pygments. Prints one JSON object: {} when it renders, else line (or null), level and message.
"""

import json
import sys

sys.path.insert(0, sys.argv[1])

from docutils.core import publish_parts
from docutils.utils import SystemMessage
from docutils.writers import html5_polyglot

WARNING = 2
NOTHING = 5


class Translator(html5_polyglot.HTMLTranslator):
    """Does not look at images for their size: they are not there, and that would be a warning."""

    def read_size_with_PIL(self, node):
        return None


def render(text):
    writer = html5_polyglot.Writer()
    writer.translator_class = Translator
    settings = {
        "doctitle_xform": False,
        "sectsubtitle_xform": False,
        "file_insertion_enabled": False,
        "halt_level": WARNING,
        "math_output": "MathJax /dummy.js",
        "raw_enabled": False,
        "report_level": NOTHING,
        "strip_comments": True,
        "syntax_highlight": "short",
    }
    try:
        parts = publish_parts(text, writer=writer, settings_overrides=dict(settings, warning_stream=False))
    except SystemMessage as error:
        return describe(str(error))
    if not (parts.get("docinfo", "") + parts.get("fragment", "")).strip():
        return {"line": None, "level": "WARNING", "message": "nothing is rendered of it"}
    return {}


def describe(text):
    place, _, rest = text.partition(": (")
    level, _, message = rest.partition(") ")
    line = place.rpartition(":")[2]
    return {
        "line": int(line) if line.isdigit() else None,
        "level": level.partition("/")[0],
        "message": message.strip() or text,
    }


print(json.dumps(render(sys.stdin.buffer.read().decode("utf-8", "replace"))))
