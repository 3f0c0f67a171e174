"""Counts the words of a text."""

from wordtally.counting import Count, tally

__all__ = ["Count", "tally"]
