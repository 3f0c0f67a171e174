"""The command `wordtally`."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from wordtally.counting import tally


def parse_arguments(arguments: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="wordtally", description="Counts the words of a text, the most frequent first.")
    parser.add_argument("file", nargs="?", type=Path, help="text file in UTF-8 (default: standard input)")
    parser.add_argument("--most", type=int, metavar="N", help="print only the N most frequent words")
    return parser.parse_args(arguments)


def main(arguments: list[str] | None = None) -> None:
    options = parse_arguments(arguments)
    text = options.file.read_text(encoding="utf-8") if options.file else sys.stdin.read()
    for word, times in tally(text)[: options.most]:
        print(f"{times:7} {word}")


if __name__ == "__main__":
    main()
