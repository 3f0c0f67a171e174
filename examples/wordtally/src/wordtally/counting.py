"""Words and how often they occur."""

from __future__ import annotations

import re
from collections import Counter
from typing import NamedTuple

# Letters with the apostrophes and hyphens inside a word: "don't" and "well-known" are one word each.
WORD = re.compile(r"[^\W\d_]+(?:['’-][^\W\d_]+)*")


class Count(NamedTuple):
    word: str
    times: int


def tally(text: str) -> list[Count]:
    """The words of a text in lower case, the most frequent first; words that are as frequent come in alphabetical order."""
    counts = Counter(word.casefold() for word in WORD.findall(text))
    return sorted((Count(word, times) for word, times in counts.items()), key=lambda count: (-count.times, count.word))
